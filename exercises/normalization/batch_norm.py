# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- batch_norm
"""Batch normalisation, forward and backward.

Each feature is standardised over the samples of the batch, then scaled and shifted by learned numbers of its own:

    x_hat = (x - mean) / sqrt(var + eps)
    out   = gamma * x_hat + beta

In training, mean and var are those of the batch of n samples, and var divides by n. The forward pass also moves the
running statistics towards them. momentum is the weight of the new value, and the variance that enters the running one
divides by n - 1:

    running_mean <- (1 - momentum) * running_mean + momentum * mean
    running_var  <- (1 - momentum) * running_var  + momentum * var * n / (n - 1)

In inference, mean and var are the running statistics, which stay as they are.

The backward pass belongs to the mode of its forward pass. In training the batch's mean and var depend on x, and the
gradient flows through them too; in inference they are constants.

Source: Ioffe and Szegedy (2015), Batch Normalization, section 3: algorithm 1 and the gradients below it for training,
algorithm 2 for inference. The running statistics are kept in the form of PyTorch's BatchNorm1d.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """What `batch_norm_forward` returns.

    `out` has the shape of x. `cache` is yours, in any form: whatever `batch_norm_backward` needs to know of this call.
    `running_mean` and `running_var` have the shape of gamma: updated in training, as given in inference.
    """

    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Backward(NamedTuple):
    """What `batch_norm_backward` returns: the loss's gradients, of the shapes of x, gamma and beta."""

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
    """Normalise a batch, in training or in inference mode.

    Parameters
    ----------
    x : array of shape (n_samples, n_features)
        A feature may be constant, and may lie as far from zero as a million times its standard deviation.
    gamma, beta : arrays of shape (n_features,)
        Scale and shift. Any numbers: gamma may be 0.
    running_mean, running_var : arrays of shape (n_features,)
    momentum : float, from 0 to 1
        Weight of the batch's statistics in the updated running ones.
    eps : float, positive
    training : bool
        Whether to use the batch's statistics and update the running ones, or to use the running ones.

    Returns
    -------
    Forward
        out, cache, running_mean, running_var.

    Raises
    ------
    ValueError
        If there are fewer than two samples in training: the variance that divides by n - 1 is undefined. In
        inference one sample is enough.

    Examples
    --------
    Mean 2 and biased variance 1; with eps = 3 the root is 2. The unbiased variance, 2, moves the running one.

    >>> x = np.array([[1.0], [3.0]])
    >>> gamma, beta = np.array([10.0]), np.array([5.0])
    >>> step = batch_norm_forward(x, gamma, beta, np.array([0.0]), np.array([1.0]), momentum=0.5, eps=3.0)
    >>> step.out
    array([[ 0.],
           [10.]])
    >>> step.running_mean, step.running_var
    (array([1.]), array([1.5]))

    In inference the running statistics are used, here mean 1 and variance 1.

    >>> batch_norm_forward(x, gamma, beta, np.array([1.0]), np.array([1.0]), eps=3.0, training=False).out
    array([[ 5.],
           [15.]])
    """
    raise NotImplementedError


def batch_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Turn the loss's gradient for `out` into those for x, gamma and beta.

    Parameters
    ----------
    grad_out : array of shape (n_samples, n_features)
        dL/d out.
    cache : as `batch_norm_forward` returned it
        Says which call is meant: there may have been other calls since.

    Returns
    -------
    Backward
        grad_x, grad_gamma, grad_beta, of the shapes of x, gamma and beta.

    Examples
    --------
    In inference, the derivative of `out` for x is gamma / root = 10 / 2, and no sample has a part in another's.

    >>> x, one = np.array([[1.0], [3.0]]), np.array([1.0])
    >>> step = batch_norm_forward(x, 10 * one, 5 * one, one, one, eps=3.0, training=False)
    >>> batch_norm_backward(np.array([[1.0], [0.0]]), step.cache).grad_x
    array([[5.],
           [0.]])

    In training, the first sample also moves the mean and the variance, and with them the second.

    >>> step = batch_norm_forward(x, 10 * one, 5 * one, one, one, eps=3.0)
    >>> grad_x, grad_gamma, grad_beta = batch_norm_backward(np.array([[1.0], [0.0]]), step.cache)
    >>> grad_x
    array([[ 1.875],
           [-1.875]])
    >>> grad_gamma, grad_beta
    (array([-0.5]), array([1.]))
    """
    raise NotImplementedError
