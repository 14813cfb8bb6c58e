# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class CoefficientTable(NamedTuple):
    estimate: np.ndarray
    standard_error: np.ndarray
    t: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def coefficient_table(X: np.ndarray, y: np.ndarray, critical: float) -> CoefficientTable:
    n = len(X)
    Z = np.column_stack([np.ones(n), X])
    p = Z.shape[1]
    if n <= p:
        raise ValueError("no degree of freedom")
    if np.linalg.matrix_rank(Z) < p:
        raise ValueError("Z is rank deficient")
    Q, R = np.linalg.qr(Z)
    R_inv = np.linalg.inv(R)
    estimate = R_inv @ (Q.T @ y)
    e = y - Z @ estimate
    s2 = e @ e / (n - p)
    se = np.sqrt(s2 * np.sum(R_inv**2, axis=1))
    return CoefficientTable(estimate, se, estimate / se, estimate - critical * se, estimate + critical * se)
