"""Two-dimensional convolution, forward and backward, as in a convolutional layer.

A kernel slides over the image, zero-padded on all four sides, and is not flipped (deep learning's convolution is a
cross-correlation). For image n, output channel o and output place (i, j):

    out[n, o, i, j] = bias[o] + sum over c, u, v of  weight[o, c, u, v] * padded[n, c, stride * i + u, stride * j + v]

The output has (height + 2 * padding - kernel_height) // stride + 1 rows, and columns by the same formula. If the
division leaves a rest, the last rows and columns of the padded image are used by no window.

Use array operations over the batch, channels and places. A loop over the entries of the kernel is fine.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 9.1 and 9.5; PyTorch's conv2d.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, of shape (n, out_channels, out_height, out_width), and what backward needs of this call."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, weight and bias."""

    grad_x: np.ndarray
    grad_weight: np.ndarray
    grad_bias: np.ndarray


def conv2d_forward(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0) -> Forward:
    """Convolve a batch of images.

    Parameters
    ----------
    x : array of shape (n, in_channels, height, width)
    weight : array of shape (out_channels, in_channels, kernel_height, kernel_width)
        The kernel fits into the padded image.
    bias : array of shape (out_channels,)
    stride : int
        The step of the window in both directions, at least 1.
    padding : int
        Rows and columns of zeros on each side, at least 0.

    Examples
    --------
    >>> x, weight = np.array([[[[1.0, 2.0, 3.0, 4.0]]]]), np.array([[[[1.0, 10.0]]]])
    >>> conv2d_forward(x, weight, np.array([0.5])).out
    array([[[[21.5, 32.5, 43.5]]]])
    >>> conv2d_forward(x, weight, np.array([0.0]), stride=3).out
    array([[[[21.]]]])
    """
    windows = _windows(x, weight, stride, padding)
    out = np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3)))
    return Forward(np.moveaxis(out + bias, -1, 1), (x, weight, stride, padding))


def conv2d_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x, weight and bias.

    Parameters
    ----------
    grad_out : array in the shape of out
    cache : object
        From any earlier call of conv2d_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> x, weight = np.array([[[[1.0, 2.0, 3.0, 4.0]]]]), np.array([[[[1.0, 10.0]]]])
    >>> step = conv2d_forward(x, weight, np.array([0.5]))
    >>> grad_x, grad_weight, grad_bias = conv2d_backward(np.array([[[[1.0, 0.0, 2.0]]]]), step.cache)
    >>> grad_x, grad_weight, grad_bias
    (array([[[[ 1., 10.,  2., 20.]]]]), array([[[[ 7., 10.]]]]), array([3.]))
    """
    x, weight, stride, padding = cache
    n_rows, n_columns = grad_out.shape[2:]
    grad_weight = np.tensordot(grad_out, _windows(x, weight, stride, padding), axes=((0, 2, 3), (0, 2, 3)))
    height, width = x.shape[2:]
    grad_padded = np.zeros((*x.shape[:2], height + 2 * padding, width + 2 * padding))
    for u, v in np.ndindex(weight.shape[2:]):
        # Entry (u, v) of the kernel met these pixels, one for each place of the output.
        rows, columns = slice(u, u + stride * n_rows, stride), slice(v, v + stride * n_columns, stride)
        grad_padded[:, :, rows, columns] += np.einsum("noij,oc->ncij", grad_out, weight[:, :, u, v])
    grad_x = grad_padded[:, :, padding : padding + height, padding : padding + width]
    return Backward(grad_x, grad_weight, grad_out.sum(axis=(0, 2, 3)))


def _windows(x: np.ndarray, weight: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return what the kernel meets, as a view of shape (n, in_channels, rows, columns, kernel_height, kernel_width)."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(2, 3))
    return windows[:, :, ::stride, ::stride]


def conv2d_forward_via_shifts(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0
) -> Forward:
    """Add up one shifted image for each entry of the kernel."""
    n, channels, height, width = x.shape
    kernel_height, kernel_width = weight.shape[2:]
    padded = np.zeros((n, channels, height + 2 * padding, width + 2 * padding))
    padded[:, :, padding : padding + height, padding : padding + width] = x
    n_rows = (padded.shape[2] - kernel_height) // stride + 1
    n_columns = (padded.shape[3] - kernel_width) // stride + 1
    out = np.zeros((n, len(weight), n_rows, n_columns)) + bias[:, np.newaxis, np.newaxis]
    for u in range(kernel_height):
        for v in range(kernel_width):
            shifted = padded[:, :, u:, v:][:, :, ::stride, ::stride][:, :, :n_rows, :n_columns]
            out += np.einsum("ncij,oc->noij", shifted, weight[:, :, u, v])
    return Forward(out, (x, weight, stride, padding))


def conv2d_forward_via_matrix(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0
) -> Forward:
    """Write each window as a row (im2col), and multiply by the kernels as columns."""
    kernel_height, kernel_width = weight.shape[2:]
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    tops = range(0, padded.shape[2] - kernel_height + 1, stride)
    lefts = range(0, padded.shape[3] - kernel_width + 1, stride)
    rows = [padded[:, :, i : i + kernel_height, j : j + kernel_width].reshape(len(x), -1) for i in tops for j in lefts]
    out = np.stack(rows, axis=1) @ weight.reshape(len(weight), -1).T + bias
    return Forward(out.swapaxes(1, 2).reshape(len(x), len(weight), len(tops), len(lefts)), (x, weight, stride, padding))


def conv2d_backward_via_places(grad_out: np.ndarray, cache: object) -> Backward:
    """Go over the places of the output: each sends its gradient to its window and to the kernel."""
    x, weight, stride, padding = cache
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    grad_padded, grad_weight = np.zeros(padded.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(grad_out.shape[2:]):
        top, left = i * stride, j * stride
        window = np.s_[:, :, top : top + weight.shape[2], left : left + weight.shape[3]]
        grad_padded[window] += np.einsum("no,ocuv->ncuv", grad_out[:, :, i, j], weight)
        grad_weight += np.einsum("no,ncuv->ocuv", grad_out[:, :, i, j], padded[window])
    inside = np.arange(x.shape[2]) + padding, np.arange(x.shape[3]) + padding
    return Backward(grad_padded[:, :, inside[0]][..., inside[1]], grad_weight, np.einsum("noij->o", grad_out))


def conv2d_backward_via_dilation(grad_out: np.ndarray, cache: object) -> Backward:
    """Spread the gradient out by the stride, and convolve it with the flipped kernel."""
    x, weight, stride, padding = cache
    kernel = np.array(weight.shape[2:])
    sides = np.array(x.shape[2:]) + 2 * padding
    spread = np.zeros((*grad_out.shape[:2], *(sides - kernel + 1)))
    spread[:, :, ::stride, ::stride] = grad_out
    view = np.lib.stride_tricks.sliding_window_view
    wide = np.pad(spread, [(0, 0), (0, 0), *((side - 1, side - 1) for side in kernel)])
    full = np.einsum("noijuv,ocuv->ncij", view(wide, tuple(kernel), axis=(2, 3)), weight[:, :, ::-1, ::-1])
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    grad_weight = np.einsum("ncuvij,noij->ocuv", view(padded, spread.shape[2:], axis=(2, 3)), spread)
    last = (padding + x.shape[2], padding + x.shape[3])
    return Backward(full[:, :, padding : last[0], padding : last[1]], grad_weight, spread.sum(axis=(0, 2, 3)))
