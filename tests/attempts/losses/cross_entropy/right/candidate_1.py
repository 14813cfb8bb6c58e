# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> LossGrad:
    n = len(logits)
    rows = np.arange(n)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.mean(log_probs[rows, labels])

    grad = np.exp(log_probs)
    grad[rows, labels] -= 1
    return LossGrad(float(loss), grad / n)
