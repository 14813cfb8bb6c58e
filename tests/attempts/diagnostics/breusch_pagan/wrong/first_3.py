# wrong (strict): pinv of the normal equations of the raw features drops a feature of much smaller unit
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
    Z = np.column_stack([np.ones(n), X])
    inverse = np.linalg.pinv(Z.T @ Z)

    def fit(target):
        return Z @ (inverse @ (Z.T @ target))

    e = y - fit(y)
    if np.ptp(np.abs(e)) <= 1e-9 * np.abs(y).max():
        return BreuschPagan(0.0, p)
    squares = e**2
    fitted = fit(squares)
    total = ((squares - squares.mean()) ** 2).sum()
    r2 = 1 - ((squares - fitted) ** 2).sum() / total
    return BreuschPagan(float(n * r2), p)
