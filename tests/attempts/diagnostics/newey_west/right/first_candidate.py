# candidate, par time, from the stub alone
import numpy as np


def newey_west_standard_errors(X: np.ndarray, y: np.ndarray, n_lags: int) -> np.ndarray:
    n, n_features = X.shape
    if n <= n_features + 1:
        raise ValueError("need more rows than coefficients")
    Z = np.column_stack([np.ones(n), X])
    A = np.linalg.solve(Z.T @ Z, Z.T)
    e = y - Z @ (A @ y)
    u = A * e
    variance = (u**2).sum(axis=1)
    for k in range(1, n_lags + 1):
        weight = 1 - k / (n_lags + 1)
        variance += 2 * weight * (u[:, k:] * u[:, :-k]).sum(axis=1)
    return np.sqrt(np.maximum(variance, 0))
