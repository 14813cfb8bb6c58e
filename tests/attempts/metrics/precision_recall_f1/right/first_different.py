# different style; both bars
import math
from collections import Counter
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


def _ratio(a, b, zero_division):
    return a / b if b else float(zero_division)


def _triple(hits, called, actual, zero_division):
    # TP + FP = called, TP + FN = actual, hence 2 TP + FP + FN = called + actual.
    return (
        _ratio(hits, called, zero_division),
        _ratio(hits, actual, zero_division),
        _ratio(2 * hits, called + actual, zero_division),
    )


def _tally(y_true, y_pred):
    truth, guess = np.asarray(y_true).tolist(), np.asarray(y_pred).tolist()
    if len(truth) != len(guess):
        raise ValueError("y_true and y_pred differ in length")
    hits = Counter(t for t, g in zip(truth, guess) if t == g)
    return hits, Counter(guess), Counter(truth)


def precision_recall_f1_per_class(y_true: np.ndarray, y_pred: np.ndarray, zero_division: float = 0.0) -> ClassScores:
    hits, called, actual = _tally(y_true, y_pred)
    classes = sorted(set(called) | set(actual))
    table = np.array([_triple(hits[c], called[c], actual[c], zero_division) for c in classes], dtype=np.float64)
    return ClassScores(*table.reshape(len(classes), 3).T.copy())


def precision_recall_f1(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    average: str = "binary",
    zero_division: float = 0.0,
) -> Scores:
    if average not in ("binary", "micro", "macro", "weighted"):
        raise ValueError("average must be 'binary', 'micro', 'macro' or 'weighted'")
    hits, called, actual = _tally(y_true, y_pred)
    classes = sorted(set(called) | set(actual))
    n = sum(actual.values())
    if average == "binary":
        if not set(classes) <= {0, 1}:
            raise ValueError("a label is neither 0 nor 1")
        return Scores(*_triple(hits[1], called[1], actual[1], zero_division))
    if average == "micro":
        return Scores(*_triple(sum(hits.values()), n, n, zero_division))
    # Without samples both means are 0 / 0.
    sums = [[], [], []]
    for c in classes:
        weight = 1 if average == "macro" else actual[c]
        for terms, score in zip(sums, _triple(hits[c], called[c], actual[c], zero_division)):
            terms.append(weight * score)
    divisor = len(classes) if average == "macro" else n
    return Scores(*(_ratio(math.fsum(terms), divisor, zero_division) for terms in sums))
