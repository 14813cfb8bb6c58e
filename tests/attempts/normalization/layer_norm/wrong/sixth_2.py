# wrong (core): x_hat is recovered from the output by dividing by gamma, which may be 0
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- layer_norm
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
    x = np.asarray(x, dtype=float)
    gamma = np.array(gamma, dtype=float)
    beta = np.asarray(beta, dtype=float)
    centered = x - x.mean(axis=-1, keepdims=True)
    var = (centered**2).mean(axis=-1, keepdims=True)
    inv_std = 1.0 / np.sqrt(var + eps)
    x_hat = centered * inv_std
    out = gamma * x_hat + beta
    return Forward(out, (out.copy(), inv_std, gamma, beta.copy()))


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
    grad_out = np.asarray(grad_out, dtype=float)
    out, inv_std, gamma, beta = cache
    x_hat = (out - beta) / gamma
    axes = tuple(range(grad_out.ndim - 1))
    grad_gamma = (grad_out * x_hat).sum(axis=axes)
    grad_beta = grad_out.sum(axis=axes)
    g = grad_out * gamma
    mean_g = g.mean(axis=-1, keepdims=True)
    mean_gx = (g * x_hat).mean(axis=-1, keepdims=True)
    grad_x = inv_std * (g - mean_g - x_hat * mean_gx)
    return Backward(grad_x, grad_gamma, grad_beta)
