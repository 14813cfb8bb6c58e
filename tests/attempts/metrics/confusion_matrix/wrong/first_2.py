# wrong (core): a label that is not in labels raises only if it lies outside of their range; one between two labels is counted for the next higher one
# shown by: confusion_matrix(np.array([1, 3, 5]), np.array([1, 5, 5]), labels=np.array([1, 5])); right ValueError, this array([[1, 0], [0, 2]])
"""The confusion matrix: which class is taken for which, and how often."""

import numpy as np


def confusion_matrix(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    """Return the confusion matrix."""
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError("y_true and y_pred must have the same length")
    if normalize not in (None, "true", "pred", "all"):
        raise ValueError("unknown normalize")
    if labels is None:
        labels = np.union1d(y_true, y_pred)
    labels = np.asarray(labels)
    present = np.union1d(y_true, y_pred)
    if len(present) and (present[0] < labels.min() or present[-1] > labels.max()):
        raise ValueError("a label is not in labels")
    n_labels = len(labels)
    order = np.argsort(labels)
    rows = order[np.searchsorted(labels, y_true, sorter=order)]
    columns = order[np.searchsorted(labels, y_pred, sorter=order)]
    counts = np.zeros((n_labels, n_labels), dtype=np.int64)
    np.add.at(counts, (rows, columns), 1)
    if normalize is None:
        return counts
    if normalize == "true":
        total = counts.sum(axis=1, keepdims=True)
    elif normalize == "pred":
        total = counts.sum(axis=0, keepdims=True)
    else:
        total = counts.sum()
    return counts / np.maximum(total, 1)
