# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    scale: float
    zero_point: int


def _code_range(n_bits):
    return -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1


def quantization_params(x: np.ndarray, n_bits: int = 8, symmetric: bool = False) -> Params:
    q_min, q_max = _code_range(n_bits)
    low = min(0.0, float(x.min()))
    high = max(0.0, float(x.max()))
    if low == high:  # all 0
        return Params(1.0, 0)
    if symmetric:
        return Params(max(-low, high) / q_max, 0)
    scale = (high - low) / (q_max - q_min)
    return Params(scale, round(q_min - low / scale))


def quantize(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    q_min, q_max = _code_range(n_bits)
    q = np.round(x / scale) + zero_point
    return np.clip(q, q_min, q_max).astype(int)


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return scale * (q.astype(np.float64) - zero_point)


def int8_matmul(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    return (a.astype(np.int32) - a_zero_point) @ (b.astype(np.int32) - b_zero_point)
