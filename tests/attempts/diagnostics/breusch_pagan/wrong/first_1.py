# wrong (core): R2 as the sum of squared correlations with each feature, right only for uncorrelated features
"""The Breusch-Pagan test of constant error variance, in Koenker's form: n * R2 of e**2 on X."""

from typing import NamedTuple

import numpy as np


class BreuschPagan(NamedTuple):
    """The statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def breusch_pagan(X, y):
    """Test whether the error variance depends linearly on the features."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, p = X.shape
    if n < p + 2:
        raise ValueError("too few samples")
    Xc = X - X[0]
    Xc = Xc - Xc.mean(axis=0)
    Xc = Xc / np.linalg.norm(Xc, axis=0)
    Q, _ = np.linalg.qr(Xc)

    def fit(target):
        centred = target - target.mean()
        return target.mean() + Q @ (Q.T @ centred)

    e = y - fit(y)
    if np.ptp(np.abs(e)) <= 1e-9 * np.abs(y).max():
        return BreuschPagan(0.0, p)
    squares = e**2
    deviations = squares - squares.mean()
    r2 = ((Xc.T @ deviations) ** 2).sum() / (deviations @ deviations)
    return BreuschPagan(float(n * r2), p)
