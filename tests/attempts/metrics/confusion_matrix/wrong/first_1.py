# wrong (core): indices among the sorted labels are mapped back with the inverse permutation, which is the same only if the order of labels is its own inverse (sorted, reversed, two swapped)
# shown by: confusion_matrix(np.array([3, 5, 1, 3]), np.array([3, 5, 1, 1]), labels=np.array([3, 5, 1])); right array([[1, 0, 1], [0, 1, 0], [0, 0, 1]]), this array([[1, 0, 0], [0, 1, 0], [0, 1, 1]])
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
    if not (np.isin(y_true, labels).all() and np.isin(y_pred, labels).all()):
        raise ValueError("a label is not in labels")
    n_labels = len(labels)
    order = np.argsort(labels)
    place = np.argsort(order)
    rows = place[np.searchsorted(labels, y_true, sorter=order)]
    columns = place[np.searchsorted(labels, y_pred, sorter=order)]
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
