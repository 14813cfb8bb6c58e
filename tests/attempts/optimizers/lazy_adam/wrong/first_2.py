# wrong (core): sums are differences of one running sum, so a row with small gradients gets the rounding of the large ones
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
    unique, counts = np.unique(rows, return_counts=True)
    order = np.argsort(rows, kind="stable")
    total = np.cumsum(np.vstack([np.zeros((1, table.shape[1])), grads[order]]), axis=0)
    g = np.diff(total[np.concatenate([[0], np.cumsum(counts)])], axis=0)
    m[unique] = beta1 * m[unique] + (1 - beta1) * g
    v[unique] = beta2 * v[unique] + (1 - beta2) * g**2
    m_hat = m[unique] / (1 - beta1**t)
    v_hat = v[unique] / (1 - beta2**t)
    table[unique] -= lr * m_hat / (np.sqrt(v_hat) + eps)
    return SparseStep(table, m, v)
