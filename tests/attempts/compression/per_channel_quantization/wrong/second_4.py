# wrong (core): a group_size above n_in is taken as one group for the row instead of an error
"""Quantisation of weights with one scale for each channel, or for each group.

One scale for a whole matrix has to cover its largest value, and rows of small values lose their digits. So each slice
gets a scale of its own, symmetric about 0:

    q_max = 2**(n_bits - 1) - 1
    scale = max |w| / q_max over the slice, or 1 if the slice is all 0
    code  = round(w / scale)           from -q_max to q_max, and w is about scale * code

Codes are integers of any type that holds them.

Source: Krishnamoorthi, Quantizing deep convolutional networks for efficient inference (2018), section 2; for groups
Shen et al., Q-BERT (2020), section 3.

Strict
------
- round takes halves to the even integer, as in NumPy.
"""

from typing import NamedTuple

import numpy as np


class Quantized(NamedTuple):
    """The codes, in the shape of the weights, and the scales."""

    codes: np.ndarray
    scales: np.ndarray


def quantize_per_channel(w: np.ndarray, axis: int = 0, n_bits: int = 8) -> Quantized:
    """Give each index along one axis a scale of its own.

    Parameters
    ----------
    w : array with at least one axis
        For instance (n_out, n_in), or (n_out, n_in, height, width) of a convolution.
    axis : int
        The axis of the channels. A negative one counts from the last.
    n_bits : int
        From 2 to 8.

    Returns
    -------
    Quantized
        Scales of shape (w.shape[axis],).

    Examples
    --------
    >>> codes, scales = quantize_per_channel(np.array([[0.4, -127.0], [0.0, 0.0], [0.3, 1.27]]))
    >>> codes.tolist(), scales.tolist()
    ([[0, -127], [0, 0], [30, 127]], [1.0, 1.0, 0.01])
    """
    w = np.asarray(w, dtype=float)
    q_max = 2 ** (n_bits - 1) - 1
    moved = np.moveaxis(w, axis, 0)
    largest = np.abs(moved).reshape(len(moved), -1).max(axis=1)
    scales = np.where(largest > 0, largest / q_max, 1.0)
    codes = np.round(moved / scales.reshape((-1,) + (1,) * (w.ndim - 1)))
    codes = np.clip(codes, -q_max, q_max).astype(int)
    return Quantized(np.moveaxis(codes, 0, axis), scales)


def dequantize_per_channel(codes: np.ndarray, scales: np.ndarray, axis: int = 0) -> np.ndarray:
    """Return what the codes stand for, in float64. Codes may be int8.

    Examples
    --------
    >>> dequantize_per_channel(np.array([[1, 2], [3, 4]], dtype=np.int8), np.array([1.0, 0.5]), axis=1)
    array([[1., 1.],
           [3., 2.]])
    """
    codes = np.asarray(codes, dtype=float)
    shape = [1] * codes.ndim
    shape[axis] = -1
    return codes * np.asarray(scales, dtype=float).reshape(shape)


def quantize_per_group(w: np.ndarray, group_size: int, n_bits: int = 4) -> Quantized:
    """Give each group of neighbouring inputs in a row a scale of its own.

    Parameters
    ----------
    w : array of shape (n_out, n_in)
    group_size : int
        The first group of a row is w[i, :group_size].
    n_bits : int
        From 2 to 8.

    Returns
    -------
    Quantized
        Scales of shape (n_out, n_in / group_size).

    Raises
    ------
    ValueError
        If n_in is not a multiple of group_size.

    Examples
    --------
    >>> codes, scales = quantize_per_group(np.array([[7.0, -3.2, 0.2, 1.4]]), group_size=2)
    >>> codes.tolist(), scales.round(9).tolist()
    ([[7, -3, 1, 7]], [[1.0, 0.2]])
    """
    w = np.asarray(w, dtype=float)
    n_out, n_in = w.shape
    group_size = min(group_size, n_in)
    if n_in % group_size:
        raise ValueError("group_size")
    limit = 2 ** (n_bits - 1) - 1
    groups = w.reshape(n_out, n_in // group_size, group_size)
    largest = np.abs(groups).max(axis=2)
    scales = np.where(largest > 0, largest / limit, 1.0)
    codes = np.clip(np.round(groups / scales[:, :, None]), -limit, limit).astype(int)
    return Quantized(codes.reshape(w.shape), scales)
