# wrong (core): only neighbouring lookups of the same row are summed; if the same row comes again later, the last group counts
"""Lazy Adam: Adam on the rows of an embedding table that a batch looked up.

Dense Adam moves every row in every step, also without a gradient, because m and v decay. Lazy Adam is another
algorithm: it takes Adam's step on the rows that were looked up, and leaves all others alone. For such a row, g is the
sum of its gradients over all its lookups, and

    m   <- beta1 * m + (1 - beta1) * g
    v   <- beta2 * v + (1 - beta2) * g^2
    row <- row - lr * m_hat / (sqrt(v_hat) + eps)           m_hat = m / (1 - beta1^t), v_hat = v / (1 - beta2^t)

t counts the steps of the optimizer from 1. It is the same for all rows, however often a row was looked up.

The function is pure: it returns new arrays.

Source: Kingma and Ba, Adam (2015), algorithm 1; LazyAdam of TensorFlow Addons. PyTorch's SparseAdam is the same except
that it adds eps to sqrt(v).
"""

from typing import NamedTuple

import numpy as np


class SparseStep(NamedTuple):
    """The updated table, m and v."""

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
    """Take one step on the rows of a table that a batch looked up.

    The time must not grow like n_rows * n_lookups.

    Parameters
    ----------
    table, m, v : arrays of shape (n_rows, dim)
    rows : array of shape (n_lookups,)
        Row indices, in any order and with duplicates.
    grads : array of shape (n_lookups, dim)
        The gradient of each lookup.
    t : int
        The number of this step.
    lr : float
    betas : tuple of two floats
        beta1 and beta2, each from 0 to less than 1.
    eps : float
        Positive.

    Returns
    -------
    SparseStep
        A row that was looked up takes the step also where its g is 0. In all three arrays, a row that was not looked
        up keeps its exact values.

    Raises
    ------
    ValueError
        If t < 1.

    Strict
    ------
    - rows may be empty.

    Examples
    --------
    Row 1 is looked up twice, with gradients 3 and -1. It takes one step with gradient 2.

    >>> table, m, v = np.array([[7.0], [10.0]]), np.ones((2, 1)), np.full((2, 1), 2.0)
    >>> rows, grads = np.array([1, 1]), np.array([[3.0], [-1.0]])
    >>> step = sparse_adam_step(table, rows, grads, m, v, t=2, lr=0.5, betas=(0.5, 0.5), eps=2.0)
    >>> step.table
    array([[7.  ],
           [9.75]])
    >>> step.m
    array([[1. ],
           [1.5]])
    >>> step.v
    array([[2.],
           [3.]])
    """
    if t < 1:
        raise ValueError("t has to be at least 1")
    b1, b2 = betas
    table, m, v = np.array(table, float), np.array(m, float), np.array(v, float)
    grads = np.asarray(grads, float)
    ids, where = np.unique(rows, return_inverse=True)
    where = where.reshape(-1)
    if ids.size == 0:
        return SparseStep(table, m, v)
    g = np.zeros((ids.size, table.shape[1]))
    start = np.flatnonzero(np.r_[True, where[1:] != where[:-1]])
    g[where[start]] = np.add.reduceat(grads, start, axis=0)
    sq = g**2
    m[ids] = b1 * m[ids] + (1 - b1) * g
    v[ids] = b2 * v[ids] + (1 - b2) * sq
    m_hat = m[ids] / (1 - b1**t)
    v_hat = v[ids] / (1 - b2**t)
    table[ids] -= lr * m_hat / (np.sqrt(v_hat) + eps)
    return SparseStep(table, m, v)
