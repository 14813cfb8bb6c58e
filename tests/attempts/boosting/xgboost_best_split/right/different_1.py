# different style; both bars
import math
from itertools import accumulate
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    threshold: float
    gain: float
    default_left: bool


def _score(g, h, reg_lambda):
    if h == 0:
        return 0.0
    below = h + reg_lambda
    if below == 0:
        return math.inf if g else 0.0
    return g * g / below


def _gain(gl, hl, gr, hr, g, h, reg_lambda, gamma):
    return (_score(gl, hl, reg_lambda) + _score(gr, hr, reg_lambda) - _score(g, h, reg_lambda)) / 2 - gamma


def _floats(array):
    return [float(v) for v in np.asarray(array).ravel().tolist()]


def split_gain(
    grad_left: np.ndarray,
    hess_left: np.ndarray,
    grad_right: np.ndarray,
    hess_right: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
) -> np.ndarray:
    reg_lambda, gamma = float(reg_lambda), float(gamma)
    parts = np.broadcast_arrays(*(np.asarray(a) for a in (grad_left, hess_left, grad_right, hess_right)))
    gains = [
        _gain(gl, hl, gr, hr, gl + gr, hl + hr, reg_lambda, gamma) for gl, hl, gr, hr in zip(*map(_floats, parts))
    ]
    return np.array(gains, dtype=float).reshape(parts[0].shape)[()]


def _integers(values):
    """Exact fixed-point numbers: integers, and the power of two that they are multiples of 1 over."""
    ratios = [float(v).as_integer_ratio() for v in values]
    scale = max((d for _, d in ratios), default=1)
    return [n * (scale // d) for n, d in ratios], scale


def _middle(a, b):
    mid = (a + b) / 2
    if math.isinf(mid):
        mid = a / 2 + b / 2
    if mid != mid:
        mid = 0.0
    return float(mid) if a < mid <= b else float(b)


def best_split(
    x: np.ndarray,
    grad: np.ndarray,
    hess: np.ndarray,
    reg_lambda: float = 1.0,
    gamma: float = 0.0,
    min_child_weight: float = 1.0,
) -> Split | None:
    reg_lambda, gamma, least = float(reg_lambda), float(gamma), float(min_child_weight)
    gs, g_unit = _integers(np.asarray(grad).tolist())
    hs, h_unit = _integers(np.asarray(hess).tolist())
    bins = {}
    lost_g = lost_h = missing = 0
    for v, g, h in zip(np.asarray(x).tolist(), gs, hs):
        if v != v:
            missing += 1
            lost_g += g
            lost_h += h
        elif v in bins:
            bins[v][0] += g
            bins[v][1] += h
        else:
            bins[v] = [g, h]
    if not bins:
        return None
    all_g, all_h = sum(gs), sum(hs)
    parent_g, parent_h = all_g / g_unit, all_h / h_unit

    keys = sorted(bins)
    cuts = list(accumulate(bins[k][0] for k in keys)), list(accumulate(bins[k][1] for k in keys))
    sides = []
    for sums, lost, total, unit in ((cuts[0], lost_g, all_g, g_unit), (cuts[1], lost_h, all_h, h_unit)):
        # even entries: missing right; odd entries: missing left. The last cut has all present values on the left.
        left = [s + extra for s in sums for extra in (0, lost)]
        for numbers in (left, [total - s for s in left]):
            if unit < 1 << 300:  # a power of two: the multiplication is exact
                sides.append(np.array(list(map(float, numbers))) * (1.0 / unit))
            else:
                sides.append(np.array([number / unit for number in numbers]))
    gl, gr, hl, hr = sides
    legal = (hl >= least) & (hr >= least)
    legal[-1] = False
    if not missing:
        legal[1::2] = False
        legal[-2] = False

    def score(g, h):
        below = h + reg_lambda
        filled = (h != 0) & (below != 0)
        value = np.zeros(len(g))
        np.divide(g * g, below, out=value, where=filled)
        return value

    with np.errstate(over="ignore", invalid="ignore"):
        gains = (score(gl, hl) + score(gr, hr) - _score(parent_g, parent_h, reg_lambda)) / 2 - gamma
    gains[~(legal & (gains >= 1e-9))] = -math.inf
    best = float(gains.max())
    if best == -math.inf:
        return None
    first = int((gains >= best - 1e-9).argmax())
    k = first // 2
    threshold = _middle(keys[k], keys[k + 1]) if k + 1 < len(keys) else math.inf
    return Split(threshold, float(gains[first]), first % 2 == 1)
