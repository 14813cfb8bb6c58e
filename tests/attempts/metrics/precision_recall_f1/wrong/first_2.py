# wrong (core): micro F1 is the harmonic mean of micro precision and recall, with zero_division if both are 0, though it is 0 then
# shown by: precision_recall_f1(np.array([0, 1, 2]), np.array([1, 2, 0]), average="micro", zero_division=1.0); right Scores(precision=0.0, recall=0.0, f1=0.0), this Scores(precision=0.0, recall=0.0, f1=1.0)
"""Precision, recall and F1, for each class and averaged."""

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


def _ratio(numerator: np.ndarray, denominator: np.ndarray, zero_division: float) -> np.ndarray:
    numerator = np.asarray(numerator, dtype=float)
    answer = np.full(numerator.shape, float(zero_division))
    np.divide(numerator, denominator, out=answer, where=np.asarray(denominator) > 0)
    return answer


def _scores(tp: np.ndarray, fp: np.ndarray, fn: np.ndarray, zero_division: float) -> tuple:
    precision = _ratio(tp, tp + fp, zero_division)
    recall = _ratio(tp, tp + fn, zero_division)
    f1 = _ratio(2 * tp, 2 * tp + fp + fn, zero_division)
    return precision, recall, f1


def _counts(y_true: np.ndarray, y_pred: np.ndarray, labels: np.ndarray) -> tuple:
    is_true = y_true == labels[:, None]
    is_pred = y_pred == labels[:, None]
    tp = (is_true & is_pred).sum(axis=1)
    return tp, is_pred.sum(axis=1) - tp, is_true.sum(axis=1) - tp


def _check(y_true: np.ndarray, y_pred: np.ndarray) -> None:
    if y_true.shape != y_pred.shape:
        raise ValueError("y_true and y_pred must have the same length")


def precision_recall_f1_per_class(y_true: np.ndarray, y_pred: np.ndarray, zero_division: float = 0.0) -> ClassScores:
    """Return the scores of every class."""
    _check(y_true, y_pred)
    labels = np.union1d(y_true, y_pred)
    return ClassScores(*_scores(*_counts(y_true, y_pred, labels), zero_division))


def precision_recall_f1(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    average: str = "binary",
    zero_division: float = 0.0,
) -> Scores:
    """Return the averaged scores."""
    _check(y_true, y_pred)
    labels = np.union1d(y_true, y_pred)
    if average == "binary":
        if not np.isin(labels, [0, 1]).all():
            raise ValueError("binary needs the labels 0 and 1")
        tp, fp, fn = _counts(y_true, y_pred, np.array([1]))
        return Scores(*(float(score[0]) for score in _scores(tp, fp, fn, zero_division)))
    tp, fp, fn = _counts(y_true, y_pred, labels)
    if average == "micro":
        precision, recall, _ = (float(score) for score in _scores(tp.sum(), fp.sum(), fn.sum(), zero_division))
        f1 = 2 * precision * recall / (precision + recall) if precision + recall > 0 else float(zero_division)
        return Scores(precision, recall, f1)
    if average == "macro":
        weights = np.ones(len(labels))
    elif average == "weighted":
        weights = tp + fn
    else:
        raise ValueError("unknown average")
    return Scores(*(float(np.average(score, weights=weights)) for score in _scores(tp, fp, fn, zero_division)))
