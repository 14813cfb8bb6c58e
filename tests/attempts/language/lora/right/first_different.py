# different style; both bars
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_a: np.ndarray
    grad_b: np.ndarray


def merge(weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """Add the rank-1 updates one by one."""
    merged = np.array(weight, dtype=np.float64)
    rows = np.asarray(a, dtype=np.float64)
    columns = np.asarray(b, dtype=np.float64).T
    for row, column in zip(rows, columns, strict=True):
        merged += float(alpha) / len(rows) * np.outer(column, row)
    return merged


def lora_forward(x: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> Forward:
    """Apply the merged layer: the update is a part of one weight, and of its gradient in backward."""
    x = np.array(x, dtype=np.float64)
    a, b = np.array(a, dtype=np.float64), np.array(b, dtype=np.float64)
    merged = merge(weight, a, b, alpha)
    return Forward(np.einsum("...i,oi->...o", x, merged), (x, merged, a, b, float(alpha) / len(a)))


def lora_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x, merged, a, b, factor = cache
    grad_out = np.asarray(grad_out, dtype=np.float64)
    leading = tuple(range(x.ndim - 1))
    grad_merged = np.tensordot(grad_out, x, axes=(leading, leading))
    return Backward(
        grad_x=np.einsum("...o,oi->...i", grad_out, merged),
        grad_a=factor * np.einsum("or,oi->ri", b, grad_merged),
        grad_b=factor * np.einsum("oi,ri->or", grad_merged, a),
    )
