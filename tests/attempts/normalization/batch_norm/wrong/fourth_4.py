# wrong (core): eps is forgotten in inference
"""Batch normalisation, forward and backward.

Each feature is standardised over the batch, then scaled and shifted:

    x_hat = (x - mean) / sqrt(var + eps)
    out   = gamma * x_hat + beta

In training, mean and var are those of the batch, and var divides by n. The running statistics are updated:

    running_mean <- (1 - momentum) * running_mean + momentum * mean
    running_var  <- (1 - momentum) * running_var  + momentum * var * n / (n - 1)

In inference, mean and var are the running statistics, which do not change.

Source: Ioffe and Szegedy, Batch Normalization (2015), section 3. The update is that of PyTorch's BatchNorm1d.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, what backward needs of this call in any form, and the running statistics after it."""

    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, gamma and beta."""

    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def batch_norm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    momentum: float = 0.1,
    eps: float = 1e-5,
    training: bool = True,
) -> Forward:
    """Normalise a batch.

    Parameters
    ----------
    x : array of shape (n, n_features)
    gamma, beta, running_mean, running_var : arrays of shape (n_features,)
    momentum : float
        From 0 to 1.
    eps : float
    training : bool

    Raises
    ------
    ValueError
        If n < 2 in training.

    Strict
    ------
    - The mean of a feature may be 1e6 times its standard deviation.
    - n = 0 in training raises ValueError.

    Examples
    --------
    >>> x, gamma, beta = np.array([[1.0], [3.0]]), np.array([10.0]), np.array([5.0])
    >>> step = batch_norm_forward(x, gamma, beta, np.array([0.0]), np.array([1.0]), momentum=0.5, eps=3.0)
    >>> step.out
    array([[ 0.],
           [10.]])
    >>> step.running_mean, step.running_var
    (array([1.]), array([1.5]))
    """
    x = np.asarray(x, dtype=float)
    n = len(x)
    if training and n < 2:
        raise ValueError("n")
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        mean, var = np.array(running_mean, dtype=float), np.array(running_var, dtype=float)
        running_mean, running_var = mean.copy(), var.copy()
    inv_std = 1 / np.sqrt(var + eps if training else var)
    x_hat = (x - mean) * inv_std
    out = gamma * x_hat + beta
    cache = (x_hat, np.array(gamma, dtype=float), inv_std, training)
    return Forward(out, cache, running_mean, running_var)


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x, gamma and beta.

    In training, mean and var depend on x, and the gradient flows through them. In inference they are constants.

    Parameters
    ----------
    grad_out : array of shape (n, n_features)
        The gradient with respect to out.
    cache : object
        From any earlier call of batch_norm_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> x, one = np.array([[1.0], [3.0]]), np.array([1.0])
    >>> step = batch_norm_forward(x, 10 * one, 5 * one, one, one, eps=3.0)
    >>> batch_norm_backward(np.array([[1.0], [0.0]]), step.cache)
    Backward(grad_x=array([[ 1.875],
           [-1.875]]), grad_gamma=array([-0.5]), grad_beta=array([1.]))
    """
    x_hat, gamma, inv_std, training = cache
    grad_beta = np.sum(grad_out, axis=0)
    grad_gamma = np.sum(grad_out * x_hat, axis=0)
    grad_x = gamma * inv_std * grad_out
    if training:
        n = len(x_hat)
        grad_x = gamma * inv_std * (grad_out - grad_beta / n - x_hat * (grad_gamma / n))
    return Backward(grad_x, grad_gamma, grad_beta)
