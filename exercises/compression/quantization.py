# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- quantization
"""Quantisation of numbers to a few bits, and a matrix product of the codes.

A number is stored as an integer, its code q. Two numbers for the whole array, the scale s and the zero point z, say
what a code stands for:

    x is about s (q - z)

The codes of n bits go from -2^(n-1) to 2^(n-1) - 1, from -128 to 127 for eight. The zero point is one of them, and
stands for 0 exactly: padding, masks and the output of a ReLU are full of zeros. To get a code, a number is divided by
the scale and rounded, the zero point is added, and what lies beyond the lowest or highest code becomes that code
(saturation):

    q = min(max(round(x / s) + z, -2^(n-1)), 2^(n-1) - 1)

Everywhere, to round is to go to the nearest integer, and from halfway to the even one: 0.5 becomes 0, 1.5 and 2.5
become 2.

A matrix product of such arrays needs integers only, since the scales are common factors:

    A @ B is about s_a s_b (Q_a - z_a) @ (Q_b - z_b)

Source: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference
(2018), sections 2.1 to 2.3. Rounding and saturation are those of QuantizeLinear, the product that of MatMulInteger, in
ONNX.
"""

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """What `quantization_params` returns: the scale, which is positive, and the zero point, which is a code."""

    scale: float
    zero_point: int


def quantization_params(x: np.ndarray, n_bits: int = 8, symmetric: bool = False) -> Params:
    """Choose scale and zero point such that the codes cover all numbers of an array.

    Parameters
    ----------
    x : array of any shape
        Numbers of either sign, each 0 or of an absolute value from 1e-100 to 1e100. Floats, or integers of any type, in
        which their differences need not fit.
    n_bits : int, from 2 to 16
    symmetric : bool
        Which of two ranges the codes cover.

        False: the range goes from low, the smallest of 0 and all of x, to high, the largest of 0 and all of x. So it
        holds 0 even where x lies on one side of it. Its ends get the lowest and the highest code, up to rounding:
        scale = (high - low) / (2^n_bits - 1), and zero_point = -2^(n_bits-1) - low / scale, rounded.

        True: the range is as wide on both sides of 0, and no number of x gets the lowest code: zero_point = 0, and
        scale = max |x| / (2^(n_bits-1) - 1).

    Returns
    -------
    Params
        scale, zero_point. If all of x is 0, they are 1 and 0. An array of any other constant is no special case.

    Raises
    ------
    ValueError
        If x is empty, or has a NaN or an infinite number.

    Examples
    --------
    Two bits have the codes -2, -1, 0 and 1. Here they stand for -2, 0, 2 and 4.

    >>> quantization_params(np.array([4.0, -2.0, 0.3]), n_bits=2)
    Params(scale=2.0, zero_point=-1)

    >>> quantization_params(np.array([4.0, -2.0, 0.3]), n_bits=2, symmetric=True)
    Params(scale=4.0, zero_point=0)

    A constant: the codes cover all from 0 to 51.

    >>> quantization_params(np.array([51.0, 51.0]))
    Params(scale=0.2, zero_point=-128)
    """
    raise NotImplementedError


def quantize(x: np.ndarray, scale: float, zero_point: int, n_bits: int = 8) -> np.ndarray:
    """Give each number its code.

    Parameters
    ----------
    x : array of any shape
        Numbers of any size, infinite ones too: they need not be those that scale and zero point were chosen for.
    scale : float, positive
    zero_point : int
        One of the codes.
    n_bits : int, from 2 to 16

    Returns
    -------
    array of the shape of x
        The codes: integers from -2^(n_bits-1) to 2^(n_bits-1) - 1, in any integer type that holds them.

    Raises
    ------
    ValueError
        If x has a NaN, for which there is no code.

    Examples
    --------
    Rounding comes before the zero point: 0.5 becomes 0 and then 3.

    >>> quantize(np.array([0.0, 0.5, 0.75, -1.0, 1e9]), scale=1.0, zero_point=3)
    array([  3,   3,   4,   2, 127])
    """
    raise NotImplementedError


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """Return the numbers that codes stand for, scale (q - zero_point).

    Parameters
    ----------
    q : array of integers, of any shape and of any signed type
        In that type the differences from the zero point may not fit.
    scale : float, positive
    zero_point : int

    Returns
    -------
    array of the shape of q
        In double precision; exactly 0 for the zero point.

    Examples
    --------
    >>> dequantize(np.array([-128, 3, 127], dtype=np.int8), scale=0.5, zero_point=3)
    array([-65.5,   0. ,  62. ])
    """
    raise NotImplementedError


def int8_matmul(a: np.ndarray, b: np.ndarray, a_zero_point: int, b_zero_point: int) -> np.ndarray:
    """Multiply two matrices of codes, in integers.

    Parameters
    ----------
    a, b : arrays of int8, of shapes (n, k) and (k, m)
        k is at least 1 and at most 32,768.
    a_zero_point, b_zero_point : int, from -128 to 127

    Returns
    -------
    array of integers, of shape (n, m)
        (a - a_zero_point) @ (b - b_zero_point), exactly, in any integer type that holds it. Neither differences nor
        products nor sums need fit into the type of a and b; int32 holds them all. Multiplied by both scales, this is
        the product of what the codes stand for.

    Examples
    --------
    >>> a, b = np.array([[-128, 127]], dtype=np.int8), np.array([[5], [127]], dtype=np.int8)
    >>> int8_matmul(a, b, a_zero_point=0, b_zero_point=7)  # -128 * -2 + 127 * 120
    array([[15496]], dtype=int32)
    """
    raise NotImplementedError
