# wrong (strict): quantize rounds after adding the zero point: halves go the wrong way for an odd zero point
# shown by: quantize(np.array([0.5, 1.5, 2.5]), scale=1.0, zero_point=3); right [3, 5, 5], this [4, 4, 6]
from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    scale: float
    zero_point: int


def _limits(n_bits):
    return -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1


def quantization_params(x: np.ndarray, n_bits: int = 8, symmetric: bool = False) -> Params:
    x = np.asarray(x, dtype=float)
    if x.size == 0 or not np.isfinite(x).all():
        raise ValueError("x is empty or not finite")
    q_min, q_max = _limits(n_bits)
    low, high = min(0.0, float(x.min())), max(0.0, float(x.max()))
    if low == high:
        return Params(1.0, 0)
    if symmetric:
        return Params(max(high, -low) / q_max, 0)
    scale = (high - low) / (q_max - q_min)
    return Params(scale, round(q_min - low / scale))


def quantize(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    if not np.isfinite(x).all():
        raise ValueError("x is not finite")
    q_min, q_max = _limits(n_bits)
    return np.clip(np.round(x / scale + zero_point), q_min, q_max).astype(np.int64)


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * (np.asarray(q).astype(np.int64) - zero_point).astype(float)


def int8_matmul(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    return (np.asarray(a).astype(np.int64) - a_zero_point) @ (np.asarray(b).astype(np.int64) - b_zero_point)
