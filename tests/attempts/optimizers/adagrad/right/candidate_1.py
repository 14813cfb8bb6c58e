# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    accumulator: np.ndarray


class SparseStep(NamedTuple):
    table: np.ndarray
    accumulator: np.ndarray


def adagrad_step(
    param: np.ndarray, grad: np.ndarray, accumulator: np.ndarray, lr: float = 0.01, eps: float = 1e-10
) -> Step:
    accumulator = accumulator + grad**2
    param = param - lr * grad / (np.sqrt(accumulator) + eps)
    return Step(param, accumulator)


def adagrad_sparse_step(
    table: np.ndarray,
    rows: np.ndarray,
    grads: np.ndarray,
    accumulator: np.ndarray,
    lr: float = 0.01,
    eps: float = 1e-10,
) -> SparseStep:
    unique, inverse = np.unique(rows, return_inverse=True)
    summed = np.zeros((len(unique), table.shape[1]))
    np.add.at(summed, inverse, grads)

    step = adagrad_step(table[unique], summed, accumulator[unique], lr, eps)
    new_table = table.copy()
    new_accumulator = accumulator.copy()
    new_table[unique] = step.param
    new_accumulator[unique] = step.accumulator
    return SparseStep(new_table, new_accumulator)
