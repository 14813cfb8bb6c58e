# wrong (core): first fit has no intercept
from typing import NamedTuple

import numpy as np


class White(NamedTuple):
    statistic: float
    dof: int


def white_test(X, y):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape
    Z = X - X.mean(axis=0)
    Z = Z / np.abs(Z).max(axis=0)
    terms = [Z[:, j] for j in range(p)]
    for j in range(p):
        for k in range(j, p):
            terms.append(Z[:, j] * Z[:, k])
    T = np.column_stack(terms)
    C = T - T.mean(axis=0)
    norm = np.linalg.norm(C, axis=0)
    C = C[:, norm > 1e-10 * np.sqrt(n)]
    C = C / np.linalg.norm(C, axis=0)
    U, s, _ = np.linalg.svd(C, full_matrices=False)
    rank = int(np.sum(s > 1e-9 * s[0]))
    dof = rank
    if n < dof + 2:
        raise ValueError("too few samples")
    A = X
    e = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    if np.ptp(np.abs(e)) <= 1e-9 * np.abs(y).max():
        return White(0.0, dof)
    e2 = (e / np.abs(e).max()) ** 2
    d = e2 - e2.mean()
    res = d - U[:, :rank] @ (U[:, :rank].T @ d)
    r2 = 1 - (res @ res) / (d @ d)
    return White(float(n * r2), dof)
