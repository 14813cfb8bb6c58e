# wrong (core): the counts are a product of one-hot matrices of uint8, so that a cell wraps around at 256 samples
# shown by: confusion_matrix(np.repeat([0, 1], [300, 50]), np.repeat([0, 1], [300, 50])); right array([[300, 0], [ 0, 50]]), this array([[44, 0], [ 0, 50]])
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
    rows = (y_true == labels.reshape(n_labels, 1)).astype(np.uint8)
    columns = (y_pred == labels.reshape(n_labels, 1)).astype(np.uint8)
    counts = (rows @ columns.T).astype(np.int64)
    if normalize is None:
        return counts
    if normalize == "true":
        total = counts.sum(axis=1, keepdims=True)
    elif normalize == "pred":
        total = counts.sum(axis=0, keepdims=True)
    else:
        total = counts.sum()
    return counts / np.maximum(total, 1)
