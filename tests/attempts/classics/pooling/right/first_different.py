# different style; both bars
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


def _windows(image, size, stride):
    """(..., height, width) -> (..., out_height, out_width, size * size), each window in reading order."""
    view = sliding_window_view(image, (size, size), axis=(-2, -1))[..., ::stride, ::stride, :, :]
    return view.reshape(view.shape[:-2] + (size * size,))


def max_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    x = np.asarray(x)
    n, channels, height, width = x.shape
    border = ((padding, padding), (padding, padding))
    # The number of each pixel within its channel; -1 for padding. So padding is told from a pixel of -inf.
    number = np.pad(np.arange(height * width).reshape(height, width), border, constant_values=-1)
    number = _windows(number, size, stride)
    if x.dtype.kind in "iu":  # compare integers as they are: as floats, large ones may become equal
        lowest = np.iinfo(x.dtype).min
    else:
        x = x.astype(float)
        lowest = -np.inf
    values = _windows(np.pad(x, ((0, 0), (0, 0)) + border, constant_values=lowest), size, stride)
    out = values.max(axis=-1)
    first = ((values == out[..., None]) & (number >= 0)).argmax(axis=-1)
    pixel = np.take_along_axis(np.broadcast_to(number, values.shape), first[..., None], axis=-1)[..., 0]
    image = np.arange(n * channels).reshape(n, channels, 1, 1)
    return Forward(out.astype(float), (image * (height * width) + pixel, x.shape))


def max_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    position, shape = cache
    weights = np.asarray(grad_out, dtype=float).ravel()
    return np.bincount(position.ravel(), weights=weights, minlength=int(np.prod(shape))).astype(float).reshape(shape)


def _offsets(shape, size, stride, padding):
    """For each offset in the window, the slices of the padded image that stand there, over all windows at once."""
    rows = (shape[2] + 2 * padding - size) // stride + 1
    columns = (shape[3] + 2 * padding - size) // stride + 1
    for r in range(size):
        for c in range(size):
            yield (
                slice(None),
                slice(None),
                slice(r, r + (rows - 1) * stride + 1, stride),
                slice(c, c + (columns - 1) * stride + 1, stride),
            )


def average_pool_forward(x: np.ndarray, size: int, stride: int, padding: int = 0) -> Forward:
    x = np.asarray(x, dtype=float)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = sum(padded[place] for place in _offsets(x.shape, size, stride, padding)) / (size * size)
    return Forward(out, (x.shape, size, stride, padding))


def average_pool_backward(grad_out: np.ndarray, cache: object) -> np.ndarray:
    shape, size, stride, padding = cache
    n, channels, height, width = shape
    share = np.asarray(grad_out, dtype=float) / (size * size)
    grad = np.zeros((n, channels, height + 2 * padding, width + 2 * padding))
    for place in _offsets(shape, size, stride, padding):
        grad[place] += share
    return grad[:, :, padding : padding + height, padding : padding + width].copy()
