# wrong (core): the sparse step adds the mean square of the row's gradient to the accumulator, one value for the row, as in row-wise Adagrad (right with one column)
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    param: np.ndarray
    accumulator: np.ndarray


class SparseStep(NamedTuple):
    table: np.ndarray
    accumulator: np.ndarray


def adagrad_step(param, grad, accumulator, lr=0.01, eps=1e-10):
    param, grad, accumulator = (np.asarray(a, dtype=float) for a in (param, grad, accumulator))
    accumulator = accumulator + grad**2
    return Step(param - lr * grad / (np.sqrt(accumulator) + eps), accumulator)


def adagrad_sparse_step(table, rows, grads, accumulator, lr=0.01, eps=1e-10):
    table = np.array(table, dtype=float)
    accumulator = np.array(accumulator, dtype=float)
    rows = np.asarray(rows, dtype=int)
    grads = np.asarray(grads, dtype=float)
    unique, place = np.unique(rows, return_inverse=True)
    g = np.zeros((len(unique), table.shape[1]))
    np.add.at(g, place.reshape(-1), grads)
    a = accumulator[unique] + (g**2).mean(axis=1, keepdims=True)
    accumulator[unique] = a
    table[unique] -= lr * g / (np.sqrt(a) + eps)
    return SparseStep(table, accumulator)
