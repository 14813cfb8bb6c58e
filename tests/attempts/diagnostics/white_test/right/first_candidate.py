# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class White(NamedTuple):
    statistic: float
    dof: int


def white_test(X: np.ndarray, y: np.ndarray) -> White:
    n, p = X.shape
    ones = np.ones((n, 1))

    A = np.hstack([ones, X])
    beta = np.linalg.lstsq(A, y, rcond=None)[0]
    e2 = (y - A @ beta) ** 2

    j, k = np.triu_indices(p)
    Z = np.hstack([ones, X, X[:, j] * X[:, k]])
    gamma, _, rank, _ = np.linalg.lstsq(Z, e2, rcond=None)
    dof = int(rank) - 1
    if n < dof + 2:
        raise ValueError("too few samples")

    ss_res = np.sum((e2 - Z @ gamma) ** 2)
    ss_tot = np.sum((e2 - e2.mean()) ** 2)
    return White(float(n * (1 - ss_res / ss_tot)), dof)
