# wrong (core): row-wise Adagrad: the mean of the squares over dim is added to a whole row
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- adagrad
"""Adagrad, dense and sparse.

Each coordinate has its own learning rate, which falls as its squared gradients add up:

    accumulator <- accumulator + grad^2
    param       <- param - lr * grad / (sqrt(accumulator) + eps)                          with the new accumulator

The sparse step is for an embedding table, of which a batch looks up only a few rows. It equals the dense step with the
gradient of the whole table. In that gradient, each row is the sum over its lookups, and 0 without any.

Both functions are pure: they return new arrays.

Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods (2011). This is PyTorch's Adagrad.
"""

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


def adagrad_step(
    param: np.ndarray, grad: np.ndarray, accumulator: np.ndarray, lr: float = 0.01, eps: float = 1e-10
) -> Step:
    """Take one step on every coordinate.

    Parameters
    ----------
    param, grad, accumulator : arrays of the same shape
        accumulator is the sum of the squared gradients so far.
    lr : float
    eps : float
        Positive.

    Examples
    --------
    >>> adagrad_step(np.array([10.0]), np.array([3.0]), np.array([16.0]), lr=2.0, eps=1.0)
    Step(param=array([9.]), accumulator=array([25.]))
    """
    param = np.array(param, dtype=float)
    grad = np.asarray(grad, dtype=float)
    accumulator = np.asarray(accumulator, dtype=float) + grad**2
    return Step(param - lr * grad / (np.sqrt(accumulator) + eps), accumulator)


def adagrad_sparse_step(
    table: np.ndarray,
    rows: np.ndarray,
    grads: np.ndarray,
    accumulator: np.ndarray,
    lr: float = 0.01,
    eps: float = 1e-10,
) -> SparseStep:
    """Take one step on the rows of a table that a batch looked up.

    The time must not grow like n_rows * n_lookups.

    Parameters
    ----------
    table, accumulator : arrays of shape (n_rows, dim)
    rows : array of shape (n_lookups,)
        Row indices, in any order and with duplicates.
    grads : array of shape (n_lookups, dim)
        The gradient of each lookup.
    lr, eps : float
        As in adagrad_step.

    Returns
    -------
    SparseStep
        In both arrays, a row that was not looked up keeps its exact values.

    Strict
    ------
    - rows may be empty.

    Examples
    --------
    Row 2 is looked up twice, with gradients 1 and 2. It takes one step with gradient 3.

    >>> table, accumulator = np.full((3, 1), 10.0), np.array([[0.0], [7.0], [16.0]])
    >>> rows, grads = np.array([2, 0, 2]), np.array([[1.0], [4.0], [2.0]])
    >>> step = adagrad_sparse_step(table, rows, grads, accumulator, lr=2.0, eps=1.0)
    >>> step.table
    array([[ 8.4],
           [10. ],
           [ 9. ]])
    >>> step.accumulator
    array([[16.],
           [ 7.],
           [25.]])
    """
    table = np.array(table, dtype=float)
    accumulator = np.array(accumulator, dtype=float)
    rows = np.asarray(rows)
    grads = np.asarray(grads, dtype=float)
    if rows.size == 0:
        return SparseStep(table, accumulator)
    unique, inverse = np.unique(rows, return_inverse=True)
    sums = np.zeros((len(unique), table.shape[1]))
    np.add.at(sums, inverse, grads)
    accumulator[unique] += np.mean(sums**2, axis=1, keepdims=True)
    table[unique] -= lr * sums / (np.sqrt(accumulator[unique]) + eps)
    return SparseStep(table, accumulator)
