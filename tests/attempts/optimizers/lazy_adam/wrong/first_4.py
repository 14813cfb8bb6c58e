# wrong (core): v_hat has a floor of 1e-10
from typing import NamedTuple

import numpy as np


class SparseStep(NamedTuple):
    table: np.ndarray
    m: np.ndarray
    v: np.ndarray


def sparse_adam_step(
    table: np.ndarray,
    rows: np.ndarray,
    grads: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> SparseStep:
    if t < 1:
        raise ValueError("t counts from 1")
    beta1, beta2 = betas
    table = np.array(table, dtype=float)
    m = np.array(m, dtype=float)
    v = np.array(v, dtype=float)
    rows = np.asarray(rows, dtype=int)
    grads = np.asarray(grads, dtype=float)
    unique, inverse = np.unique(rows, return_inverse=True)
    g = np.zeros((len(unique), table.shape[1]))
    np.add.at(g, inverse, grads)
    m[unique] = beta1 * m[unique] + (1 - beta1) * g
    v[unique] = beta2 * v[unique] + (1 - beta2) * g**2
    m_hat = m[unique] / (1 - beta1**t)
    v_hat = v[unique] / (1 - beta2**t)
    table[unique] -= lr * m_hat / (np.sqrt(np.maximum(v_hat, 1e-10)) + eps)
    return SparseStep(table, m, v)
