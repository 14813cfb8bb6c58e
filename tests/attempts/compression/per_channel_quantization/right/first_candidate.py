# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Quantized(NamedTuple):
    codes: np.ndarray
    scales: np.ndarray


def quantize_per_channel(w: np.ndarray, axis: int = 0, n_bits: int = 8) -> Quantized:
    w = np.asarray(w, dtype=float)
    q_max = 2 ** (n_bits - 1) - 1
    axis = axis % w.ndim
    other = tuple(i for i in range(w.ndim) if i != axis)
    scales = np.max(np.abs(w), axis=other, keepdims=True) / q_max
    scales = np.where(scales == 0, 1.0, scales)
    codes = np.round(w / scales).astype(int)
    return Quantized(codes, scales.reshape(-1))


def dequantize_per_channel(codes: np.ndarray, scales: np.ndarray, axis: int = 0) -> np.ndarray:
    shape = [1] * codes.ndim
    shape[axis] = -1
    return codes.astype(np.float64) * scales.reshape(shape)


def quantize_per_group(w: np.ndarray, group_size: int, n_bits: int = 4) -> Quantized:
    n_out, n_in = w.shape
    if n_in % group_size != 0:
        raise ValueError("n_in must be a multiple of group_size")
    n_groups = n_in // group_size
    codes, scales = quantize_per_channel(w.reshape(n_out * n_groups, group_size), 0, n_bits)
    return Quantized(codes.reshape(n_out, n_in), scales.reshape(n_out, n_groups))
