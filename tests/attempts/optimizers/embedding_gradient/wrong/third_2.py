# wrong (core): sparse: padding removed by searchsorted though it may not be among the ids
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- embedding_gradient
"""An embedding table: the lookup, and its gradient, dense and sparse.

The forward pass copies one row of the table for each id. So the loss depends on a row through all its lookups, and the
gradient of a row is a sum:

    out[i]    = table[ids[i]]
    grad[row] = sum of grad_out[i] over all i with ids[i] = row                                   0 if there are none

Here i runs over all places of ids, which may have any shape. padding_id names a row that must not train: its gradient
is 0, while the forward pass treats it like any other. No function changes its arguments.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 12.4.2; PyTorch's Embedding.

Strict
------
- embedding_forward raises ValueError if an id is negative or not below the number of rows.
- ids may be empty, and all of them may be padding_id.
"""

from typing import NamedTuple

import numpy as np


class SparseGradient(NamedTuple):
    """The rows that have a gradient, of shape (n,), and their gradients, of shape (n, dim)."""

    rows: np.ndarray
    grads: np.ndarray


def embedding_forward(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Look up each id.

    Parameters
    ----------
    table : array of shape (n_rows, dim)
    ids : array of int

    Returns
    -------
    array of shape (*ids.shape, dim)

    Examples
    --------
    >>> embedding_forward(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0, 1]]))
    array([[[3., 4.],
            [1., 2.],
            [3., 4.]]])
    """
    table, ids = np.asarray(table), np.asarray(ids)
    if ids.size == 0:
        return np.zeros((*ids.shape, table.shape[1]), dtype=table.dtype)
    if ids.min() < 0 or ids.max() >= len(table):
        raise ValueError("id out of range")
    return table[ids].copy()


def embedding_backward(grad_out: np.ndarray, ids: np.ndarray, n_rows: int, padding_id: int | None = None) -> np.ndarray:
    """Return the gradient of the whole table, of shape (n_rows, dim).

    The time must not grow like n_rows * ids.size.

    Parameters
    ----------
    grad_out : array of shape (*ids.shape, dim)
    ids : array of int
    n_rows : int
    padding_id : int or None
        From 0 to n_rows - 1. None: all rows train.

    Examples
    --------
    >>> embedding_backward(np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([2, 0, 2, 3]), n_rows=5, padding_id=0)
    array([[0.],
           [0.],
           [5.],
           [8.],
           [0.]])
    """
    grad_out, ids = np.asarray(grad_out, dtype=float), np.asarray(ids)
    dim = grad_out.shape[-1]
    grad = np.zeros((n_rows, dim))
    np.add.at(grad, ids.reshape(-1).astype(np.intp), grad_out.reshape(-1, dim))
    if padding_id is not None:
        grad[padding_id] = 0.0
    return grad


def sparse_embedding_backward(grad_out: np.ndarray, ids: np.ndarray, padding_id: int | None = None) -> SparseGradient:
    """Return the gradients of the rows that were looked up.

    rows holds each id once, in rising order and without padding_id. A row whose gradients cancel stays in. The
    time must not grow like len(rows) * ids.size.

    Parameters
    ----------
    grad_out, ids, padding_id
        As in embedding_backward.

    Examples
    --------
    >>> sparse_embedding_backward(np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([2, 0, 2, 3]), padding_id=0)
    SparseGradient(rows=array([2, 3]), grads=array([[5.],
           [8.]]))
    """
    grad_out, ids = np.asarray(grad_out, dtype=float), np.asarray(ids)
    dim = grad_out.shape[-1]
    rows, place = np.unique(ids.reshape(-1), return_inverse=True)
    grads = np.zeros((len(rows), dim))
    np.add.at(grads, place.reshape(-1), grad_out.reshape(-1, dim))
    if padding_id is not None:
        k = np.searchsorted(rows, padding_id)
        if k < len(rows):
            rows, grads = np.delete(rows, k), np.delete(grads, k, axis=0)
    return SparseGradient(rows, grads)
