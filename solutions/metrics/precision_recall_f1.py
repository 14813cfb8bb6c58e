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

from collections import Counter
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
    return ClassScores(*_scores(*_counts(y_true, y_pred), zero_division))


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
    counts = tp, _, actual = _counts(y_true, y_pred)
    if average == "binary":
        if not np.isin([y_true, y_pred], [0, 1]).all():
            raise ValueError("binary scores need labels 0 and 1")
        scores = _scores((y_true * y_pred).sum(), y_pred.sum(), y_true.sum(), zero_division)
    elif average == "micro":
        scores = _scores(*np.sum(counts, axis=1), zero_division)
    elif average in ("macro", "weighted"):
        weights = actual if average == "weighted" else np.ones(len(tp))
        scores = np.average(_scores(*counts, zero_division), axis=1, weights=weights)
    else:
        raise ValueError(f"average is {average!r}; it has to be binary, micro, macro or weighted")
    return Scores(*map(float, scores))


def _counts(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return TP, TP + FP and TP + FN of every class."""
    if len(y_true) != len(y_pred):
        raise ValueError(f"y_true has {len(y_true)} labels and y_pred has {len(y_pred)}")
    classes, place = np.unique(np.append(y_true, y_pred), return_inverse=True)
    true, pred = place[: len(y_true)], place[len(y_true) :]
    return tuple(np.bincount(which, minlength=len(classes)) for which in (true[true == pred], pred, true))


def _scores(tp: np.ndarray, predicted: np.ndarray, actual: np.ndarray, zero_division: float) -> np.ndarray:
    """Return precision, recall and F1, with TP + FP predicted and TP + FN actual samples."""
    above, below = (tp, tp, 2 * tp), np.array([predicted, actual, predicted + actual])
    return np.divide(above, below, out=np.full(below.shape, float(zero_division)), where=below > 0)


def precision_recall_f1_per_class_via_matrix(
    y_true: np.ndarray, y_pred: np.ndarray, zero_division: float = 0.0
) -> ClassScores:
    """Read all counts off the confusion matrix: its diagonal, its columns and its rows."""
    classes = np.union1d(y_true, y_pred)
    truth, prediction = ((y[:, np.newaxis] == classes).astype(float) for y in (y_true, y_pred))
    matrix = truth.T @ prediction
    right, columns, rows = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    precision, recall = np.full((2, len(classes)), float(zero_division))
    np.divide(right, columns, out=precision, where=columns > 0)
    np.divide(right, rows, out=recall, where=rows > 0)
    # Every class is true or predicted somewhere, so rows + columns is never 0.
    return ClassScores(precision, recall, 2 * right / (rows + columns))


def precision_recall_f1_per_class_via_counter(
    y_true: np.ndarray, y_pred: np.ndarray, zero_division: float = 0.0
) -> ClassScores:
    """Count right predictions and both kinds of errors, one sample at a time; F1 is the harmonic mean."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for true, pred in zip(y_true.tolist(), y_pred.tolist(), strict=True):
        right[true] += true == pred
        missed[true] += true != pred
        wrong[pred] += true != pred
    rows = []
    for label in sorted({*right, *wrong}):
        tp, fp, fn = right[label], wrong[label], missed[label]
        precision = tp / (tp + fp) if tp + fp else zero_division
        recall = tp / (tp + fn) if tp + fn else zero_division
        rows.append((precision, recall, 2 / (1 / precision + 1 / recall) if tp else 0.0))
    return ClassScores(*map(np.array, zip(*rows, strict=True)))


def precision_recall_f1_via_masks(
    y_true: np.ndarray, y_pred: np.ndarray, average: str = "binary", zero_division: float = 0.0
) -> Scores:
    """Pick out the samples of one class after the other, and average by adding up."""
    if len(y_true) != len(y_pred):
        raise ValueError("y_true and y_pred differ in length")
    found = set(y_true.tolist()) | set(y_pred.tolist())
    if average == "binary" and not found <= {0, 1}:
        raise ValueError("binary scores need labels 0 and 1")
    table = []
    for label in [1] if average == "binary" else found:
        true, pred = y_true == label, y_pred == label
        table.append([int((true & pred).sum()), int((~true & pred).sum()), int((true & ~pred).sum())])
    if average == "micro":
        table = [[sum(column) for column in zip(*table, strict=True)]]
    elif average not in ("binary", "macro", "weighted"):
        raise ValueError(f"there is no average {average!r}")
    weights = [(tp + fn) ** (average == "weighted") for tp, _, fn in table]
    totals = [0.0, 0.0, 0.0]
    for (tp, fp, fn), weight in zip(table, weights, strict=True):
        for which, (above, below) in enumerate([(tp, tp + fp), (tp, tp + fn), (2 * tp, 2 * tp + fp + fn)]):
            totals[which] += weight * (above / below if below else zero_division)
    return Scores(*(total / sum(weights) for total in totals))
