# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param and accumulator."""

    param: np.ndarray
    accumulator: np.ndarray


class SparseStep(NamedTuple):
    """The updated table and accumulator."""

    table: np.ndarray
    accumulator: np.ndarray


def _entry(p, g, a, lr, eps):
    a = a + g * g
    below = math.sqrt(a) + eps
    if below == 0.0:
        return math.nan, a
    return p - lr * g / below, a


def _floats(array):
    return map(float, np.asarray(array).ravel().tolist())


def adagrad_step(
    param: np.ndarray, grad: np.ndarray, accumulator: np.ndarray, lr: float = 0.01, eps: float = 1e-10
) -> Step:
    shape = np.shape(param)
    new_param, new_accumulator = [], []
    for p, g, a in zip(_floats(param), _floats(grad), _floats(accumulator), strict=True):
        p, a = _entry(p, g, a, lr, eps)
        new_param.append(p)
        new_accumulator.append(a)
    return Step(np.array(new_param, dtype=float).reshape(shape), np.array(new_accumulator, dtype=float).reshape(shape))


def adagrad_sparse_step(
    table: np.ndarray,
    rows: np.ndarray,
    grads: np.ndarray,
    accumulator: np.ndarray,
    lr: float = 0.01,
    eps: float = 1e-10,
) -> SparseStep:
    new_table, new_accumulator = np.array(table, dtype=float), np.array(accumulator, dtype=float)
    n_rows, grads, lookups = len(new_table), np.asarray(grads), {}
    for place, row in enumerate(np.ravel(rows).tolist()):
        row = int(row)
        if not -n_rows <= row < n_rows:
            raise IndexError(f"row {row} is not in the table")
        lookups.setdefault(row % n_rows, []).append(place)
    for row, places in lookups.items():
        parts = [[float(v) for v in grads[place].tolist()] for place in places]
        for j, column in enumerate(zip(*parts)):
            entry = _entry(float(new_table[row, j]), sum(column), float(new_accumulator[row, j]), lr, eps)
            new_table[row, j], new_accumulator[row, j] = entry
    return SparseStep(new_table, new_accumulator)
