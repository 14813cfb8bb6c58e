# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def dropout_forward(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> Forward:
    if not training:
        return Forward(x.copy(), None)
    if p == 1:
        mask = np.zeros(x.shape)
    else:
        mask = (rng.random(x.shape) >= p) / (1 - p)
    return Forward(x * mask, mask)


def dropout_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    if cache is None:
        return grad_out.copy()
    return grad_out * cache
