# wrong (core): backward adds into a buffer in the cache that is not reset
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
    x, weight = np.asarray(x).astype(float), np.asarray(weight).astype(float)
    bias = np.asarray(bias).astype(float)
    n, _, height, width = x.shape
    out_channels, _, kernel_height, kernel_width = weight.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (height + 2 * padding - kernel_height) // stride + 1
    columns = (width + 2 * padding - kernel_width) // stride + 1
    out = np.zeros((n, out_channels, rows, columns)) + bias[:, None, None]
    for u in range(kernel_height):
        for v in range(kernel_width):
            window = padded[:, :, u : u + stride * rows : stride, v : v + stride * columns : stride]
            out += np.einsum("ncij,oc->noij", window, weight[:, :, u, v])
    return Forward(out, (padded, np.zeros(padded.shape), weight, stride, padding))


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
    padded, grad_padded, weight, stride, padding = cache
    grad_out = np.asarray(grad_out).astype(float)
    _, _, rows, columns = grad_out.shape
    _, _, kernel_height, kernel_width = weight.shape
    grad_weight = np.zeros(weight.shape)
    for u in range(kernel_height):
        for v in range(kernel_width):
            place = np.s_[:, :, u : u + stride * rows : stride, v : v + stride * columns : stride]
            grad_weight[:, :, u, v] = np.einsum("noij,ncij->oc", grad_out, padded[place])
            grad_padded[place] += np.einsum("noij,oc->ncij", grad_out, weight[:, :, u, v])
    height, width = padded.shape[2] - 2 * padding, padded.shape[3] - 2 * padding
    grad_x = grad_padded[:, :, padding : padding + height, padding : padding + width]
    return Backward(grad_x.copy(), grad_weight, grad_out.sum(axis=(0, 2, 3)))
