# candidate, par time, from the stub alone
import numpy as np


def vif(X: np.ndarray) -> np.ndarray:
    if np.any(X.max(axis=0) == X.min(axis=0)):
        raise ValueError("a column is constant")
    Z = X - X.mean(axis=0)
    Z = Z / np.sqrt((Z**2).sum(axis=0))
    d = X.shape[1]
    out = np.ones(d)
    for j in range(d):
        others = np.delete(Z, j, axis=1)
        if d > 1:
            r = Z[:, j] - others @ np.linalg.lstsq(others, Z[:, j], rcond=None)[0]
            unexplained = r @ r  # 1 - R2, as Z has unit columns
            out[j] = np.inf if unexplained < 1e-10 else 1 / unexplained
    return out
