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
    if x.size == 0:
        raise ValueError("x is empty")
    _check_finite(x)
    bottom, top = _end_codes(n_bits)
    low, high = float(x.min(initial=0)), float(x.max(initial=0))
    if low == high:
        return Params(1.0, 0)
    if symmetric:
        return Params(max(-low, high) / top, 0)
    scale = (high - low) / (top - bottom)
    return Params(scale, round(bottom - low / scale))


def quantize(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    """Return the codes of x, in any integer type that holds them.

    Examples
    --------
    >>> quantize(np.array([0.0, 0.75, -1.0, 300.0]), scale=1.0, zero_point=3)
    array([  3,   4,   2, 127])
    """
    _check_finite(x)
    return np.clip(np.rint(x / scale) + zero_point, *_end_codes(n_bits)).astype(int)


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """Return the numbers that codes stand for, in float64.

    q may be of any signed integer type. The difference q - zero_point may not fit into that type.

    Examples
    --------
    >>> dequantize(np.array([-128, 3, 127], dtype=np.int8), scale=0.5, zero_point=3)
    array([-65.5,   0. ,  62. ])
    """
    return scale * (q.astype(float) - zero_point)


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
    # Double precision holds integers up to 2**53 exactly, and NumPy multiplies floats many times faster.
    return ((a.astype(float) - a_zero_point) @ (b.astype(float) - b_zero_point)).astype(np.int32)


def _check_finite(x: np.ndarray) -> None:
    if not np.isfinite(x).all():
        raise ValueError("x holds NaN or infinity, which has no code")


def _end_codes(n_bits: int) -> tuple[int, int]:
    """Return the lowest and the highest code."""
    return -(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1


def quantization_params_via_place_of_zero(x: np.ndarray, n_bits: int = 8, symmetric: bool = False) -> Params:
    """Put 0 among the numbers, mirror them if the range is to be symmetric, and look where on the way 0 lies."""
    _check_finite(x)
    if not x.size:
        raise ValueError("x is empty")
    numbers = np.append(x, 0.0)
    if not numbers.any():
        return Params(1.0, 0)
    n_steps = 2**n_bits - 1
    if symmetric:
        # One code fewer, so that as many lie on either side.
        return Params(float(np.ptp(np.append(numbers, -numbers))) / (n_steps - 1), 0)
    width = float(np.ptp(numbers))
    steps_to_zero = -float(numbers.min()) / width * n_steps
    return Params(width / n_steps, round(steps_to_zero) - 2 ** (n_bits - 1))


def quantize_via_loop(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    """Bring one number at a time between the end codes, then round it in plain Python."""
    _check_finite(x)
    half = 2 ** (n_bits - 1)
    fewest, most = -half - zero_point, half - 1 - zero_point
    codes = [round(min(max(value / scale, fewest), most)) + zero_point for value in x.ravel().tolist()]
    return np.array(codes).reshape(x.shape)


def quantize_via_searching(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    """Count the middles between neighbouring codes that a number has passed; in a middle, take the even neighbour."""
    _check_finite(x)
    steps = np.arange(2**n_bits) - 2 ** (n_bits - 1) - zero_point
    middles = steps[1:] - 0.5
    below = steps[np.searchsorted(middles, x / scale, side="left")]
    above = steps[np.searchsorted(middles, x / scale, side="right")]
    return np.where(below % 2 == 0, below, above) + zero_point


def dequantize_via_table(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """Work out each distinct code once."""
    codes, places = np.unique(q, return_inverse=True)
    return np.array([(code - zero_point) * scale for code in codes.tolist()])[places]


def int8_matmul_via_int32(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    """Stay with integers all the way, as the hardware does."""
    return (a.astype(np.int32) - a_zero_point) @ (b.astype(np.int32) - b_zero_point)


def int8_matmul_via_corrections(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    """Multiply the codes as they are, and take off afterwards what the zero points added."""
    corrections = b_zero_point * a.sum(axis=1, keepdims=True) + a_zero_point * b.sum(axis=0)
    return a.astype(int) @ b - corrections + a.shape[1] * a_zero_point * b_zero_point


def int8_matmul_via_loop(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    """Add up one entry at a time, in Python's own integers."""
    rows, columns = a.tolist(), b.T.tolist()
    return np.array(
        [
            [
                sum((p - a_zero_point) * (q - b_zero_point) for p, q in zip(row, column, strict=True))
                for column in columns
            ]
            for row in rows
        ]
    )
