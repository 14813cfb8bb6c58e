# wrong (core): group norm, backward: groups are taken interleaved (reshape to channels // n_groups by n_groups); right for 1 group and for groups of 1
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


def _forward(x, gamma, beta, axes, shape, eps):
    """Standardise x, seen in the given shape, over the axes."""
    v = x.reshape(shape)
    mean = v.mean(axis=axes, keepdims=True)
    var = v.var(axis=axes, keepdims=True)
    rstd = 1 / np.sqrt(var + eps)
    x_hat = ((v - mean) * rstd).reshape(x.shape)
    out = gamma[:, None, None] * x_hat + beta[:, None, None]
    return out, mean, var, (x_hat, rstd, gamma.copy(), axes, shape)




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
    x, gamma, beta, running_mean, running_var = (
        np.array(a, dtype=float) for a in (x, gamma, beta, running_mean, running_var)
    )
    if not training:
        rstd = 1 / np.sqrt(running_var + eps)
        x_hat = (x - running_mean[:, None, None]) * rstd[:, None, None]
        out = gamma[:, None, None] * x_hat + beta[:, None, None]
        return BatchForward(out, (x_hat, rstd[:, None, None], gamma, None, x.shape), running_mean, running_var)
    out, mean, var, cache = _forward(x, gamma, beta, (0, 2, 3), x.shape, eps)
    m = x.size // x.shape[1]
    running_mean = (1 - momentum) * running_mean + momentum * mean.ravel()
    running_var = (1 - momentum) * running_var + momentum * var.ravel() * m / (m - 1)
    return BatchForward(out, cache, running_mean, running_var)


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
    x, gamma, beta = (np.array(a, dtype=float) for a in (x, gamma, beta))
    n, c, h, w = x.shape
    if c % n_groups:
        raise ValueError("n_groups does not divide the channels")
    shape = (n, n_groups, c // n_groups, h, w)
    out, _, _, cache = _forward(x, gamma, beta, (2, 3, 4), shape, eps)
    return Forward(out, cache)


def instance_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each channel of each sample.

    Examples
    --------
    >>> x, one = np.array([[[[1.0, 3.0]]], [[[7.0, 7.0]]]]), np.ones(1)
    >>> instance_norm_forward(x, 2 * one, 5 * one, eps=3.0).out.ravel()
    array([4., 6., 5., 5.])
    """
    x, gamma, beta = (np.array(a, dtype=float) for a in (x, gamma, beta))
    out, _, _, cache = _forward(x, gamma, beta, (2, 3), x.shape, eps)
    return Forward(out, cache)


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
    x_hat, rstd, gamma, axes, shape = cache
    grad_out = np.asarray(grad_out, dtype=float)
    grad_gamma = np.sum(grad_out * x_hat, axis=(0, 2, 3))
    grad_beta = np.sum(grad_out, axis=(0, 2, 3))
    g = grad_out * gamma[:, None, None]
    if axes is None:
        return Backward(g * rstd, grad_gamma, grad_beta)
    g = g.reshape(shape)
    z = x_hat.reshape(shape)
    grad_x = rstd * (g - g.mean(axis=axes, keepdims=True) - z * (g * z).mean(axis=axes, keepdims=True))
    if len(shape) == 5:
        n, groups, size, h, w = shape
        mixed = (n, size, groups, h, w)
        g, z = g.reshape(mixed), x_hat.reshape(mixed)
        grad_x = g - g.mean(axis=(1, 3, 4), keepdims=True) - z * (g * z).mean(axis=(1, 3, 4), keepdims=True)
        grad_x = rstd * grad_x.reshape(shape)
    return Backward(grad_x.reshape(x_hat.shape), grad_gamma, grad_beta)
