# candidate, par time, from the stub alone
import numpy as np


def log_loss(y_true: np.ndarray, prob: np.ndarray) -> float:
    if (prob < 0).any() or (prob > 1).any():
        raise ValueError("probabilities must be from 0 to 1")
    eps = np.finfo(np.float64).eps
    p = np.clip(prob, eps, 1 - eps)
    return float(np.mean(-y_true * np.log(p) - (1 - y_true) * np.log(1 - p)))


def normalized_entropy(y_true: np.ndarray, prob: np.ndarray) -> float:
    loss = log_loss(y_true, prob)
    q = np.mean(y_true)
    if q == 0 or q == 1:
        raise ValueError("need a positive and a negative")
    return float(loss / (-q * np.log(q) - (1 - q) * np.log(1 - q)))
