# different style; both bars
from typing import NamedTuple

import numpy as np


class Quantized(NamedTuple):
    codes: np.ndarray
    scales: np.ndarray


def _quantize_numbers(numbers: list[float], n_bits: int) -> tuple[list[int], float]:
    """Quantise one slice, number by number. Python's round takes halves to the even integer."""
    q_max = (1 << (n_bits - 1)) - 1
    top = 0.0
    for number in numbers:
        top = max(top, abs(number))
    scale = top / q_max
    if scale == 0.0:
        scale = 1.0
    return [max(-q_max, min(q_max, round(number / scale))) for number in numbers], scale


def quantize_per_channel(w: np.ndarray, axis: int = 0, n_bits: int = 8) -> Quantized:
    channels_first = np.moveaxis(np.asarray(w).astype(np.float64), axis, 0)
    codes = np.zeros(channels_first.shape, dtype=np.int64)
    scales = np.ones(len(channels_first))
    for i, channel in enumerate(channels_first):
        numbers, scales[i] = _quantize_numbers(np.ravel(channel).tolist(), n_bits)
        codes[i] = np.array(numbers, dtype=np.int64).reshape(np.shape(channel))
    return Quantized(np.ascontiguousarray(np.moveaxis(codes, 0, axis)), scales)


def dequantize_per_channel(codes: np.ndarray, scales: np.ndarray, axis: int = 0) -> np.ndarray:
    out = np.array(codes, dtype=np.float64)
    view = np.moveaxis(out, axis, 0)
    for i, scale in enumerate(np.asarray(scales, dtype=np.float64)):
        view[i] *= scale
    return out


def quantize_per_group(w: np.ndarray, group_size: int, n_bits: int = 4) -> Quantized:
    w = np.asarray(w).astype(np.float64)
    n_out, n_in = w.shape
    if group_size < 1 or n_in % group_size:
        raise ValueError("n_in is not a multiple of group_size")
    codes = np.zeros((n_out, n_in), dtype=np.int64)
    scales = np.ones((n_out, n_in // group_size))
    for i in range(n_out):
        for j in range(n_in // group_size):
            part = slice(j * group_size, (j + 1) * group_size)
            codes[i, part], scales[i, j] = _quantize_numbers(w[i, part].tolist(), n_bits)
    return Quantized(codes, scales)
