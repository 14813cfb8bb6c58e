# wrong (core): the name is 'none' if only p(x | y) has moved
from typing import NamedTuple

import numpy as np


class ShiftStatistics(NamedTuple):
    """chi2 and dof of p(x), p(y), p(x | y) and p(y | x), in this order."""

    chi2: np.ndarray
    dof: np.ndarray


def _chi_square(r, c):
    keep = r + c > 0
    r, c = r[keep], c[keep]
    n, m = r.sum(), c.sum()
    return ((r * m - c * n) ** 2 / (n * m * (r + c))).sum(), len(r) - 1


def _conditional(reference, current):
    """Add up over the rows of the tables that are empty in neither."""
    chi2, dof = 0.0, 0
    for r, c in zip(reference, current):
        if r.sum() > 0 and c.sum() > 0:
            a, b = _chi_square(r, c)
            chi2 += a
            dof += b
    return chi2, dof


def shift_statistics(reference: np.ndarray, current: np.ndarray) -> ShiftStatistics:
    """Return the statistics of the four parts. A sum of nothing is 0."""
    r = np.asarray(reference, dtype=float)
    c = np.asarray(current, dtype=float)
    if r.shape != c.shape or (r < 0).any() or (c < 0).any():
        raise ValueError("shapes must be equal, counts not negative")
    if r.sum() == 0 or c.sum() == 0:
        raise ValueError("a table has no row")
    parts = [
        _chi_square(r.sum(axis=1), c.sum(axis=1)),
        _chi_square(r.sum(axis=0), c.sum(axis=0)),
        _conditional(r.T, c.T),
        _conditional(r, c),
    ]
    return ShiftStatistics(np.array([p[0] for p in parts]), np.array([p[1] for p in parts]))


def name_shift(
    p_x: np.ndarray, p_y: np.ndarray, p_x_given_y: np.ndarray, p_y_given_x: np.ndarray, level: float = 0.05
) -> str:
    """Return the first name that fits."""
    parts = [np.asarray(p, dtype=float) for p in (p_x, p_y, p_x_given_y, p_y_given_x)]
    owner = np.repeat(np.arange(4), [len(p) for p in parts])
    p = np.concatenate(parts)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p-values must be from 0 to 1")
    owner, p = owner[~np.isnan(p)], p[~np.isnan(p)]
    m = len(p)
    moved = [False] * 4
    for k, i in enumerate(np.argsort(p, kind="stable")):
        if p[i] > level / (m - k):
            break
        moved[owner[i]] = True
    x, y, x_y, y_x = moved
    if not (x or y or y_x):
        return "none"
    if y and not x_y:
        return "label"
    if x and not y_x:
        return "covariate"
    if y_x and not x:
        return "concept"
    return "mixed"
