# different style; both bars
import math
from fractions import Fraction

import numpy as np


def _exact(rows):
    """Return the rows of an (n, 4) array as lists of Fractions."""
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise ValueError("expected an array of shape (n, 4)")
    try:
        return [[Fraction(v) for v in row] for row in rows.tolist()]
    except OverflowError:  # infinite; NaN is a ValueError already
        raise ValueError("expected finite values") from None


def _check(weights, n, m):
    if n != m:
        raise ValueError("expected as many rows as anchors")
    weights = [float(v) for v in weights]
    if not all(v > 0 for v in weights):
        raise ValueError("expected positive weights")
    return weights


def _size(low, high):
    if high <= low:
        raise ValueError("expected positive widths and heights")
    return high - low


def _log(r):
    if Fraction(1, 2) < r < 2:
        return math.log1p(float(r - 1))
    k = r.numerator.bit_length() - r.denominator.bit_length()
    return k * math.log(2) + math.log(r / Fraction(2) ** k)


def _float(r):
    try:
        return float(r)
    except OverflowError:
        return math.inf if r > 0 else -math.inf


def encode(
    boxes: np.ndarray, anchors: np.ndarray, weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
) -> np.ndarray:
    """Return the deltas of each box from its anchor: rows dx, dy, dw, dh."""
    b_rows, a_rows = _exact(boxes), _exact(anchors)
    weights = _check(weights, len(b_rows), len(a_rows))
    out = np.zeros((len(b_rows), 4))
    for i, (b, a) in enumerate(zip(b_rows, a_rows)):
        for k in (0, 1):
            size, size_a = _size(b[k], b[k + 2]), _size(a[k], a[k + 2])
            shift = ((b[k] - a[k]) + (b[k + 2] - a[k + 2])) / 2
            out[i, k] = _float(shift / size_a * Fraction(weights[k]))
            out[i, k + 2] = _log(size / size_a) * weights[k + 2]
    return out


def decode(
    deltas: np.ndarray,
    anchors: np.ndarray,
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    max_scale: float = 62.5,
) -> np.ndarray:
    """Return the boxes that have these deltas: rows x1, y1, x2, y2. The inverse of encode, but for max_scale."""
    d_rows, a_rows = _exact(deltas), _exact(anchors)
    weights = _check(weights, len(d_rows), len(a_rows))
    if not max_scale > 0:
        raise ValueError("expected max_scale > 0")
    out = np.zeros((len(d_rows), 4))
    for i, (d, a) in enumerate(zip(d_rows, a_rows)):
        for k in (0, 1):
            size_a = _size(a[k], a[k + 2])
            try:
                scale = math.exp(_float(d[k + 2] / Fraction(weights[k + 2])))
            except OverflowError:
                scale = math.inf
            scale = min(scale, float(max_scale))
            if scale == math.inf:  # only without a limit
                out[i, k], out[i, k + 2] = -math.inf, math.inf
                continue
            centre = (a[k] + a[k + 2]) / 2 + d[k] / Fraction(weights[k]) * size_a
            half = Fraction(scale) * size_a / 2
            out[i, k], out[i, k + 2] = _float(centre - half), _float(centre + half)
    return out
