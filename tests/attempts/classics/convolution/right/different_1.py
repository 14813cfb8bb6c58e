# different style; both bars
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- convolution
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


def correlate(images, kernels):
    """Stride 1, no padding: windows as a view, then one matrix product."""
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[2:], axis=(2, 3))
    return np.moveaxis(np.tensordot(windows, kernels, axes=([1, 4, 5], [1, 2, 3])), 3, 1)


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
    x, weight, bias = (np.array(a, dtype=np.float64) for a in (x, weight, bias))
    padded = np.zeros(x.shape[:2] + (x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    out = correlate(padded, weight)[:, :, ::stride, ::stride] + bias.reshape(-1, 1, 1)
    return Forward(out, (padded, weight, stride, padding))


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
    padded, weight, stride, padding = cache
    _, _, kh, kw = weight.shape
    n, _, height, width = padded.shape
    # as if the stride had been 1, with zeros at the places that the stride skipped
    dense = np.zeros((n, len(weight), height - kh + 1, width - kw + 1))
    dense[:, :, ::stride, ::stride] = grad_out
    # the weight's gradient: the outputs' gradient is the kernel, the batch plays the channels
    grad_weight = correlate(padded.swapaxes(0, 1), dense.swapaxes(0, 1)).swapaxes(0, 1)
    # the input's gradient: a full correlation with the flipped kernel
    full = np.zeros((n, len(weight), height + kh - 1, width + kw - 1))
    full[:, :, kh - 1 : height, kw - 1 : width] = dense
    grad_padded = correlate(full, weight[:, :, ::-1, ::-1].swapaxes(0, 1))
    grad_x = grad_padded[:, :, padding : height - padding, padding : width - padding].copy()
    return Backward(grad_x, grad_weight.copy(), np.einsum("noij->o", dense))
