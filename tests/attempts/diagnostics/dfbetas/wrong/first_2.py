# wrong (strict): leverage 1 tested with h >= 1, missed when h rounds to just below 1
import numpy as np


def _fit(X, y):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape[0], X.shape[1] + 1
    if n <= p:
        raise ValueError("too few samples")
    mean = X.mean(axis=0)
    C = X - mean
    scale = np.sqrt((C**2).sum(axis=0))
    Q, R = np.linalg.qr(C / scale)
    h = 1.0 / n + (Q**2).sum(axis=1)
    if np.any(h >= 1):
        raise ValueError("leverage 1")
    yc = y - y.mean()
    yc = yc - yc.mean()
    Rinv = np.linalg.inv(R)
    W = Rinv / scale[:, None]  # inv of centred cross product = W W'
    slope = W @ (Q.T @ yc)
    e = yc - Q @ (Q.T @ yc)
    b = np.concatenate([[y.mean() - mean @ slope], slope])
    G = Q @ W.T  # rows: S^-1 (x_i - mean)
    G = np.column_stack([1.0 / n - G @ mean, G])
    d0 = 1.0 / n + ((mean @ W) ** 2).sum()
    diag = np.concatenate([[d0], (W**2).sum(axis=1)])
    return n, p, h, e, b, G, diag


def leave_one_out_coefficients(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    n, p, h, e, b, G, diag = _fit(X, y)
    return b - G * (e / (1 - h))[:, None]


def dfbetas(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    if np.shape(X)[0] <= np.shape(X)[1] + 2:
        raise ValueError("too few samples")
    n, p, h, e, b, G, diag = _fit(X, y)
    s2 = (e @ e - e**2 / (1 - h)) / (n - 1 - p)
    return G * (e / (1 - h))[:, None] / np.sqrt(s2[:, None] * diag)
