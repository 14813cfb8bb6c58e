# wrong (core): min_child_weight checked on the present values only, missing ones not counted (except for the inf split)
"""XGBoost's best split of a node on one feature, with missing values."""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """The question x < threshold, its gain, and whether missing values go left."""

    threshold: float
    gain: float
    default_left: bool


def _score(G, H, reg_lambda):
    zero = H == 0
    return np.where(zero, 0.0, G * G / np.where(zero, 1.0, H + reg_lambda))


def split_gain(grad_left, hess_left, grad_right, hess_right, reg_lambda=1.0, gamma=0.0):
    """Return the gain of every split."""
    gl, hl, gr, hr = (np.asarray(a, dtype=float) for a in (grad_left, hess_left, grad_right, hess_right))
    bracket = _score(gl, hl, reg_lambda) + _score(gr, hr, reg_lambda) - _score(gl + gr, hl + hr, reg_lambda)
    return bracket / 2 - gamma


def best_split(x, grad, hess, reg_lambda=1.0, gamma=0.0, min_child_weight=1.0):
    """Return the split with the largest gain (None if no gain is above 0)."""
    x, grad, hess = (np.asarray(a, dtype=float) for a in (x, grad, hess))
    missing = np.isnan(x)
    any_missing = bool(missing.any())
    grad_missing, hess_missing = grad[missing].sum(), hess[missing].sum()
    order = np.argsort(x[~missing], kind="stable")
    xs, g, h = x[~missing][order], grad[~missing][order], hess[~missing][order]
    if len(xs) == 0:
        return None

    # Split after position i wherever the next value is another one.
    cut = np.flatnonzero(xs[1:] != xs[:-1])
    low, high = xs[cut], xs[cut + 1]
    middle = low / 2 + high / 2
    thresholds = np.where(middle > low, middle, high)
    left_g, left_h = np.cumsum(g)[cut], np.cumsum(h)[cut]
    right_g, right_h = np.cumsum(g[::-1])[::-1][cut + 1], np.cumsum(h[::-1])[::-1][cut + 1]
    if any_missing:
        thresholds = np.append(thresholds, np.inf)
        left_g, left_h = np.append(left_g, g.sum()), np.append(left_h, h.sum())
        right_g, right_h = np.append(right_g, 0.0), np.append(right_h, 0.0)
    if len(thresholds) == 0:
        return None

    # Column 0: missing values right; column 1: missing values left.
    to_left = np.array([0.0, 1.0])
    gl = left_g[:, None] + to_left * grad_missing
    hl = left_h[:, None] + to_left * hess_missing
    gr = right_g[:, None] + (1 - to_left) * grad_missing
    hr = right_h[:, None] + (1 - to_left) * hess_missing
    gain = split_gain(gl, hl, gr, hr, reg_lambda, gamma)
    enough = (left_h >= min_child_weight) & (np.where(np.isinf(thresholds), hess_missing, right_h) >= min_child_weight)
    allowed = np.stack([enough, enough], axis=1)
    if any_missing:
        allowed[-1, 1] = False  # everything would go left
    else:
        allowed[:, 1] = False
    gain = np.where(allowed, gain, -np.inf)
    best = gain.max()
    if best < 1e-9:
        return None
    row, column = divmod(int(np.argmax(gain >= best - 1e-9)), 2)
    return Split(float(thresholds[row]), float(gain[row, column]), bool(column))
