# candidate, par time, from the stub alone
import numpy as np


def check(loss, y):
    if loss not in ("squared_error", "absolute_error", "huber", "log_loss"):
        raise ValueError("unknown loss")
    if loss == "log_loss" and not np.isin(y, [0, 1]).all():
        raise ValueError("labels must be 0 or 1")


def sigmoid(F):
    return np.exp(-np.logaddexp(0.0, -F))


def negative_gradient(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> np.ndarray:
    check(loss, y)
    if loss == "log_loss":
        return y - sigmoid(prediction)
    r = y - prediction
    if loss == "squared_error":
        return r
    if loss == "absolute_error":
        return np.sign(r)
    return np.clip(r, -delta, delta)


def leaf_value(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> float:
    check(loss, y)
    if loss == "log_loss":
        p = sigmoid(prediction)
        h = (p * (1 - p)).sum()
        return float((y - p).sum() / h) if h > 0 else 0.0
    r = y - prediction
    if loss == "squared_error":
        return float(r.mean())
    m = np.median(r)
    if loss == "absolute_error":
        return float(m)
    return float(m + np.clip(r - m, -delta, delta).mean())
