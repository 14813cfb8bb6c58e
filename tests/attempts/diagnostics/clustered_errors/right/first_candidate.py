# candidate, par time, from the stub alone
import numpy as np


def clustered_standard_errors(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    n, p = X.shape[0], X.shape[1] + 1
    labels, inverse = np.unique(groups, return_inverse=True)
    G = len(labels)
    if G < 2:
        raise ValueError("need at least two groups")
    if n <= p:
        raise ValueError("need more samples than coefficients")
    Z = np.column_stack([np.ones(n), X])
    A = np.linalg.solve(Z.T @ Z, Z.T)
    e = y - Z @ (A @ y)
    sums = np.zeros((G, p))
    np.add.at(sums, inverse, (A * e).T)
    c = G / (G - 1) * (n - 1) / (n - p)
    return np.sqrt(c * (sums**2).sum(axis=0))
