# different style; both bars
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def _scatter(values: np.ndarray, kept: np.ndarray, p: float) -> np.ndarray:
    values = np.asarray(values)
    dtype = values.dtype if np.issubdtype(values.dtype, np.inexact) else np.dtype(float)
    flat = np.zeros(values.size, dtype=dtype)
    if kept.size:
        flat[kept] = values.reshape(-1)[kept].astype(dtype) / (1.0 - p)
    return flat.reshape(values.shape)


def dropout_forward(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> Forward:
    if not 0 <= p <= 1:
        raise ValueError("p must be from 0 to 1")
    p = float(p)
    size = np.size(x)
    if training:
        # the positions of the kept elements; a drop is one Bernoulli trial each
        kept = np.flatnonzero(rng.binomial(1, p, size=size) == 0)
        cache = (kept, p)
    else:
        cache = (np.arange(size), 0.0)
    return Forward(_scatter(x, *cache), cache)


def dropout_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    kept, p = cache
    return _scatter(grad_out, kept, p)
