# different style; both bars
from typing import NamedTuple

import numpy as np


class SparseGradient(NamedTuple):
    rows: np.ndarray
    grads: np.ndarray


def embedding_forward(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    table, ids = np.asarray(table), np.asarray(ids)
    n_rows, dim = table.shape
    if ids.size and (int(ids.min()) < 0 or int(ids.max()) >= n_rows):
        raise ValueError("id out of range")
    places = ids.astype(np.int64)[..., None] * dim + np.arange(dim)
    return table.ravel()[places]


def flatten(grad_out, ids, padding_id):
    grad_out, ids = np.asarray(grad_out), np.asarray(ids)
    flat = ids.ravel().astype(np.int64)
    grads = grad_out.reshape(flat.size, grad_out.shape[-1]).astype(np.float64)
    if padding_id is None:
        return grads, flat
    keep = np.flatnonzero(flat != int(padding_id))
    return grads[keep], flat[keep]


def embedding_backward(grad_out: np.ndarray, ids: np.ndarray, n_rows: int, padding_id: int | None = None) -> np.ndarray:
    grads, flat = flatten(grad_out, ids, padding_id)
    dim = grads.shape[1]
    cells = flat[:, None] * dim + np.arange(dim)
    n_rows = int(n_rows)
    return np.bincount(cells.ravel(), weights=grads.ravel(), minlength=n_rows * dim).astype(float).reshape(n_rows, dim)


def sparse_embedding_backward(grad_out: np.ndarray, ids: np.ndarray, padding_id: int | None = None) -> SparseGradient:
    grads, flat = flatten(grad_out, ids, padding_id)
    if flat.size == 0:
        return SparseGradient(flat, grads)
    order = np.argsort(flat, kind="stable")
    in_order = flat[order]
    starts = np.flatnonzero(np.concatenate([[True], in_order[1:] != in_order[:-1]]))
    return SparseGradient(in_order[starts], np.add.reduceat(grads[order], starts, axis=0))
