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
    if np.size(ids) and not 0 <= np.min(ids) <= np.max(ids) < len(table):
        raise ValueError(f"ids run from {np.min(ids)} to {np.max(ids)}, and the table has {len(table)} rows")
    return table[ids]


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
    dim = grad_out.shape[-1]
    grad = np.zeros((n_rows, dim))
    np.add.at(grad, ids.ravel(), grad_out.reshape(-1, dim))
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
    dim = grad_out.shape[-1]
    rows, place = np.unique(ids.ravel(), return_inverse=True)
    grads = np.zeros((len(rows), dim))
    np.add.at(grads, place, grad_out.reshape(-1, dim))
    kept = rows != padding_id  # all of them if it is None
    return SparseGradient(rows[kept], grads[kept])


def embedding_forward_via_take(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Let NumPy take the rows, and check the ids by counting those in range."""
    if np.count_nonzero((ids >= 0) & (ids < table.shape[0])) < ids.size:
        raise ValueError("an id is out of range")
    return np.take(table, ids, axis=0)


def embedding_forward_via_one_hot(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Multiply the table by one row at a time that is 1 at the id and 0 elsewhere."""
    out = np.empty((*ids.shape, table.shape[1]))
    names = np.arange(len(table))
    for place in np.ndindex(ids.shape):
        one_hot = names == ids[place]
        if not one_hot.any():
            raise ValueError(f"there is no row {ids[place]}")
        out[place] = one_hot @ table
    return out


def embedding_backward_via_bincount(
    grad_out: np.ndarray, ids: np.ndarray, n_rows: int, padding_id: int | None = None
) -> np.ndarray:
    """Count the cells of the table, each with its gradient as the weight."""
    dim = grad_out.shape[-1]
    weights = grad_out * (ids != padding_id)[..., np.newaxis]
    cells = ids.astype(int)[..., np.newaxis] * dim + np.arange(dim)
    return np.bincount(cells.ravel(), weights=weights.ravel(), minlength=n_rows * dim).reshape(n_rows, dim)


def embedding_backward_via_sparse(
    grad_out: np.ndarray, ids: np.ndarray, n_rows: int, padding_id: int | None = None
) -> np.ndarray:
    """Lay the sparse gradient out: without duplicates, assigning is enough."""
    sparse = sparse_embedding_backward(grad_out, ids, padding_id)
    grad = np.zeros((n_rows, grad_out.shape[-1]))
    grad[sparse.rows] = sparse.grads
    return grad


def sparse_embedding_backward_via_sorting(
    grad_out: np.ndarray, ids: np.ndarray, padding_id: int | None = None
) -> SparseGradient:
    """Drop the padding, sort what is left, and sum stretches of one id as differences of running sums."""
    kept = ids != padding_id
    ids, grads = ids[kept], grad_out[kept]
    order = np.argsort(ids)
    ends = np.append(np.diff(ids[order]), np.ones(min(len(ids), 1))) != 0
    sums = np.cumsum(grads[order], axis=0)[ends]
    return SparseGradient(ids[order][ends], np.diff(sums, axis=0, prepend=np.zeros((1, grad_out.shape[-1]))))


def sparse_embedding_backward_via_dictionary(
    grad_out: np.ndarray, ids: np.ndarray, padding_id: int | None = None
) -> SparseGradient:
    """Collect each row's sum in a dictionary, lookup by lookup."""
    sums = {}
    for place in np.ndindex(ids.shape):
        row = int(ids[place])
        if row != padding_id:
            sums[row] = sums.get(row, 0.0) + grad_out[place]
    rows = sorted(sums)
    grads = np.array([sums[row] for row in rows], dtype=float).reshape(len(rows), grad_out.shape[-1])
    return SparseGradient(np.array(rows, dtype=int), grads)
