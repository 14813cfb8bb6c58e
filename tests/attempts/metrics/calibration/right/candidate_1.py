# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Reliability(NamedTuple):
    prob_true: np.ndarray
    prob_pred: np.ndarray
    count: np.ndarray


def _check(y_prob):
    if np.any(y_prob < 0) or np.any(y_prob > 1):
        raise ValueError("probabilities must be in [0, 1]")


def reliability_curve(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    _check(y_prob)
    edges = np.arange(1, n_bins) / n_bins
    bins = np.digitize(y_prob, edges, right=True)

    count = np.bincount(bins, minlength=n_bins)
    sum_true = np.bincount(bins, weights=y_true, minlength=n_bins)
    sum_prob = np.bincount(bins, weights=y_prob, minlength=n_bins)

    keep = count > 0
    count = count[keep]
    return Reliability(sum_true[keep] / count, sum_prob[keep] / count, count)


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    prob_true, prob_pred, count = reliability_curve(y_true, y_prob, n_bins)
    return float(np.sum(count / len(y_true) * np.abs(prob_true - prob_pred)))


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    _check(y_prob)
    return float(np.mean((y_prob - y_true) ** 2))
