# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def smoothed_cross_entropy(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> LossGrad:
    n, c = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    q = np.full((n, c), smoothing / c)
    q[np.arange(n), labels] += 1 - smoothing
    loss = -(q * log_p).sum() / n
    grad = (np.exp(log_p) - q) / n
    return LossGrad(float(loss), grad)
