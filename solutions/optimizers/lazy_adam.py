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
        Also at t = 1, m and v need not be 0.
    rows : array of shape (n_lookups,)
        Row indices from 0 to n_rows - 1, in any order and with duplicates.
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
        raise ValueError(f"the first step is t = 1, not {t}")
    beta1, beta2 = betas
    touched, place = np.unique(rows, return_inverse=True)
    grad = np.zeros((len(touched), table.shape[1]))
    np.add.at(grad, place, grads)
    table, m, v = table.astype(float), m.astype(float), v.astype(float)  # copies
    m[touched] = beta1 * m[touched] + (1 - beta1) * grad
    v[touched] = beta2 * v[touched] + (1 - beta2) * grad**2
    m_hat, v_hat = m[touched] / (1 - beta1**t), v[touched] / (1 - beta2**t)
    table[touched] -= lr * m_hat / (np.sqrt(v_hat) + eps)
    return SparseStep(table, m, v)


def sparse_adam_step_via_mask(
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
    """Take Adam's step on the whole table, and keep what it makes of the rows that were looked up."""
    if t < 1:
        raise ValueError("t starts at 1")
    dim = table.shape[1]
    cells = (rows[:, None] * dim + np.arange(dim)).ravel()
    grad = np.bincount(cells, weights=np.ravel(grads), minlength=table.size).reshape(table.shape)
    new_m, new_v = m + (1 - betas[0]) * (grad - m), v + (1 - betas[1]) * (grad * grad - v)
    way = lr / (1 - betas[0] ** t) * new_m / (np.sqrt(new_v / (1 - betas[1] ** t)) + eps)
    looked_up = (np.bincount(rows, minlength=len(table)) > 0)[:, None]
    pairs = (table - way, table), (new_m, m), (new_v, v)
    return SparseStep(*(np.where(looked_up, new, old) for new, old in pairs))


def sparse_adam_step_via_sorting(
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
    """Sum stretches of sorted lookups, and correct lr and eps, two numbers, in place of the averages."""
    if not t >= 1:
        raise ValueError("t starts at 1")
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    touched, grad = rows[order][starts], np.add.reduceat(grads[order], starts, axis=0)
    table, m, v = (np.array(array, dtype=float) for array in (table, m, v))
    m[touched] += (1 - betas[0]) * (grad - m[touched])
    v[touched] += (1 - betas[1]) * (grad**2 - v[touched])
    root = (1 - betas[1] ** t) ** 0.5
    table[touched] -= lr * root / (1 - betas[0] ** t) * m[touched] / (np.sqrt(v[touched]) + eps * root)
    return SparseStep(table, m, v)


def sparse_adam_step_via_dictionary(
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
    """Collect each row's sum in a dictionary, lookup by lookup, and take one row's step after another."""
    if t < 1:
        raise ValueError("t starts at 1")
    beta1, beta2 = betas
    sums = {}
    for row, grad in zip(rows.tolist(), grads, strict=True):
        sums[row] = sums[row] + grad if row in sums else grad
    table, m, v = table * 1.0, m * 1.0, v * 1.0
    for row, grad in sums.items():
        m[row], v[row] = beta1 * m[row] + (1 - beta1) * grad, beta2 * v[row] + (1 - beta2) * grad * grad
        table[row] = table[row] - lr * (m[row] / (1 - beta1**t)) / ((v[row] / (1 - beta2**t)) ** 0.5 + eps)
    return SparseStep(table, m, v)
