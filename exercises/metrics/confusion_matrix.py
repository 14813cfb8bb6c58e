# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- confusion_matrix
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

import numpy as np


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
    raise NotImplementedError
