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
    windows = _windows(x, size, stride, padding, -np.inf)
    return Forward(windows.max(axis=-1), (windows.argmax(axis=-1), x.shape, size, stride, padding))


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
    chosen, shape, size, stride, padding = cache
    shares = (chosen[..., np.newaxis] == np.arange(size * size)) * grad_out[..., np.newaxis]
    return _collected(shares, shape, size, stride, padding)


def average_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Return the mean of each window. The parameters are those of max_pool_forward.

    Examples
    --------
    >>> average_pool_forward(np.array([[[[4.0, 8.0]]]]), size=2, stride=2, padding=1).out
    array([[[[1., 2.]]]])
    """
    windows = _windows(x, size, stride, padding, 0.0)
    return Forward(windows.mean(axis=-1), (x.shape, size, stride, padding))


def average_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Return the gradient for x.

    Examples
    --------
    >>> step = average_pool_forward(np.array([[[[4.0, 8.0, 0.0]]]]), size=1, stride=2)
    >>> average_pool_backward(np.array([[[[5.0, 7.0]]]]), step.cache)
    array([[[[5., 0., 7.]]]])
    """
    shape, size, stride, padding = cache
    shares = np.repeat(grad_out[..., np.newaxis] / size**2, size * size, axis=-1)
    return _collected(shares, shape, size, stride, padding)


def _windows(x: np.ndarray, size: int, stride: int, padding: int, fill: float) -> np.ndarray:
    """Return the windows, of shape (n, channels, rows, columns, size * size)."""
    sides = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(x.astype(float), sides, constant_values=fill)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.reshape(*windows.shape[:4], size * size)


def _collected(shares: np.ndarray, shape: tuple[int, ...], size: int, stride: int, padding: int) -> np.ndarray:
    """Add up what each pixel of the windows gets, and cut the padding off."""
    n, channels, height, width = shape
    n_rows, n_columns = shares.shape[2:4]
    padded = np.zeros((n, channels, height + 2 * padding, width + 2 * padding))
    for place in range(size * size):
        u, v = divmod(place, size)
        padded[:, :, u : u + stride * n_rows : stride, v : v + stride * n_columns : stride] += shares[..., place]
    return padded[:, :, padding : padding + height, padding : padding + width]


def max_pool_forward_via_shifts(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Lay shifted images on top of each other, one for each pixel of the window."""
    n, channels, height, width = x.shape
    padded = np.full((n, channels, height + 2 * padding, width + 2 * padding), -np.inf)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    n_rows, n_columns = ((side - size) // stride + 1 for side in padded.shape[2:])
    shifted = [padded[:, :, u::stride, v::stride][:, :, :n_rows, :n_columns] for u in range(size) for v in range(size)]
    layers = np.stack(shifted)
    best = np.maximum.reduce(layers)
    return Forward(best, (np.argmax(layers == best, axis=0), x.shape, size, stride, padding))


def max_pool_forward_via_loop(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Cut each window out of the image itself, as far as it lies inside."""
    n, channels, height, width = x.shape
    tops = range(-padding, height + padding - size + 1, stride)
    lefts = range(-padding, width + padding - size + 1, stride)
    out = np.empty((n, channels, len(tops), len(lefts)))
    chosen = np.empty(out.shape, dtype=int)
    for i, j in np.ndindex(out.shape[2:]):
        rows = [row for row in range(tops[i], tops[i] + size) if 0 <= row < height]
        columns = [column for column in range(lefts[j], lefts[j] + size) if 0 <= column < width]
        inside = x[:, :, rows][..., columns].reshape(n, channels, -1)
        row, column = np.divmod(inside.argmax(axis=-1), len(columns))
        out[:, :, i, j] = inside.max(axis=-1)
        chosen[:, :, i, j] = (row + rows[0] - tops[i]) * size + column + columns[0] - lefts[j]
    return Forward(out, (chosen, x.shape, size, stride, padding))


def max_pool_backward_via_indices(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Find the pixel that each window chose, and add at these places."""
    chosen, shape, size, stride, padding = cache
    grad_x = np.zeros(shape)
    image, channel, i, j = np.indices(grad_out.shape)
    rows = i * stride + chosen // size - padding
    columns = j * stride + chosen % size - padding
    np.add.at(grad_x, (image, channel, rows, columns), grad_out)
    return grad_x


def max_pool_backward_via_counts(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Give each pixel a number, and add up the gradients of each number."""
    chosen, (n, channels, height, width), size, stride, padding = cache
    rows = np.arange(chosen.shape[2])[:, np.newaxis] * stride + chosen // size - padding
    columns = np.arange(chosen.shape[3]) * stride + chosen % size - padding
    images = np.arange(n * channels).reshape(n, channels, 1, 1)
    numbers = (images * height + rows) * width + columns
    total = np.bincount(numbers.ravel(), grad_out.ravel(), minlength=n * channels * height * width)
    return total.reshape(n, channels, height, width)


def average_pool_forward_via_sums(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Take differences of sums over all rows and columns before (an integral image)."""
    padded = np.pad(x, [(0, 0), (0, 0), (padding + 1, padding), (padding + 1, padding)])
    sums = padded.cumsum(axis=2).cumsum(axis=3)
    low, high = sums[:, :, :-size], sums[:, :, size:]
    totals = high[..., size:] - high[..., :-size] - low[..., size:] + low[..., :-size]
    return Forward(totals[:, :, ::stride, ::stride] / (size * size), (x.shape, size, stride, padding))


def average_pool_forward_via_shifts(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    """Add up one shifted image for each pixel of the window."""
    padded = np.pad(1.0 * x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    rows, columns = (side - size + 1 for side in padded.shape[2:])
    out = sum(padded[:, :, u : u + rows, v : v + columns] for u in range(size) for v in range(size)) / size**2
    return Forward(out[:, :, ::stride, ::stride], (x.shape, size, stride, padding))


def average_pool_backward_via_windows(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Give each window its share, one place at a time."""
    shape, size, stride, padding = cache
    grad_x = np.zeros(shape)
    for i, j in np.ndindex(grad_out.shape[2:]):
        top, left = stride * i - padding, stride * j - padding
        window = np.s_[:, :, max(top, 0) : top + size, max(left, 0) : left + size]
        grad_x[window] += grad_out[:, :, i : i + 1, j : j + 1] / size**2
    return grad_x


def average_pool_backward_via_matrices(grad_out: np.ndarray, cache: object) -> np.ndarray:
    """Say by a matrix for each axis which windows a row and a column are in."""
    shape, size, stride, padding = cache
    members = []
    for side, count in zip(shape[2:], grad_out.shape[2:], strict=True):
        offset = np.arange(side)[:, np.newaxis] + padding - np.arange(count) * stride
        members.append(((offset >= 0) & (offset < size)) / size)
    return members[0] @ grad_out @ members[1].T
