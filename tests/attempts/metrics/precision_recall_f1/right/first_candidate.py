# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class ClassScores(NamedTuple):
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


class Scores(NamedTuple):
    precision: float
    recall: float
    f1: float


def _counts(y_true, y_pred, labels):
    tp = np.array([np.sum((y_true == c) & (y_pred == c)) for c in labels])
    fp = np.array([np.sum((y_true != c) & (y_pred == c)) for c in labels])
    fn = np.array([np.sum((y_true == c) & (y_pred != c)) for c in labels])
    return tp, fp, fn


def _divide(a, b, zero_division):
    return np.where(b == 0, zero_division, a / np.maximum(b, 1))


def _scores(tp, fp, fn, zero_division):
    return (
        _divide(tp, tp + fp, zero_division),
        _divide(tp, tp + fn, zero_division),
        _divide(2 * tp, 2 * tp + fp + fn, zero_division),
    )


def precision_recall_f1_per_class(y_true: np.ndarray, y_pred: np.ndarray, zero_division: float = 0.0) -> ClassScores:
    labels = np.union1d(y_true, y_pred)
    return ClassScores(*_scores(*_counts(y_true, y_pred, labels), zero_division))


def precision_recall_f1(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    average: str = "binary",
    zero_division: float = 0.0,
) -> Scores:
    labels = np.union1d(y_true, y_pred)
    if average == "binary":
        if not np.isin(labels, [0, 1]).all():
            raise ValueError("binary needs labels 0 and 1")
        tp, fp, fn = _counts(y_true, y_pred, [1])
        return Scores(*(float(s[0]) for s in _scores(tp, fp, fn, zero_division)))
    tp, fp, fn = _counts(y_true, y_pred, labels)
    if average == "micro":
        return Scores(*(float(s) for s in _scores(tp.sum(), fp.sum(), fn.sum(), zero_division)))
    weights = tp + fn if average == "weighted" else None
    return Scores(*(float(np.average(s, weights=weights)) for s in _scores(tp, fp, fn, zero_division)))
