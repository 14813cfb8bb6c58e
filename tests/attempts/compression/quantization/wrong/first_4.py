# wrong (core): int8_matmul adds up in float32: inexact from k of about 300
# shown by: int8_matmul(np.append(np.full(1000, 127), 1).astype(np.int8)[None], np.append(np.full(1000, 127), 2).astype(np.int8)[:, None], -128, -127).item(); right 64786641, this 64786640
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
    return np.clip(np.round(x / scale) + zero_point, q_min, q_max).astype(np.int64)


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * (np.asarray(q).astype(np.int64) - zero_point).astype(float)


def int8_matmul(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    a = np.asarray(a).astype(np.float32) - np.float32(a_zero_point)
    b = np.asarray(b).astype(np.float32) - np.float32(b_zero_point)
    return np.rint(a @ b).astype(np.int64)  # BLAS is fast, and the products are small integers
