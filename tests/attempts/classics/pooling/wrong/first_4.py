# wrong (core): the mean's gradient is set, not added, where windows overlap
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- pooling
"""Max pooling and average pooling, forward and backward.

A square window of size by size pixels moves over each channel in steps of stride. Each place gives one output: the
largest number in the window, or the mean. With padding, rows and columns stand on all four sides:

- Max pooling pads with -inf, so padding is never the maximum.
- Average pooling pads with zeros, which count: it always divides by size * size.

The output has (height + 2 * padding - size) // stride + 1 rows, and columns by the same formula. A pixel collects the
gradients of all windows that it is in.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 9.3; PyTorch's max_pool2d and avg_pool2d.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, of shape (n, channels, out_height, out_width), and what backward needs of this call."""

    out: np.ndarray
    cache: object


def windows(x: np.ndarray, size: int, stride: int, padding: int, fill: float) -> np.ndarray:
    """All windows of the padded image, of shape (n, channels, out_height, out_width, size, size)."""
    sides = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(np.asarray(x, dtype=float), sides, constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def max_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Return the largest number of each window.

    Parameters
    ----------
    x : array of shape (n, channels, height, width)
    size, stride : int
        At least 1. The window fits into the padded image.
    padding : int
        At most size / 2, so that each window holds a pixel.

    Examples
    --------
    >>> x = np.array([[[[1.0, 3.0, 2.0], [5.0, 0.0, 4.0]]]])
    >>> max_pool_forward(x, size=2, stride=1).out
    array([[[[5., 4.]]]])
    """
    view = windows(x, size, stride, padding, -np.inf)
    flat = view.reshape(*view.shape[:4], size * size)
    return Forward(flat.max(axis=-1), (np.shape(x), size, stride, padding, flat.argmax(axis=-1)))


def max_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Return the gradient for x: the maximum of each window gets all of that window's.

    If several pixels are the maximum, the first in reading order gets it.

    Parameters
    ----------
    grad_out : array in the shape of out
    cache : object
        From any earlier call of max_pool_forward.

    Examples
    --------
    >>> x = np.array([[[[1.0, 3.0, 3.0], [2.0, 0.0, 3.0]]]])
    >>> step = max_pool_forward(x, size=2, stride=1)
    >>> max_pool_backward(np.array([[[[10.0, 1.0]]]]), step.cache)
    array([[[[ 0., 11.,  0.],
             [ 0.,  0.,  0.]]]])
    """
    shape, size, stride, padding, where = cache
    n, channels, height, width = shape
    grad = np.zeros((n, channels, height + 2 * padding, width + 2 * padding))
    i, c, row, col = np.indices(where.shape)
    np.add.at(grad, (i, c, row * stride + where // size, col * stride + where % size), grad_out)
    return grad[:, :, padding : padding + height, padding : padding + width]


def average_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Return the mean of each window. The parameters are those of max_pool_forward.

    Examples
    --------
    >>> average_pool_forward(np.array([[[[4.0, 8.0]]]]), size=2, stride=2, padding=1).out
    array([[[[1., 2.]]]])
    """
    view = windows(x, size, stride, padding, 0.0)
    return Forward(view.mean(axis=(-2, -1)), (np.shape(x), size, stride, padding))


def average_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Return the gradient for x.

    Examples
    --------
    >>> step = average_pool_forward(np.array([[[[4.0, 8.0, 0.0]]]]), size=1, stride=2)
    >>> average_pool_backward(np.array([[[[5.0, 7.0]]]]), step.cache)
    array([[[[5., 0., 7.]]]])
    """
    shape, size, stride, padding = cache
    n, channels, height, width = shape
    grad = np.zeros((n, channels, height + 2 * padding, width + 2 * padding))
    share = np.asarray(grad_out, dtype=float) / (size * size)
    for row in range(share.shape[2]):
        for col in range(share.shape[3]):
            top, left = row * stride, col * stride
            grad[:, :, top : top + size, left : left + size] = share[:, :, row, col, None, None]
    return grad[:, :, padding : padding + height, padding : padding + width]
