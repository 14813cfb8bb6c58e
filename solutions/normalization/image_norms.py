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
    parts = x.reshape(*x.shape[:2], -1)
    if training:
        mean, var, count = parts.mean(axis=(0, 2)), parts.var(axis=(0, 2)), len(x) * parts.shape[2]
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * count / (count - 1)
    else:
        mean, var = running_mean, running_var
    step = _forward(x, parts, mean[:, np.newaxis], var[:, np.newaxis], gamma, beta, eps, (0, 2) if training else None)
    return BatchForward(*step, running_mean, running_var)


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
    n, channels = x.shape[:2]
    if channels % n_groups:
        raise ValueError(f"{n_groups} groups do not divide {channels} channels")
    parts = x.reshape(n, n_groups, -1)
    mean, var = parts.mean(axis=2, keepdims=True), parts.var(axis=2, keepdims=True)
    return _forward(x, parts, mean, var, gamma, beta, eps, 2)


def instance_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each channel of each sample.

    Examples
    --------
    >>> x, one = np.array([[[[1.0, 3.0]]], [[[7.0, 7.0]]]]), np.ones(1)
    >>> instance_norm_forward(x, 2 * one, 5 * one, eps=3.0).out.ravel()
    array([4., 6., 5., 5.])
    """
    return group_norm_forward(x, x.shape[1], gamma, beta, eps)


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
    x_hat, gamma, scale, axes = cache
    grad_parts = (gamma[:, np.newaxis, np.newaxis] * grad_out).reshape(x_hat.shape)
    if axes is not None:
        # A number moves the mean (first term) and the variance (second) that all of its part share.
        through_mean = grad_parts.mean(axis=axes, keepdims=True)
        through_var = x_hat * (grad_parts * x_hat).mean(axis=axes, keepdims=True)
        grad_parts = grad_parts - through_mean - through_var
    grad_x = (scale * grad_parts).reshape(grad_out.shape)
    # gamma and beta belong to channels, whatever is normalised.
    grad_gamma = (grad_out * x_hat.reshape(grad_out.shape)).sum(axis=(0, 2, 3))
    return Backward(grad_x, grad_gamma, grad_out.sum(axis=(0, 2, 3)))


def _forward(
    x: np.ndarray,
    parts: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    eps: float,
    axes: tuple[int, int] | int | None,
) -> Forward:
    """Normalise x, seen as parts whose statistics are taken over axes, or are constants if that is None."""
    scale = 1 / np.sqrt(var + eps)
    x_hat = (parts - mean) * scale
    out = gamma[:, np.newaxis, np.newaxis] * x_hat.reshape(x.shape) + beta[:, np.newaxis, np.newaxis]
    return Forward(out, (x_hat, gamma, scale, axes))


def batch_norm_2d_forward_via_rows(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    momentum: float = 0.1,
    eps: float = 1e-5,
    training: bool = True,
) -> BatchForward:
    """Put the channels last: then every place of every image is a row, and the norm is that of a matrix."""
    rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    mean, var = running_mean, running_var
    if training:
        mean = np.ones(len(rows)) @ rows / len(rows)
        squares = np.einsum("ij,ij->j", rows - mean, rows - mean)
        var = squares / len(rows)
        running_mean = running_mean + momentum * (mean - running_mean)
        running_var = running_var + momentum * (squares / (len(rows) - 1) - running_var)
    x_hat = (rows - mean) / np.sqrt(var + eps)
    n, channels, height, width = x.shape
    out = np.moveaxis((x_hat * gamma + beta).reshape(n, height, width, channels), -1, 1)
    parts = np.moveaxis(x_hat.reshape(n, height * width, channels), -1, 1)
    cache = parts, gamma, ((var + eps) ** -0.5)[:, np.newaxis], (0, 2) if training else None
    return BatchForward(out, cache, running_mean, running_var)


def group_norm_forward_via_slices(
    x: np.ndarray, n_groups: int, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
) -> Forward:
    """Cut each sample into its groups, and normalise one after the other."""
    n, channels = x.shape[:2]
    size, rest = divmod(channels, n_groups)
    if rest:
        raise ValueError("the groups would differ in size")
    x_hat, scale = np.empty(x.shape), np.empty((n, n_groups, 1))
    for i in range(n):
        for g in range(n_groups):
            group = slice(g * size, (g + 1) * size)
            numbers = x[i, group].astype(float)
            numbers -= numbers.sum() / numbers.size
            scale[i, g] = (np.vdot(numbers, numbers) / numbers.size + eps) ** -0.5
            x_hat[i, group] = numbers * scale[i, g]
    out = np.moveaxis(np.moveaxis(x_hat, 1, -1) * gamma + beta, -1, 1)
    return Forward(out, (x_hat.reshape(n, n_groups, -1), gamma, scale, 2))


def instance_norm_forward_via_rows(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Make each channel of each sample a row of one matrix."""
    n, channels, height, width = x.shape
    rows = x.reshape(n * channels, height * width)
    rows = rows - np.average(rows, axis=1)[:, np.newaxis]
    scale = np.sqrt(height * width / (np.linalg.norm(rows, axis=1) ** 2 + height * width * eps))
    x_hat = np.diag(scale) @ rows
    out = np.tile(gamma, n)[:, np.newaxis] * x_hat + np.tile(beta, n)[:, np.newaxis]
    return Forward(out.reshape(x.shape), (x_hat.reshape(n, channels, -1), gamma, scale.reshape(n, channels, 1), 2))


