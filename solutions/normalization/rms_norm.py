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
    # Squares of small integers overflow.
    x = x.astype(np.float64)
    scale = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    x_hat = x * scale
    return Forward(gamma * x_hat, (x_hat, gamma, scale))


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
    x_hat, gamma, scale = cache
    before = tuple(range(x_hat.ndim - 1))
    # A feature moves the root that all of its sample share. Layer norm has a term for the mean as well.
    grad_x_hat = gamma * grad_out
    through_rms = x_hat * (grad_x_hat * x_hat).mean(axis=-1, keepdims=True)
    return Backward(scale * (grad_x_hat - through_rms), (grad_out * x_hat).sum(axis=before))


def rms_norm_forward_via_length(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> Forward:
    """Append a feature of square n_features * eps: then the length of a sample is its rms times sqrt(n_features)."""
    rows, n_features = x.reshape(-1, len(gamma)), len(gamma)
    longer = np.hstack([rows, np.full((len(rows), 1), np.sqrt(n_features * eps))])
    scale = np.sqrt(n_features) / np.linalg.norm(longer, axis=1)
    x_hat = (np.diag(scale) @ rows).reshape(x.shape)
    return Forward(x_hat @ np.diag(gamma), (x_hat, gamma, scale.reshape(*x.shape[:-1], 1)))


def rms_norm_forward_via_loop(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> Forward:
    """Go sample by sample and feature by feature, in plain Python."""
    out, x_hat, scale = np.empty(x.shape), np.empty(x.shape), np.empty((*x.shape[:-1], 1))
    for place in np.ndindex(x.shape[:-1]):
        sample = [float(value) for value in x[place]]
        scale[place] = (sum(value**2 for value in sample) / len(sample) + eps) ** -0.5
        for j, value in enumerate(sample):
            x_hat[(*place, j)] = value * scale[place].item()
            out[(*place, j)] = gamma[j] * x_hat[(*place, j)]
    return Forward(out, (x_hat, gamma, scale))


def rms_norm_backward_via_quotient_rule(grad_out: np.ndarray, cache: object) -> Backward:
    """Differentiate numerator and denominator: d(x_j / rms) = dx_j / rms - x_j d(rms) / rms**2."""
    x_hat, gamma, scale = cache
    rms = 1 / scale
    x = x_hat * rms
    wanted = gamma * grad_out
    grad_rms = -np.einsum("...j,...j->...", wanted, x)[..., np.newaxis] / rms**2
    grad_x = wanted / rms + grad_rms * x / (x.shape[-1] * rms)
    return Backward(grad_x, np.einsum("ij,ij->j", grad_out.reshape(-1, len(gamma)), x_hat.reshape(-1, len(gamma))))


def rms_norm_backward_via_jacobian(grad_out: np.ndarray, cache: object) -> Backward:
    """Write out the Jacobian of every sample, d x_hat_j / d x_k, and multiply."""
    x_hat, gamma, scale = cache
    n_features = len(gamma)
    rows, grads, scales = x_hat.reshape(-1, n_features), grad_out.reshape(-1, n_features), scale.reshape(-1)
    grad_x, grad_gamma = np.empty(rows.shape), np.zeros(n_features)
    for i, row in enumerate(rows):
        jacobian = scales[i] * (np.eye(n_features) - np.outer(row, row) / n_features)
        grad_x[i] = jacobian @ (gamma * grads[i])
        grad_gamma += grads[i] * row
    return Backward(grad_x.reshape(x_hat.shape), grad_gamma)
