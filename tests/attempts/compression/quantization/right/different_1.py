# different style; both bars
from math import isfinite, isinf
from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The scale and the zero point of an array."""

    scale: float
    zero_point: int


def _numbers(x):
    values = [float(v) for v in np.asarray(x).ravel().tolist()]
    if not all(map(isfinite, values)):
        raise ValueError("x holds NaN or infinity")
    return values


def _codes(n_bits):
    n_bits = int(n_bits)
    return -(1 << n_bits - 1), (1 << n_bits - 1) - 1


def quantization_params(x: np.ndarray, n_bits: int = 8, symmetric: bool = False) -> Params:
    values = _numbers(x)
    if not values:
        raise ValueError("x is empty")
    q_min, q_max = _codes(n_bits)
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        return Params(1.0, 0)
    tiny = 5e-324
    if symmetric:
        return Params(max(high, -low) / q_max or tiny, 0)
    steps = q_max - q_min
    scale = (high - low) / steps
    if isinf(scale):
        scale = high / steps - low / steps
    scale = scale or tiny
    return Params(scale, round(q_min - low / scale))


def quantize(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    q_min, q_max = _codes(n_bits)
    zero_point, scale = int(zero_point), float(scale)
    floor, ceiling = q_min - zero_point, q_max - zero_point  # the limits before the shift
    codes = []
    for value in _numbers(x):
        steps = value / scale
        if steps <= floor:
            codes.append(q_min)
        elif steps >= ceiling:
            codes.append(q_max)
        else:
            codes.append(round(steps) + zero_point)
    return np.array(codes, dtype=int).reshape(np.shape(x))


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    q, scale, zero_point = np.asarray(q), float(scale), int(zero_point)
    known = {}
    out = []
    for code in q.ravel().tolist():
        if code not in known:
            known[code] = scale * (int(code) - zero_point)
        out.append(known[code])
    return np.array(out, dtype=np.float64).reshape(q.shape)


def int8_matmul(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    a, b = np.asarray(a).astype(np.int64), np.asarray(b).astype(np.int64)
    z_a, z_b, k = int(a_zero_point), int(b_zero_point), a.shape[1]
    # Products of codes add up to less than 2**53, so the product in float64 is exact. The zero points come after.
    codes = (a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)
    return codes - z_b * a.sum(axis=1)[:, None] - z_a * b.sum(axis=0)[None, :] + k * z_a * z_b
