"""The confusion matrix: which class is taken for which, and how often.

The matrix has a row and a column for each label, in the order of labels. Rows are the truth, columns the prediction:

    C[i, j] = number of samples with y_true == labels[i] and y_pred == labels[j]

Counts can be divided by a total, so that they become shares:

    normalize="true"    of row i:       C[i, j] / sum_k C[i, k]
    normalize="pred"    of column j:    C[i, j] / sum_k C[k, j]
    normalize="all"     of all:         C[i, j] / n_samples

0 / 0 counts as 0: a class without samples has a row of zeros, a class that is never predicted a column of zeros.

Source: scikit-learn documentation of sklearn.metrics.confusion_matrix, whose conventions these are.
"""

from collections import Counter

import numpy as np

AXES = {"true": 1, "pred": 0, "all": None}


def confusion_matrix(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    """Return the confusion matrix.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)
        Labels are any integers. At least one sample.
    labels : array of int of shape (n_labels,), optional
        Distinct labels in any order; some may have no sample. By default all labels that are in y_true or in y_pred,
        in ascending order.
    normalize : {"true", "pred", "all"}, optional
        By default the counts are returned.

    Returns
    -------
    array of shape (n_labels, n_labels)

    Raises
    ------
    ValueError
        If y_true or y_pred has a label that is not in labels. (scikit-learn drops such a sample without a word.)

    Strict
    ------
    - ValueError if the lengths differ, or normalize is another word.

    Examples
    --------
    >>> y_true, y_pred = np.array([7, 7, 7, -1]), np.array([7, -1, 7, -1])
    >>> confusion_matrix(y_true, y_pred)  # the first row is that of -1
    array([[1, 0],
           [1, 2]])
    >>> confusion_matrix(y_true, y_pred, labels=np.array([7, 3, -1]), normalize="pred")
    array([[1. , 0. , 0.5],
           [0. , 0. , 0. ],
           [0. , 0. , 0.5]])
    """
    labels = _check(y_true, y_pred, labels, normalize)
    order = np.argsort(labels)
    row, column = (order[np.searchsorted(labels, y, sorter=order)] for y in (y_true, y_pred))
    cells = len(labels) ** 2
    counts = np.bincount(row * len(labels) + column, minlength=cells).reshape(len(labels), len(labels))
    if normalize is None:
        return counts
    return counts / np.maximum(counts.sum(axis=AXES[normalize], keepdims=True), 1)


def _check(y_true: np.ndarray, y_pred: np.ndarray, labels: np.ndarray | None, normalize: str | None) -> np.ndarray:
    """Return the labels of the matrix, once the arguments are found fit."""
    if len(y_true) != len(y_pred):
        raise ValueError(f"y_true has {len(y_true)} labels and y_pred has {len(y_pred)}")
    if normalize not in (None, *AXES):
        raise ValueError(f"normalize is {normalize!r}; it has to be one of {', '.join(AXES)}")
    found = np.union1d(y_true, y_pred)
    if labels is None:
        return found
    unknown = np.setdiff1d(found, labels)
    if unknown.size:
        raise ValueError(f"the label {unknown[0]} is in y_true or y_pred, and not in labels")
    return labels


def confusion_matrix_via_one_hot(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    """Multiply the one-hot truth, transposed, by the one-hot prediction."""
    labels = _check(y_true, y_pred, labels, normalize)
    truth, prediction = ((y[:, np.newaxis] == labels).astype(float) for y in (y_true, y_pred))
    if normalize == "true":
        truth /= np.maximum(truth.sum(axis=0), 1)
    elif normalize == "pred":
        prediction /= np.maximum(prediction.sum(axis=0), 1)
    elif normalize == "all":
        truth /= len(truth)
    return truth.T @ prediction


def confusion_matrix_via_counter(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    """Count pairs in a dictionary, then look up each cell and its total."""
    names = _check(y_true, y_pred, labels, normalize).tolist()
    truth, prediction = y_true.tolist(), y_pred.tolist()
    pairs, of_truth, of_prediction = Counter(zip(truth, prediction, strict=True)), Counter(truth), Counter(prediction)

    def total(i: int, j: int) -> int:
        return {None: 1, "true": of_truth[i], "pred": of_prediction[j], "all": len(truth)}[normalize]

    cells = [pairs[i, j] / total(i, j) if pairs[i, j] else 0 for i in names for j in names]
    return np.array(cells).reshape(len(names), len(names))


def confusion_matrix_via_adding(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    labels: np.ndarray | None = None,
    normalize: str | None = None,
) -> np.ndarray:
    """Add 1 to a cell for each sample, where a cell may come up many times."""
    labels = _check(y_true, y_pred, labels, normalize)
    row, column = ((y[:, np.newaxis] == labels).nonzero()[1] for y in (y_true, y_pred))
    matrix = np.zeros((len(labels), len(labels)))
    np.add.at(matrix, (row, column), 1)
    if normalize is not None:
        total = matrix.sum(axis=AXES[normalize], keepdims=True)
        np.divide(matrix, total, out=matrix, where=total > 0)
    return matrix
