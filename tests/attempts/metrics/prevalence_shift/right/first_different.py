# different style; both bars
from fractions import Fraction

import numpy as np


def _exact(rate):
    rate = float(rate)
    if not 0 <= rate <= 1:  # NaN fails it, too
        raise ValueError("not from 0 to 1")
    return Fraction(rate)


def _each_point(function, tpr, fpr, share):
    tpr, fpr = np.asarray(tpr), np.asarray(fpr)
    if tpr.shape != fpr.shape:
        raise ValueError("the shapes of tpr and fpr differ")
    share = _exact(share)
    answer = [float(function(_exact(t), _exact(f), share)) for t, f in zip(tpr.ravel(), fpr.ravel())]
    return np.array(answer, dtype=np.float64).reshape(tpr.shape)


def precision_at_prevalence(tpr: np.ndarray, fpr: np.ndarray, prevalence: float) -> np.ndarray:
    def precision(t, f, share):
        right, wrong = t * share, f * (1 - share)
        return 1 - wrong / (right + wrong) if wrong else 1

    return _each_point(precision, tpr, fpr, prevalence)


def prevalence_for_precision(tpr: np.ndarray, fpr: np.ndarray, precision: float) -> np.ndarray:
    def prevalence(t, f, target):
        if f == 0 or target == 0:
            return 0  # any prevalence will do
        if t == 0 or target == 1:
            return 1  # below prevalence 1 the precision is 0, or less than 1
        # Odds: precision / (1 - precision) = t / f * prevalence / (1 - prevalence)
        odds = target / (1 - target) * f / t
        return odds / (1 + odds)

    return _each_point(prevalence, tpr, fpr, precision)
