# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class SparseGradient(NamedTuple):
    rows: np.ndarray
    grads: np.ndarray


def embedding_forward(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    if np.any(ids < 0) or np.any(ids >= len(table)):
        raise ValueError("id out of range")
    return table[ids]


def embedding_backward(grad_out: np.ndarray, ids: np.ndarray, n_rows: int, padding_id: int | None = None) -> np.ndarray:
    dim = grad_out.shape[-1]
    grad = np.zeros((n_rows, dim))
    np.add.at(grad, ids.ravel(), grad_out.reshape(-1, dim))
    if padding_id is not None:
        grad[padding_id] = 0
    return grad


def sparse_embedding_backward(grad_out: np.ndarray, ids: np.ndarray, padding_id: int | None = None) -> SparseGradient:
    dim = grad_out.shape[-1]
    ids = ids.ravel()
    grad_out = grad_out.reshape(-1, dim)
    if padding_id is not None:
        keep = ids != padding_id
        ids = ids[keep]
        grad_out = grad_out[keep]
    rows, inverse = np.unique(ids, return_inverse=True)
    grads = np.zeros((len(rows), dim))
    np.add.at(grads, inverse, grad_out)
    return SparseGradient(rows, grads)
