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
    others = tuple(k for k in range(w.ndim) if k != axis % w.ndim)
    scales = _scales(np.abs(w, dtype=float).max(axis=others), n_bits)
    return Quantized(np.rint(w / np.expand_dims(scales, others)).astype(int), scales)


def dequantize_per_channel(codes: np.ndarray, scales: np.ndarray, axis: int = 0) -> np.ndarray:
    """Return what the codes stand for, in float64. Codes may be int8.

    Examples
    --------
    >>> dequantize_per_channel(np.array([[1, 2], [3, 4]], dtype=np.int8), np.array([1.0, 0.5]), axis=1)
    array([[1., 1.],
           [3., 2.]])
    """
    return np.moveaxis(np.moveaxis(codes, axis, -1) * scales, -1, axis)


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
    # Raises ValueError itself, if the groups do not fill a row.
    groups = w.reshape(len(w), -1, group_size)
    scales = _scales(np.abs(groups, dtype=float).max(axis=2), n_bits)
    return Quantized(np.rint(groups / scales[:, :, np.newaxis]).astype(int).reshape(w.shape), scales)


def _scales(largest: np.ndarray, n_bits: int) -> np.ndarray:
    return np.where(largest > 0, largest / (2 ** (n_bits - 1) - 1), 1.0)


def quantize_per_channel_via_rows(w: np.ndarray, axis: int = 0, n_bits: int = 8) -> Quantized:
    """Lay each channel out as a row, treat one row after the other, and lay them back."""
    moved = np.moveaxis(w, axis, 0)
    codes, scales = np.empty(moved.shape, dtype=np.int8), np.ones(len(moved))
    for k, channel in enumerate(moved):
        if channel.any():
            scales[k] = max(float(channel.max()), -float(channel.min())) / (2 ** (n_bits - 1) - 1)
        codes[k] = np.round(channel / scales[k])
    return Quantized(np.moveaxis(codes, 0, axis), scales)


def quantize_per_channel_via_loop(w: np.ndarray, axis: int = 0, n_bits: int = 8) -> Quantized:
    """Go through the numbers one at a time, twice: for the largest of each channel, and for the codes."""
    top = 2 ** (n_bits - 1) - 1
    largest = [0.0] * w.shape[axis]
    for place in np.ndindex(w.shape):
        largest[place[axis]] = max(largest[place[axis]], abs(float(w[place])))
    scales = [size / top if size else 1.0 for size in largest]
    codes = np.empty(w.shape, dtype=int)
    for place in np.ndindex(w.shape):
        codes[place] = round(float(w[place]) / scales[place[axis]])
    return Quantized(codes, np.array(scales))


def dequantize_per_channel_via_reshaping(codes: np.ndarray, scales: np.ndarray, axis: int = 0) -> np.ndarray:
    """Give the scales an axis of length one for each other axis of the codes."""
    shape = [1] * codes.ndim
    shape[axis] = len(scales)
    return codes * scales.reshape(shape)


def dequantize_per_channel_via_loop(codes: np.ndarray, scales: np.ndarray, axis: int = 0) -> np.ndarray:
    """Take one channel after the other, and put them together again."""
    channels = [codes.take(k, axis=axis) * scale for k, scale in enumerate(scales.tolist())]
    return np.stack(channels, axis=axis)


def quantize_per_group_via_channels(w: np.ndarray, group_size: int, n_bits: int = 4) -> Quantized:
    """Make each group a row, and each row a channel."""
    codes, scales = quantize_per_channel(w.reshape(-1, group_size), 0, n_bits)
    return Quantized(codes.reshape(w.shape), scales.reshape(len(w), -1))


def quantize_per_group_via_slices(w: np.ndarray, group_size: int, n_bits: int = 4) -> Quantized:
    """Treat the groups at the same place of all rows together."""
    if w.shape[1] % group_size != 0:
        raise ValueError("the groups do not fill a row")
    parts = [quantize_per_channel(w[:, k : k + group_size], 0, n_bits) for k in range(0, w.shape[1], group_size)]
    return Quantized(np.hstack([part.codes for part in parts]), np.stack([part.scales for part in parts], axis=1))
