# wrong (core): matrix product through float32, exact only up to 2**24
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- quantization
"""Quantisation: store numbers as n-bit integers, and multiply matrices of these codes.

One scale s and one zero point z for the whole array give each number x its code q, which stands for s * (q - z):

    q = clip(round(x / s) + z, q_min, q_max)          q_min = -2**(n-1), q_max = 2**(n-1) - 1

The zero point is a code, so 0 is stored exactly. In a matrix product the scales factor out, and integers remain:

    A @ B is about s_a * s_b * (Q_a - z_a) @ (Q_b - z_b)

Source: Jacob et al., Quantization and Training of Neural Networks (2018), section 2.

Strict
------
- As in NumPy, round takes halves to the even integer.
- ValueError if x holds NaN or infinity; in quantization_params also if it is empty.
"""

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The scale and the zero point of an array."""

    scale: float
    zero_point: int


def quantization_params(x: np.ndarray, n_bits: int = 8, symmetric: bool = False) -> Params:
    """Choose scale and zero point so that the codes cover x.

    With low = min(0, min x) and high = max(0, max x):

        symmetric:     scale = max |x| / q_max                    zero_point = 0
        asymmetric:    scale = (high - low) / (q_max - q_min)     zero_point = round(q_min - low / scale)

    If x is all 0, the scale is 1 and the zero point 0.

    Parameters
    ----------
    x : array of any shape
    n_bits : int
        From 2 to 16.
    symmetric : bool

    Examples
    --------
    >>> quantization_params(np.array([4.0, -2.0, 0.3]), n_bits=2)  # -2, -1, 0, 1 stand for -2, 0, 2, 4
    Params(scale=2.0, zero_point=-1)
    """
    x = np.asarray(x, dtype=np.float64)
    if x.size == 0 or not np.isfinite(x).all():
        raise ValueError("x must be finite and not empty")
    q_min, q_max = -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1
    low, high = min(0.0, float(x.min())), max(0.0, float(x.max()))
    if low == 0.0 and high == 0.0:
        return Params(1.0, 0)
    if symmetric:
        return Params(max(-low, high) / q_max, 0)
    scale = (high - low) / (q_max - q_min)
    return Params(scale, round(q_min - low / scale))


def quantize(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    """Return the codes of x, in any integer type that holds them.

    Examples
    --------
    >>> quantize(np.array([0.0, 0.75, -1.0, 300.0]), scale=1.0, zero_point=3)
    array([  3,   4,   2, 127])
    """
    x = np.asarray(x, dtype=np.float64)
    if not np.isfinite(x).all():
        raise ValueError("x must be finite")
    q_min, q_max = -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1
    return np.clip(np.rint(x / scale) + int(zero_point), q_min, q_max).astype(np.int64)


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """Return the numbers that codes stand for, in float64.

    q may be of any signed integer type. The difference q - zero_point may not fit into that type.

    Examples
    --------
    >>> dequantize(np.array([-128, 3, 127], dtype=np.int8), scale=0.5, zero_point=3)
    array([-65.5,   0. ,  62. ])
    """
    return float(scale) * (np.asarray(q).astype(np.int64) - int(zero_point)).astype(np.float64)


def int8_matmul(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    """Return ``(a - a_zero_point) @ (b - b_zero_point)`` exactly, as integers of any type that holds it.

    Parameters
    ----------
    a, b : arrays of int8, of shapes (n, k) and (k, m)
        k is at most 32768, so int32 holds the result.

    Examples
    --------
    >>> int8_matmul(np.array([[-128, 127]], dtype=np.int8), np.array([[5], [127]], dtype=np.int8), 0, 7).tolist()
    [[15496]]
    """
    a = np.asarray(a).astype(np.float32) - int(a_zero_point)  # floats: BLAS
    b = np.asarray(b).astype(np.float32) - int(b_zero_point)
    return np.rint(a @ b).astype(np.int64)
