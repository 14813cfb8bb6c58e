# different style; both bars
from math import fsum
from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """A number, and an array of shape (n_features,)."""

    intercept: float
    coef: np.ndarray


_EPS = 2.0**-52


def _mean(column):
    """Exact for a constant column: measured from its first entry."""
    first = column[0]
    return first + fsum(v - first for v in column) / len(column)


def _shortest(basis, units, c):
    """The shortest w with (units * basis).T @ w = c, where basis has orthonormal columns (n_features, rank).

    The units may lie 24 powers of ten apart. So the rows of the basis are visited from the largest unit down, and each
    new direction is turned into a column of its own: units * basis becomes trapezoidal, and every column is graded from
    its first entry on. Divided by the unit of that entry, the columns are well scaled.
    """
    rank = basis.shape[1]
    work, c = basis.copy(), c.copy()
    pivots = []
    for row in sorted(range(len(units)), key=lambda j: -units[j]):
        k = len(pivots)
        if k == rank:
            break
        tail = work[row, k:].copy()
        length = np.linalg.norm(tail)
        if length < 1e-7:
            work[row, k:] = 0.0 if length < 1e-13 else tail
            continue
        # A Householder reflection from the right, which puts the whole tail into column k.
        tail[0] += np.copysign(length, tail[0])
        tail /= np.linalg.norm(tail)
        work[:, k:] -= 2.0 * np.outer(work[:, k:] @ tail, tail)
        c[k:] -= 2.0 * tail * (tail @ c[k:])
        work[row, k + 1 :] = 0.0
        pivots.append(row)
    steps = np.array([units[row] for row in pivots])
    if len(pivots) < rank:
        return np.linalg.pinv((units[:, None] * basis).T) @ c
    graded = units[:, None] * work / steps
    q, r = np.linalg.qr(graded)
    return q @ np.linalg.solve(r.T, c / steps)


def fit_least_squares(X: np.ndarray, y: np.ndarray) -> Fit:
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    n, n_features = X.shape
    y_mean = _mean(y.tolist())
    means = np.array([_mean(column) for column in X.T.tolist()])
    coef = np.zeros(n_features)
    centred = X - means
    # Constant up to rounding: no information, so no coefficient.
    largest = np.abs(X).max(axis=0, initial=0.0)
    spread = np.abs(centred).max(axis=0, initial=0.0)
    live = np.flatnonzero(spread > 4 * _EPS * largest)
    if live.size:
        Z = centred[:, live] / spread[live]
        lengths = np.sqrt(np.einsum("ij,ij->j", Z, Z))
        Z /= lengths
        units = spread[live] * lengths
        noise = float((largest[live] / spread[live] / lengths).max())  # rounding of X, as seen after centring
        u, s, vt = np.linalg.svd(Z, full_matrices=False)
        rank = int(np.count_nonzero(s > _EPS * max(n, n_features, 2 * np.sqrt(n) * noise) * s[0]))
        c = (u[:, :rank].T @ (y - y_mean)) / s[:rank]
        if rank == live.size:
            coef[live] = (vt.T @ c) / units
        else:
            coef[live] = _shortest(vt[:rank].T, units, c)
    intercept = fsum([y_mean] + [-m * b for m, b in zip(means.tolist(), coef.tolist())])
    return Fit(intercept, coef)
