# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- layer_norm
"""Layer normalisation, forward and backward.

Each sample is standardised over its own features, whatever else is in the batch, then scaled and shifted by learned
numbers, one pair for each feature:

    x_hat = (x - mean) / sqrt(var + eps)
    out   = gamma * x_hat + beta

mean and var are taken over the last axis, for each position of the axes before it; var divides by the number of
features. There are no running statistics, and training and inference do the same. In the backward pass mean and var
depend on x, and the gradient flows through them too.

Source: Ba, Kiros and Hinton, Layer Normalization (2016), section 3. eps is that of PyTorch's LayerNorm.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """What `layer_norm_forward` returns.

    `out` has the shape of x. `cache` is yours, in any form: whatever `layer_norm_backward` needs to know of this call.
    """

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """What `layer_norm_backward` returns: the loss's gradients, of the shapes of x, gamma and beta."""

    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def layer_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each sample over the last axis.

    Parameters
    ----------
    x : array of shape (..., n_features)
        Any number of axes before the last one, none included. A sample may be constant, as it always is with a
        single feature, and its features may lie as far from zero as a million times their standard deviation.
    gamma, beta : arrays of shape (n_features,)
        Scale and shift. Any numbers: gamma may be 0.
    eps : float, positive

    Returns
    -------
    Forward
        out, cache.

    Examples
    --------
    Mean 2 and variance 1; with eps = 3 the root is 2.

    >>> gamma, beta = np.array([10.0, 20.0]), np.array([5.0, 0.0])
    >>> layer_norm_forward(np.array([1.0, 3.0]), gamma, beta, eps=3.0).out
    array([ 0., 10.])

    Each sample has a mean and a variance of its own; that of a constant one is 0.

    >>> layer_norm_forward(np.array([[1.0, 3.0], [7.0, 7.0]]), gamma, beta, eps=3.0).out
    array([[ 0., 10.],
           [ 5.,  0.]])
    """
    raise NotImplementedError


def layer_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Turn the loss's gradient for `out` into those for x, gamma and beta.

    Parameters
    ----------
    grad_out : array of the shape of x
        dL/d out.
    cache : as `layer_norm_forward` returned it
        Says which call is meant: there may have been other calls since.

    Returns
    -------
    Backward
        grad_x of the shape of x; grad_gamma and grad_beta of shape (n_features,), summed over all axes before the last.

    Examples
    --------
    The first feature moves the mean and the variance as well, and with them the second.

    >>> gamma, beta = np.array([10.0, 20.0]), np.array([5.0, 0.0])
    >>> step = layer_norm_forward(np.array([1.0, 3.0]), gamma, beta, eps=3.0)
    >>> grad_x, grad_gamma, grad_beta = layer_norm_backward(np.array([1.0, 0.0]), step.cache)
    >>> grad_x
    array([ 1.875, -1.875])
    >>> grad_gamma, grad_beta
    (array([-0.5,  0. ]), array([1., 0.]))
    """
    raise NotImplementedError
