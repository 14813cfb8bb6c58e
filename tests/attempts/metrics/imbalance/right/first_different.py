# different style; both bars
from collections import Counter
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

import numpy as np


class Baseline(NamedTuple):
    label: int
    accuracy: float


def _lists(y_true, y_pred):
    a, b = np.asarray(y_true).tolist(), np.asarray(y_pred).tolist()
    if len(a) != len(b) or not a:
        raise ValueError("y_true and y_pred must have the same length, above 0")
    return a, b


def majority_baseline(y_train: np.ndarray, y_test: np.ndarray) -> Baseline:
    train, test = np.asarray(y_train).tolist(), np.asarray(y_test).tolist()
    if not train or not test:
        raise ValueError("an array is empty")
    counts = Counter(train)
    label = min(counts, key=lambda k: (-counts[k], k))
    return Baseline(label, test.count(label) / len(test))


def balanced_accuracy(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    a, b = _lists(y_true, y_pred)
    total = Counter(a)
    right = Counter(t for t, p in zip(a, b) if t == p)
    return float(sum(Fraction(right[k], total[k]) for k in total) / len(total))


def matthews_corrcoef(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    # the correlation of the one-hot columns: the covariance, divided by the two standard deviations, in shares
    a, b = _lists(y_true, y_pred)
    n = len(a)
    t, p = Counter(a), Counter(b)
    if len(t) == 1 or len(p) == 1:
        return 0.0
    joint = Counter(zip(a, b))
    cov = Fraction(sum(joint[k, k] for k in t), n) - sum(Fraction(t[k] * p[k], n * n) for k in t)
    var_t = 1 - sum(Fraction(v * v, n * n) for v in t.values())
    var_p = 1 - sum(Fraction(v * v, n * n) for v in p.values())
    size = sqrt(cov * cov / (var_t * var_p))
    return -size if cov < 0 else size
