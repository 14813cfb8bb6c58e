# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- precision_recall_f1
"""Precision, recall and F1, for each class and averaged.

For one class, TP samples of it are predicted as it, FP samples of other classes are predicted as it, and FN samples of
it are predicted as another class:

    precision = TP / (TP + FP)        recall = TP / (TP + FN)        F1 = 2 TP / (2 TP + FP + FN)

Where a denominator is 0, that score is zero_division, in averages too. So F1 is 0 if TP is 0 and FP or FN is not,
whatever zero_division is.

Averages over the classes, which are all labels that are in y_true or in y_pred:

    "binary"      no average: the scores of class 1, where the labels are 0 and 1
    "micro"       sum TP, FP and FN over the classes first, then apply the formulas
    "macro"       the mean of each score: macro F1 is the mean of the classes' F1
    "weighted"    like macro, with weights: the number of samples of the class in y_true

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), sections 8.3 and 13.6. Conventions
are those of scikit-learn's precision_recall_fscore_support.

Strict
------
- ValueError if the lengths differ, or average is another word.
"""

from typing import NamedTuple

import numpy as np


class ClassScores(NamedTuple):
    """Three arrays with one entry for each class, in ascending order of the labels."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


class Scores(NamedTuple):
    """Three averages."""

    precision: float
    recall: float
    f1: float


def precision_recall_f1_per_class(y_true: np.ndarray, y_pred: np.ndarray, zero_division: float = 0.0) -> ClassScores:
    """Return the scores of every class.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)
        Labels are any integers. At least one sample.
    zero_division : float
        0 or 1.

    Examples
    --------
    Class 2 is never predicted.

    >>> y_true, y_pred = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    >>> precision, recall, f1 = precision_recall_f1_per_class(y_true, y_pred, zero_division=1.0)
    >>> precision.round(3), recall, f1.round(3)
    (array([1.   , 0.333, 1.   ]), array([0.5, 1. , 0. ]), array([0.667, 0.5  , 0.   ]))
    """
    raise NotImplementedError


def precision_recall_f1(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    average: str = "binary",
    zero_division: float = 0.0,
) -> Scores:
    """Return the averaged scores.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n_samples,)
    average : {"binary", "micro", "macro", "weighted"}
    zero_division : float
        0 or 1.

    Raises
    ------
    ValueError
        If average is "binary" and a label is neither 0 nor 1.

    Examples
    --------
    >>> y_true, y_pred = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    >>> precision_recall_f1(y_true, y_pred, average="micro")
    Scores(precision=0.5, recall=0.5, f1=0.5)
    >>> [round(score, 3) for score in precision_recall_f1(y_true, y_pred, average="macro")]
    [0.444, 0.5, 0.389]
    """
    raise NotImplementedError
