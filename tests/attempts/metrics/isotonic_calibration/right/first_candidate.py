# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class IsotonicFit(NamedTuple):
    x: np.ndarray
    y: np.ndarray


def fit_isotonic(x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> IsotonicFit:
    w = np.ones(len(x)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    ux, inverse = np.unique(np.asarray(x, dtype=float), return_inverse=True)
    weight = np.bincount(inverse, weights=w)
    mean = np.bincount(inverse, weights=w * y) / weight

    blocks = []  # [mean, weight, count]
    for m, wt in zip(mean, weight):
        count = 1
        while blocks and blocks[-1][0] > m:
            pm, pw, pc = blocks.pop()
            m = (pm * pw + m * wt) / (pw + wt)
            wt += pw
            count += pc
        blocks.append((m, wt, count))
    fitted = np.repeat([b[0] for b in blocks], [b[2] for b in blocks])
    return IsotonicFit(ux, fitted)


def predict(fit: IsotonicFit, x: np.ndarray) -> np.ndarray:
    return np.interp(x, fit.x, fit.y)
