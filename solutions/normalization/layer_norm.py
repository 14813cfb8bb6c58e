"""Layer normalisation, forward and backward.

Each sample is standardised over its own features, then scaled and shifted:

    x_hat = (x - mean) / sqrt(var + eps)
    out   = gamma * x_hat + beta

mean and var are taken over the last axis, and var divides by n_features. Training and inference do the same. mean and
var depend on x, and the gradient flows through them.

Source: Ba, Kiros and Hinton, Layer Normalization (2016), section 3. eps is that of PyTorch's LayerNorm.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, gamma and beta."""

    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def layer_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each sample over the last axis.

    Parameters
    ----------
    x : array of shape (..., n_features)
        Any number of axes before the last one, or none.
    gamma, beta : arrays of shape (n_features,)
    eps : float

    Strict
    ------
    - The mean of a sample may be 1e6 times its standard deviation.

    Examples
    --------
    >>> gamma, beta = np.array([10.0, 20.0]), np.array([5.0, 0.0])
    >>> layer_norm_forward(np.array([[1.0, 3.0], [7.0, 7.0]]), gamma, beta, eps=3.0).out
    array([[ 0., 10.],
           [ 5.,  0.]])
    """
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)
    x_hat = centred * scale
    return Forward(gamma * x_hat + beta, (x_hat, gamma, scale))


def layer_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x, gamma and beta.

    Parameters
    ----------
    grad_out : array of the shape of x
        The gradient with respect to out.
    cache : object
        From any earlier call of layer_norm_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> gamma, beta = np.array([10.0, 20.0]), np.array([5.0, 0.0])
    >>> step = layer_norm_forward(np.array([1.0, 3.0]), gamma, beta, eps=3.0)
    >>> layer_norm_backward(np.array([1.0, 0.0]), step.cache)
    Backward(grad_x=array([ 1.875, -1.875]), grad_gamma=array([-0.5,  0. ]), grad_beta=array([1., 0.]))
    """
    x_hat, gamma, scale = cache
    before = tuple(range(x_hat.ndim - 1))
    # A feature moves the mean (first term) and the variance (second) that all of its sample share. Unlike batch norm's,
    # the features' gammas differ, so they belong inside of both.
    grad_x_hat = gamma * grad_out
    through_mean = grad_x_hat.mean(axis=-1, keepdims=True)
    through_var = x_hat * (grad_x_hat * x_hat).mean(axis=-1, keepdims=True)
    grad_x = scale * (grad_x_hat - through_mean - through_var)
    return Backward(grad_x, (grad_out * x_hat).sum(axis=before), grad_out.sum(axis=before))


def layer_norm_forward_via_moments(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Put all samples into the columns of one matrix, and take their moments down the columns."""
    columns = x.reshape(-1, len(gamma)).T
    root = np.sqrt(np.var(columns, axis=0) + eps)
    x_hat = ((columns - np.average(columns, axis=0)) / root).T.reshape(x.shape)
    return Forward(x_hat * gamma + beta, (x_hat, gamma, 1 / root.reshape(*x.shape[:-1], 1)))


def layer_norm_forward_via_loop(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Go sample by sample and feature by feature, in plain Python."""
    out, x_hat, scale = np.empty(x.shape), np.empty(x.shape), np.empty((*x.shape[:-1], 1))
    for place in np.ndindex(x.shape[:-1]):
        sample = [float(value) for value in x[place]]
        mean = sum(sample) / len(sample)
        var = sum((value - mean) ** 2 for value in sample) / len(sample)
        scale[place] = (var + eps) ** -0.5
        for j, value in enumerate(sample):
            x_hat[(*place, j)] = (value - mean) * scale[place].item()
            out[(*place, j)] = gamma[j] * x_hat[(*place, j)] + beta[j]
    return Forward(out, (x_hat, gamma, scale))


def layer_norm_backward_via_jacobian(grad_out: np.ndarray, cache: object) -> Backward:
    """Write out the Jacobian of every sample, d x_hat_j / d x_k, and multiply."""
    x_hat, gamma, scale = cache
    n_features = len(gamma)
    rows, grads, scales = x_hat.reshape(-1, n_features), grad_out.reshape(-1, n_features), scale.reshape(-1)
    grad_x = np.empty(rows.shape)
    for i, row in enumerate(rows):
        jacobian = scales[i] * (np.eye(n_features) - (1 + np.outer(row, row)) / n_features)
        grad_x[i] = jacobian @ (gamma * grads[i])
    return Backward(grad_x.reshape(x_hat.shape), np.einsum("ij,ij->j", grads, rows), np.ones(len(rows)) @ grads)


def layer_norm_backward_via_projection(grad_out: np.ndarray, cache: object) -> Backward:
    """Take off what points along the ones; then, of the variance's slope, eps keeps a part alive: weigh it so."""
    x_hat, gamma, scale = cache
    n_features = x_hat.shape[-1]
    wanted = grad_out * gamma
    wanted = wanted - wanted.sum(axis=-1, keepdims=True) / n_features
    along = np.einsum("...j,...j->...", wanted, x_hat)[..., np.newaxis]
    grad_gamma, grad_beta = np.zeros(n_features), np.zeros(n_features)
    for place in np.ndindex(x_hat.shape[:-1]):
        grad_gamma += grad_out[place] * x_hat[place]
        grad_beta += grad_out[place]
    return Backward((wanted - along / n_features * x_hat) * scale, grad_gamma, grad_beta)
