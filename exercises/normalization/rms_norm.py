# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- rms_norm
"""RMS normalisation, forward and backward.

Each sample is divided by the root mean square of its own features, then scaled:

    rms   = sqrt(mean_j(x_j**2) + eps)
    out_j = gamma_j * x_j / rms

The mean is taken over the last axis. Unlike layer norm, no mean is subtracted, and there is no beta. Training and
inference do the same. rms depends on x, and the gradient flows through it.

A sample of zeros gives zeros. It has a gradient, since eps alone is under the root.

Source: Zhang and Sennrich, Root Mean Square Layer Normalization (2019), section 4. eps stands under the root, as in
PyTorch and Llama.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x and gamma."""

    grad_x: np.ndarray
    grad_gamma: np.ndarray


def rms_norm_forward(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> Forward:
    """Normalise each sample over the last axis.

    Parameters
    ----------
    x : array of shape (..., n_features)
        Any number of axes before the last one, or none.
    gamma : array of shape (n_features,)
    eps : float

    Strict
    ------
    - x may hold integers of any type.

    Examples
    --------
    >>> gamma = np.array([10.0, 20.0])
    >>> rms_norm_forward(np.array([[2.0, 4.0], [0.0, 0.0]]), gamma, eps=6.0).out
    array([[ 5., 20.],
           [ 0.,  0.]])
    """
    raise NotImplementedError


def rms_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x and gamma.

    Parameters
    ----------
    grad_out : array of the shape of x
        The gradient with respect to out.
    cache : object
        From any earlier call of rms_norm_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> step = rms_norm_forward(np.array([2.0, 4.0]), np.array([16.0, 32.0]), eps=6.0)
    >>> rms_norm_backward(np.array([1.0, 0.0]), step.cache)
    Backward(grad_x=array([ 3.5, -1. ]), grad_gamma=array([0.5, 0. ]))
    """
    raise NotImplementedError
