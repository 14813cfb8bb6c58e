# candidate, par time, from the stub alone
import numpy as np


def confusion_matrix(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    if labels is None:
        labels = np.union1d(y_true, y_pred)
    if not (np.isin(y_true, labels).all() and np.isin(y_pred, labels).all()):
        raise ValueError("a label is not in labels")
    n = len(labels)
    order = np.argsort(labels)
    rows = order[np.searchsorted(labels, y_true, sorter=order)]
    cols = order[np.searchsorted(labels, y_pred, sorter=order)]
    counts = np.bincount(rows * n + cols, minlength=n * n).reshape(n, n)
    if normalize is None:
        return counts
    if normalize == "true":
        total = counts.sum(axis=1, keepdims=True)
    elif normalize == "pred":
        total = counts.sum(axis=0, keepdims=True)
    else:
        total = counts.sum()
    return counts / np.maximum(total, 1)
