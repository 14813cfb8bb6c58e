# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- adagrad
"""Adagrad, dense and sparse.

Every coordinate has a learning rate of its own, which falls as the squares of its gradients add up:

    accumulator <- accumulator + grad^2
    param       <- param - lr * grad / (sqrt(accumulator) + eps)

The accumulator comes first, so that a step is divided by its own gradient too, and eps stands outside the root. The
accumulator is the optimizer's state: a sum that forgets nothing, which the caller starts, mostly at zero, and hands
from each step to the next.

A batch looks up few rows of a large embedding table, and the gradient of every other row is zero. The sparse step gets
the rows that were looked up and one gradient for each lookup. It does what the dense step does with the gradient of
the whole table, in which a row looked up several times has the sum of its gradients: duplicates are summed first, and
the row takes one step with the sum, whose square joins the accumulator.

This is PyTorch's Adagrad with its lr_decay and weight_decay at their defaults of 0.

Source: Duchi, Hazan and Singer (2011), Adaptive Subgradient Methods for Online Learning and Stochastic Optimization,
section 1.1 and, for the place of eps, figure 1.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """What `adagrad_step` returns: the updated param and accumulator, both of param's shape."""

    param: np.ndarray
    accumulator: np.ndarray


class SparseStep(NamedTuple):
    """What `adagrad_sparse_step` returns: the updated table and accumulator, both of the table's shape."""

    table: np.ndarray
    accumulator: np.ndarray


def adagrad_step(
    param: np.ndarray, grad: np.ndarray, accumulator: np.ndarray, lr: float = 0.01, eps: float = 1e-10
) -> Step:
    """Take one step on every coordinate.

    Parameters
    ----------
    param : array of any shape
    grad : array of param's shape
        The loss's gradient at param.
    accumulator : array of param's shape
        Sum of the squared gradients of the steps before this one, plus what it was begun with; not negative.
    lr : float
        Learning rate, the same for all coordinates.
    eps : float, positive
        Makes 0 / 0 a step of 0, for a coordinate that never had a gradient.

    Returns
    -------
    Step
        param, accumulator.

    Examples
    --------
    The accumulator grows from 16 to 16 + 3^2 = 25, whose root is 5; with eps = 1 the step is 2 * 3 / 6.

    >>> adagrad_step(np.array([10.0]), np.array([3.0]), np.array([16.0]), lr=2.0, eps=1.0)
    Step(param=array([9.]), accumulator=array([25.]))

    From zero, the first step is lr in each coordinate that has a gradient, however large or small that is.

    >>> adagrad_step(np.zeros(3), np.array([1000.0, -0.001, 0.0]), np.zeros(3), lr=0.5).param.round(6)
    array([-0.5,  0.5,  0. ])
    """
    raise NotImplementedError


def adagrad_sparse_step(
    table: np.ndarray,
    rows: np.ndarray,
    grads: np.ndarray,
    accumulator: np.ndarray,
    lr: float = 0.01,
    eps: float = 1e-10,
) -> SparseStep:
    """Take one step on the rows of a table that a batch looked up.

    A step costs about as much as copying the table and sorting the lookups: 200,000 lookups in a table of 20,000 rows
    and one column should take well under a second. A pass over all lookups for every row would take far longer.

    Parameters
    ----------
    table : array of shape (n_rows, dim)
    rows : array of int, of shape (n_lookups,)
        The rows looked up, each from 0 to n_rows - 1, in any order and with repetitions; there may be none at all.
    grads : array of shape (n_lookups, dim)
        The loss's gradient for each lookup.
    accumulator : array of shape (n_rows, dim)
        As in `adagrad_step`.
    lr : float
    eps : float, positive

    Returns
    -------
    SparseStep
        table, accumulator. Rows that were not looked up are what they were, bit for bit, in both.

    Examples
    --------
    Row 2 is looked up twice, with gradients 1 and 2: one step with gradient 3. Row 0 is looked up once, row 1 never.

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
    raise NotImplementedError
