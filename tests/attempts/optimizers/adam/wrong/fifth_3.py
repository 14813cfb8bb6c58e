# wrong (core): the weight decay is taken of the param after the step of Adam, not of the old one
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    m: np.ndarray
    v: np.ndarray


def adam_step(param, grad, m, v, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
    if t < 1:
        raise ValueError("t is counted from 1")
    param, grad, m, v = (np.asarray(a, dtype=float) for a in (param, grad, m, v))
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    c1 = 1 - beta1**t
    c2 = 1 - beta2**t
    return Step(param - lr * (m / c1) / (np.sqrt(v / c2) + eps), m, v)


def adamw_step(param, grad, m, v, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    step = adam_step(param, grad, m, v, t, lr, betas, eps)
    return step._replace(param=step.param - lr * weight_decay * step.param)
