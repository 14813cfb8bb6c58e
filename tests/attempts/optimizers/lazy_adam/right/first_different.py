# different style; both bars
import math
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
        raise ValueError("t must be at least 1")
    new_table, new_m, new_v = (np.array(a, dtype=float) for a in (table, m, v))
    if np.size(rows) == 0:
        return SparseStep(new_table, new_m, new_v)

    # Sort the lookups by row: each row is then one segment.
    rows = np.asarray(rows)
    order = np.argsort(rows, kind="stable")
    in_order = rows[order]
    starts = np.concatenate([[0], np.flatnonzero(in_order[1:] != in_order[:-1]) + 1])
    g = np.add.reduceat(np.asarray(grads, dtype=float)[order], starts, axis=0)

    # The corrections of m and v move into the learning rate and eps.
    beta1, beta2 = betas
    root = math.sqrt(1 - beta2 ** int(t))
    rate = lr * root / (1 - beta1 ** int(t))
    mask = np.zeros(len(new_table), dtype=bool)
    mask[in_order] = True  # in increasing order, as g
    new_m[mask] = beta1 * new_m[mask] + (1 - beta1) * g
    new_v[mask] = beta2 * new_v[mask] + (1 - beta2) * g * g
    new_table[mask] -= rate * new_m[mask] / (np.sqrt(new_v[mask]) + eps * root)
    return SparseStep(new_table, new_m, new_v)
