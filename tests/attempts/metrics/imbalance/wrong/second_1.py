# wrong (core): on a tie the label that comes first in y_train wins
"""Scores for imbalanced classes: the majority baseline, balanced accuracy and the Matthews correlation (MCC).

A model that always predicts the largest class has a high accuracy. Compare with that baseline, or use another score.
With n samples, c of them right, t_k samples of class k and p_k predictions of class k:

    balanced accuracy = mean of (right predictions of class k) / t_k over the classes with t_k > 0
    MCC = (n * c - sum_k t_k * p_k) / sqrt((n**2 - sum_k p_k**2) * (n**2 - sum_k t_k**2))

MCC is 0 if y_true or y_pred holds one class only, where the denominator is 0. For two classes it is the usual

    MCC = (TP * TN - FP * FN) / sqrt((TP + FP) * (TP + FN) * (TN + FP) * (TN + FN))

With 100,000 samples and more, products of four counts exceed the range of 64-bit integers.

Sources: Brodersen et al., The balanced accuracy and its posterior distribution (2010); Gorodkin, Comparing two
K-category assignments by a K-category correlation coefficient (2004).

Strict
------
- ValueError if the lengths of y_true and y_pred differ, or an array is empty.
"""

import math
from collections import Counter
from typing import NamedTuple

import numpy as np


def _check(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if len(y_true) != len(y_pred) or len(y_true) == 0:
        raise ValueError("lengths differ, or empty")
    return y_true, y_pred


class Baseline(NamedTuple):
    """The label that is always predicted, and the share of the test samples on which that is right."""

    label: int
    accuracy: float


def majority_baseline(y_train: np.ndarray, y_test: np.ndarray) -> Baseline:
    """Return the most frequent label of the training set and its accuracy on the test set.

    Parameters
    ----------
    y_train : array of int of shape (n_train,)
        Labels are any integers. On a tie the lowest label wins.
    y_test : array of int of shape (n_test,)
        Labels may be missing from y_train.

    Examples
    --------
    >>> majority_baseline(np.array([5, 2, 2, 5, 7]), np.array([2, 5, 5, 5]))
    Baseline(label=2, accuracy=0.25)
    """
    y_train, y_test = np.asarray(y_train), np.asarray(y_test)
    if len(y_train) == 0 or len(y_test) == 0:
        raise ValueError("empty")
    label = int(Counter(y_train.tolist()).most_common(1)[0][0])
    return Baseline(label, float(np.mean(y_test == label)))


def balanced_accuracy(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return the mean over the classes in y_true of the share of their samples that is predicted right.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)
        A class may be in one of them only.

    Examples
    --------
    >>> balanced_accuracy(np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 2, 0]))  # the mean of 3/4 and 0
    0.375
    """
    y_true, y_pred = _check(y_true, y_pred)
    classes = np.unique(y_true)
    return float(np.mean([np.mean(y_pred[y_true == k] == k) for k in classes]))


def matthews_corrcoef(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return the Matthews correlation of two or more classes, from -1 to 1.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)

    Examples
    --------
    >>> round(matthews_corrcoef(np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0])), 6)  # (2 * 1 - 0 * 1) / sqrt(12)
    0.57735
    >>> matthews_corrcoef(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.0
    """
    y_true, y_pred = _check(y_true, y_pred)
    classes = np.union1d(y_true, y_pred)
    n, c = len(y_true), int((y_true == y_pred).sum())
    t = [int((y_true == k).sum()) for k in classes]
    p = [int((y_pred == k).sum()) for k in classes]
    a, b = n**2 - sum(v * v for v in p), n**2 - sum(v * v for v in t)
    if a == 0 or b == 0:
        return 0.0
    return float((n * c - sum(i * j for i, j in zip(t, p))) / math.sqrt(a * b))
