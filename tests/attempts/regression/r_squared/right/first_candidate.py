# candidate, par time, from the stub alone
import numpy as np


def r2_score(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    if np.all(y_true == y_true[0]):
        return 1.0 if np.array_equal(y_true, y_pred) else 0.0
    sse = np.sum((y_true - y_pred) ** 2)
    sst = np.sum((y_true - np.mean(y_true)) ** 2)
    return float(1 - sse / sst)


def adjusted_r2(y_true: np.ndarray, y_pred: np.ndarray, n_features: int) -> float:
    n = len(y_true)
    if n <= n_features + 1:
        raise ValueError("too few samples")
    return 1 - (1 - r2_score(y_true, y_pred)) * (n - 1) / (n - n_features - 1)


def predicted_r2(X: np.ndarray, y: np.ndarray) -> float:
    Z = np.column_stack([np.ones(len(X)), X])
    Q, _ = np.linalg.qr(Z)
    h = np.sum(Q**2, axis=1)
    if np.any(h > 1 - 1e-8):
        raise ValueError("leverage of 1")
    e = y - Q @ (Q.T @ y)
    press = np.sum((e / (1 - h)) ** 2)
    return float(1 - press / np.sum((y - np.mean(y)) ** 2))
