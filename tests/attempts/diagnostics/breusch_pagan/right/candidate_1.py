# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class BreuschPagan(NamedTuple):
    """The statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def breusch_pagan(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    n, d = X.shape
    A = np.column_stack([np.ones(n), X])
    e = y - A @ np.linalg.lstsq(A, y, rcond=None)[0]
    s = e**2
    u = s - A @ np.linalg.lstsq(A, s, rcond=None)[0]
    r2 = 1 - np.sum(u**2) / np.sum((s - s.mean()) ** 2)
    return BreuschPagan(float(n * r2), d)
