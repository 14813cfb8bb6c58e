# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def bce_with_logits(logits: np.ndarray, y: np.ndarray, pos_weight: float = 1.0) -> LossGrad:
    if logits.shape != y.shape:
        raise ValueError("logits and y must have the same shape")
    neg_log_p = np.logaddexp(0, -logits)  # -log(p)
    neg_log_q = np.logaddexp(0, logits)  # -log(1 - p)
    loss = np.mean(pos_weight * y * neg_log_p + (1 - y) * neg_log_q)

    p = np.exp(-neg_log_p)
    q = np.exp(-neg_log_q)
    grad = ((1 - y) * p - pos_weight * y * q) / logits.size
    return LossGrad(float(loss), grad)
