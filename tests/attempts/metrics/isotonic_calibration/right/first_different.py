# different style; both bars
from bisect import bisect_right
from typing import NamedTuple

import numpy as np


class IsotonicFit(NamedTuple):
    x: np.ndarray
    y: np.ndarray


def fit_isotonic(x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> IsotonicFit:
    xs = np.asarray(x, dtype=float).tolist()
    ys = np.asarray(y, dtype=float).tolist()
    ws = [1.0] * len(xs) if sample_weight is None else np.asarray(sample_weight, dtype=float).tolist()
    if not xs or len(xs) != len(ys) or len(xs) != len(ws):
        raise ValueError("no sample, or lengths differ")
    if not all(w > 0 for w in ws):
        raise ValueError("weights must be positive")

    total: dict[float, float] = {}
    level: dict[float, float] = {}
    for a, b, w in zip(xs, ys, ws):  # running weighted mean of each distinct x
        total[a] = total.get(a, 0.0) + w
        level[a] = level.get(a, b) + (b - level.get(a, b)) * (w / total[a])
    keys = sorted(total)
    n = len(keys)
    mean = [level[k] for k in keys]
    weight = [total[k] for k in keys]

    # From the right: the block that starts at i ends before after[i].
    after = list(range(1, n + 1))
    for i in range(n - 1, -1, -1):
        while after[i] < n and mean[i] > mean[after[i]]:
            j = after[i]
            weight[i] += weight[j]
            mean[i] += (mean[j] - mean[i]) * (weight[j] / weight[i])
            after[i] = after[j]
    fitted = np.empty(n)
    i = 0
    while i < n:
        fitted[i : after[i]] = mean[i]
        i = after[i]
    return IsotonicFit(np.array(keys), fitted)


def predict(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    xs = np.asarray(fit.x, dtype=float).tolist()
    ys = np.asarray(fit.y, dtype=float).tolist()
    out = []
    for q in np.asarray(x, dtype=float).tolist():
        k = bisect_right(xs, q)
        if k == 0:
            out.append(ys[0])
        elif k == len(xs):
            out.append(ys[-1])
        else:
            share = (q - xs[k - 1]) / (xs[k] - xs[k - 1])
            out.append(ys[k - 1] + share * (ys[k] - ys[k - 1]))
    return np.array(out, dtype=float)
