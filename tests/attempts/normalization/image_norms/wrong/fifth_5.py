# wrong (core): instance norm by folding samples into channels: gamma repeated in the wrong order (repeat, not tile) when n and channels > 1
"""Batch, group and instance normalisation of images, forward and backward.

x has the shape (n, channels, height, width); gamma, beta and running statistics have (channels,). Each norm
standardises x, then scales and shifts:

    x_hat = (x - mean) / sqrt(var + eps)
    out   = gamma[c] * x_hat + beta[c]

They differ in the numbers that share a mean and a biased variance, always two or more:

    batch norm       a channel of all samples
    group norm       a group of channels of a sample
    instance norm    a channel of a sample

Only batch norm has running statistics. In training, with m = n * height * width:

    running_mean <- (1 - momentum) * running_mean + momentum * mean
    running_var  <- (1 - momentum) * running_var  + momentum * var * m / (m - 1)

In inference, mean and var are the running statistics, which do not change.

Source: Wu and He, Group Normalization (2018). The update is PyTorch's.

Strict
------
- Arrays may hold integers.
- A mean may be 1e6 times its standard deviation.
"""

from typing import NamedTuple

import numpy as np


class BatchForward(NamedTuple):
    """The output, anything for backward, and the new running statistics."""

    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Forward(NamedTuple):
    """The output and anything for backward."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients for x, gamma and beta."""

    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def _affine(x_hat, gamma, beta):
    return np.asarray(gamma, dtype=float)[:, None, None] * x_hat + np.asarray(beta, dtype=float)[:, None, None]


def batch_norm_2d_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    momentum: float = 0.1,
    eps: float = 1e-5,
    training: bool = True,
) -> BatchForward:
    """Normalise each channel over the batch, in training or in inference.

    Examples
    --------
    >>> x, one, zero = np.array([[[[1.0, 3.0]]], [[[3.0, 5.0]]]]), np.ones(1), np.zeros(1)
    >>> step = batch_norm_2d_forward(x, 2 * one, zero, zero, one, 0.75, eps=2.0)
    >>> step.out.ravel(), step.running_var
    (array([-2.,  0.,  0.,  2.]), array([2.25]))
    """
    x = np.array(x, dtype=float)
    gamma = np.array(gamma, dtype=float)
    running_mean = np.array(running_mean, dtype=float)
    running_var = np.array(running_var, dtype=float)
    n, c, h, w = x.shape
    if training:
        mean = x.mean(axis=(0, 2, 3))
        var = x.var(axis=(0, 2, 3))
        m = n * h * w
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * m / (m - 1)
        std = np.sqrt(var + eps)[:, None, None]
    else:
        mean = running_mean
        std = np.sqrt(running_var + eps)[:, None, None]
    x_hat = (x - mean[:, None, None]) / std
    cache = ("batch", training, x_hat, std, gamma, None)
    return BatchForward(_affine(x_hat, gamma, beta), cache, running_mean, running_var)


def group_norm_forward(x: np.ndarray, n_groups: int, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each group of channels of each sample.

    Groups are neighbouring channels: of 6 channels and 2 groups, 0 to 2 and 3 to 5.

    Raises
    ------
    ValueError
        If n_groups does not divide the channels.

    Examples
    --------
    >>> x, gamma = np.array([[[[1.0]], [[3.0]], [[7.0]], [[7.0]]]]), np.array([2.0, 4.0, 1.0, 1.0])
    >>> group_norm_forward(x, 2, gamma, np.zeros(4), eps=3.0).out.ravel()
    array([-1.,  2.,  0.,  0.])
    """
    x = np.array(x, dtype=float)
    gamma = np.array(gamma, dtype=float)
    n, c, h, w = x.shape
    if n_groups < 1 or c % n_groups:
        raise ValueError("n_groups must divide the channels")
    grouped = x.reshape(n, n_groups, c // n_groups, h, w)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    std = np.sqrt(grouped.var(axis=(2, 3, 4), keepdims=True) + eps)
    x_hat = ((grouped - mean) / std).reshape(x.shape)
    cache = ("group", True, x_hat, std, gamma, n_groups)
    return Forward(_affine(x_hat, gamma, beta), cache)


def instance_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each channel of each sample.

    Examples
    --------
    >>> x, one = np.array([[[[1.0, 3.0]]], [[[7.0, 7.0]]]]), np.ones(1)
    >>> instance_norm_forward(x, 2 * one, 5 * one, eps=3.0).out.ravel()
    array([4., 6., 5., 5.])
    """
    x = np.array(x, dtype=float)
    gamma = np.array(gamma, dtype=float)
    n, c, h, w = x.shape
    rows = x.reshape(n * c, h * w)
    std = np.sqrt(rows.var(axis=1, keepdims=True) + eps)
    x_hat = (rows - rows.mean(axis=1, keepdims=True)) / std
    out = np.repeat(gamma, n)[:, None] * x_hat + np.repeat(np.asarray(beta, dtype=float), n)[:, None]
    cache = ("group", True, x_hat.reshape(x.shape), std.reshape(n, c, 1, 1, 1), gamma, c)
    return Forward(out.reshape(x.shape), cache)


def image_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss; grad_out is that for out.

    The gradient flows through mean and var, since they depend on x. In batch norm's inference they are constants.

    Parameters
    ----------
    cache : object
        From any earlier call of the three. A second backward with it gives the same.

    Examples
    --------
    >>> step = instance_norm_forward(np.array([[[[1.0, 3.0]]]]), np.array([10.0]), np.zeros(1), eps=3.0)
    >>> image_norm_backward(np.array([[[[1.0, 0.0]]]]), step.cache)
    Backward(grad_x=array([[[[ 1.875, -1.875]]]]), grad_gamma=array([-0.5]), grad_beta=array([1.]))
    """
    kind, training, x_hat, std, gamma, n_groups = cache
    grad_out = np.asarray(grad_out, dtype=float)
    grad_gamma = (grad_out * x_hat).sum(axis=(0, 2, 3))
    grad_beta = grad_out.sum(axis=(0, 2, 3))
    g = grad_out * gamma[:, None, None]
    if not training:
        return Backward(g / std, grad_gamma, grad_beta)
    axes = (0, 2, 3)
    shape = x_hat.shape
    if kind == "group":
        n, c, h, w = shape
        axes = (2, 3, 4)
        g = g.reshape(n, n_groups, c // n_groups, h, w)
        x_hat = x_hat.reshape(g.shape)
    grad_x = g - g.mean(axis=axes, keepdims=True) - x_hat * (g * x_hat).mean(axis=axes, keepdims=True)
    grad_x = (grad_x / std).reshape(shape)
    return Backward(grad_x, grad_gamma, grad_beta)