def image_norm_backward_via_jacobian(grad_out: np.ndarray, cache: object) -> Backward:
    """Write out the Jacobian of each part that shares its statistics, and multiply."""
    x_hat, gamma, scale, axes = cache
    grad_x_hat = np.einsum("nchw,c->nchw", grad_out, gamma).reshape(x_hat.shape)
    grad_x = np.empty(x_hat.shape)
    for place in np.ndindex(scale.shape):
        # Of a single scale for all samples, the part is a column of all.
        part = place[:2] if axes == 2 else np.s_[:, place[-2]]
        numbers = x_hat[part].flatten()
        jacobian = np.eye(numbers.size)
        if axes is not None:
            jacobian -= (1 + numbers[:, np.newaxis] * numbers) / numbers.size
        grad_x[part] = scale[place] * (jacobian @ grad_x_hat[part].flatten()).reshape(x_hat[part].shape)
    grad_gamma, grad_beta = np.zeros(len(gamma)), np.zeros(len(gamma))
    for sample, grads in zip(x_hat.reshape(grad_out.shape), grad_out, strict=True):
        grad_gamma += np.einsum("chw,chw->c", sample, grads)
        grad_beta += np.einsum("chw->c", grads)
    return Backward(grad_x.reshape(grad_out.shape), grad_gamma, grad_beta)


def image_norm_backward_via_chain_rule(grad_out: np.ndarray, cache: object) -> Backward:
    """Walk back node by node: x_hat, variance, mean, x."""
    x_hat, gamma, scale, axes = cache
    grad_x_hat = np.moveaxis(np.moveaxis(grad_out, 1, -1) * gamma, -1, 1).reshape(x_hat.shape)
    grad_x = grad_x_hat * scale
    if axes is not None:
        count = x_hat.size // scale.size
        centred = x_hat / scale
        grad_var = (grad_x_hat * centred).sum(axis=axes, keepdims=True) * (-0.5) * scale**3
        grad_mean = -grad_x.sum(axis=axes, keepdims=True)
        grad_x = grad_x + grad_var * 2 * centred / count + grad_mean / count
    planes = (np.swapaxes(array.reshape(grad_out.shape), 0, 1).reshape(len(gamma), -1) for array in (x_hat, grad_out))
    x_planes, grad_planes = planes
    grad_gamma, grad_beta = np.einsum("cp,cp->c", x_planes, grad_planes), grad_planes @ np.ones(grad_planes.shape[1])
    return Backward(grad_x.reshape(grad_out.shape), grad_gamma, grad_beta)
