# candidate, par time, from the stub alone
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
    n, c, h, w = x.shape
    o, _, kh, kw = weight.shape
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    out = np.zeros((n, o, oh, ow))
    for u in range(kh):
        for v in range(kw):
            patch = xp[:, :, u : u + stride * oh : stride, v : v + stride * ow : stride][:, :, :oh, :ow]
            out += np.einsum("ncij,oc->noij", patch, weight[:, :, u, v])
    out += bias[None, :, None, None]
    return Forward(out, (xp, weight, stride, padding))


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
    xp, weight, stride, padding = cache
    _, _, kh, kw = weight.shape
    _, _, oh, ow = grad_out.shape
    grad_xp = np.zeros(xp.shape)
    grad_weight = np.zeros(weight.shape)
    for u in range(kh):
        for v in range(kw):
            rows = slice(u, u + stride * (oh - 1) + 1, stride)
            cols = slice(v, v + stride * (ow - 1) + 1, stride)
            grad_weight[:, :, u, v] = np.einsum("noij,ncij->oc", grad_out, xp[:, :, rows, cols])
            grad_xp[:, :, rows, cols] += np.einsum("noij,oc->ncij", grad_out, weight[:, :, u, v])
    h, w = xp.shape[2:]
    grad_x = grad_xp[:, :, padding : h - padding, padding : w - padding]
    return Backward(grad_x, grad_weight, grad_out.sum(axis=(0, 2, 3)))
