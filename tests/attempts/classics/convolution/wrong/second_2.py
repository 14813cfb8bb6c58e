# wrong (core): where the stride leaves a rest, backward puts the zero gradient of the unused rows and columns at the start, not the end
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
    x, weight, bias = (np.asarray(v, dtype=np.float64) for v in (x, weight, bias))
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = weight.shape[2:]
    out_h = (padded.shape[2] - kh) // stride + 1
    out_w = (padded.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), len(weight), out_h, out_w))
    for u in range(kh):
        for v in range(kw):
            part = padded[:, :, u : u + stride * out_h : stride, v : v + stride * out_w : stride]
            out += np.einsum("oc,nchw->nohw", weight[:, :, u, v], part[:, :, :out_h, :out_w])
    out += bias[:, None, None]
    cache = {"padded": padded, "weight": weight, "stride": stride, "padding": padding, "shape": x.shape}
    return Forward(out, cache)


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
    grad_out = np.asarray(grad_out, dtype=np.float64)
    padded, weight, stride, padding = cache["padded"], cache["weight"], cache["stride"], cache["padding"]
    kh, kw = weight.shape[2:]
    out_h, out_w = grad_out.shape[2:]
    grad_padded = np.zeros(padded.shape)
    grad_weight = np.zeros(weight.shape)
    for u in range(kh):
        for v in range(kw):
            place = (..., slice(u, u + stride * (out_h - 1) + 1, stride), slice(v, v + stride * (out_w - 1) + 1, stride))
            grad_weight[:, :, u, v] = np.einsum("nohw,nchw->oc", grad_out, padded[place])
            grad_padded[place] += np.einsum("nohw,oc->nchw", grad_out, weight[:, :, u, v])
    height, width = cache["shape"][2:]
    top, left = padding, padding
    rest_h = grad_padded.shape[2] - (stride * (out_h - 1) + kh)
    rest_w = grad_padded.shape[3] - (stride * (out_w - 1) + kw)
    grad_padded = np.roll(grad_padded, (rest_h, rest_w), axis=(2, 3))
    grad_x = grad_padded[:, :, top : top + height, left : left + width]
    return Backward(grad_x, grad_weight, grad_out.sum(axis=(0, 2, 3)))
