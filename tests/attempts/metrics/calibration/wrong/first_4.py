# wrong (core): probabilities are rounded to five decimals before binning
# shown by: reliability_curve(np.array([0, 1]), np.array([0.3, 0.500004]), n_bins=2).count; right [1, 1], this [2]
from typing import NamedTuple

import numpy as np


class Reliability(NamedTuple):
    prob_true: np.ndarray
    prob_pred: np.ndarray
    count: np.ndarray


def _prepare(y_true, y_prob):
    y, p = np.asarray(y_true), np.asarray(y_prob, dtype=float)
    if y.shape != p.shape or len(y) == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad labels")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a probability is outside 0 to 1")
    return y.astype(float), p


def reliability_curve(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> Reliability:
    y, p = _prepare(y_true, y_prob)
    if n_bins < 1:
        raise ValueError("n_bins is below 1")
    edges = np.arange(1, n_bins) / n_bins
    index = np.searchsorted(edges, np.round(p, 5), side="left")
    count = np.bincount(index, minlength=n_bins)
    keep = count > 0
    count = count[keep]
    prob_true = np.bincount(index, weights=y, minlength=n_bins)[keep] / count
    prob_pred = np.bincount(index, weights=p, minlength=n_bins)[keep] / count
    return Reliability(prob_true, prob_pred, count)


def expected_calibration_error(y_true: np.ndarray, y_prob: np.ndarray, n_bins: int) -> float:
    curve = reliability_curve(y_true, y_prob, n_bins)
    return float((curve.count / curve.count.sum() * np.abs(curve.prob_true - curve.prob_pred)).sum())


def brier_score(y_true: np.ndarray, y_prob: np.ndarray) -> float:
    y, p = _prepare(y_true, y_prob)
    return float(((p - y) ** 2).mean())
