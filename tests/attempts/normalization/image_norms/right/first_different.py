# different style; both bars
from typing import NamedTuple

import numpy as np


class BatchForward(NamedTuple):
    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


# Every number of x gets the label of its pool (the numbers that share a mean) and of its channel; all sums are
# np.bincount over flat arrays.


def _channels(shape):
    return np.broadcast_to(np.arange(shape[1])[None, :, None, None], shape).ravel()


def _samples(shape):
    return np.broadcast_to(np.arange(shape[0])[:, None, None, None], shape).ravel()


def _totals(labels, values):
    return np.bincount(labels, weights=values)


def _statistics(flat, pool):
    # The first number of each pool is taken off before anything is added up, so that a large mean costs no digits.
    first = flat[np.unique(pool, return_index=True)[1]]
    count = np.bincount(pool)
    rest = flat - first[pool]
    shift = _totals(pool, rest) / count
    centred = rest - shift[pool]
    return first + shift, _totals(pool, centred**2) / count, centred


def _apply(shape, centred, var, pool, gamma, beta, eps, flows):
    gamma = np.array(gamma, dtype=float)
    channel = _channels(shape)
    std = np.sqrt(var + eps)
    x_hat = centred / std[pool]
    out = gamma[channel] * x_hat + np.asarray(beta, dtype=float)[channel]
    return out.reshape(shape), (centred, std, pool, gamma, flows)


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
    x = np.asarray(x, dtype=float)
    running_mean, running_var = np.array(running_mean, dtype=float), np.array(running_var, dtype=float)
    pool = _channels(x.shape)
    if training:
        mean, var, centred = _statistics(x.ravel(), pool)
        m = x.shape[0] * x.shape[2] * x.shape[3]
        running_mean = running_mean + momentum * (mean - running_mean)
        running_var = running_var + momentum * (var * (m / (m - 1)) - running_var)
    else:
        var, centred = running_var, x.ravel() - running_mean[pool]
    out, cache = _apply(x.shape, centred, var, pool, gamma, beta, eps, training)
    return BatchForward(out, cache, running_mean, running_var)


def group_norm_forward(x: np.ndarray, n_groups: int, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x, dtype=float)
    channels = x.shape[1]
    if n_groups < 1 or channels % n_groups:
        raise ValueError("n_groups does not divide the channels")
    pool = _samples(x.shape) * n_groups + _channels(x.shape) // (channels // n_groups)
    _, var, centred = _statistics(x.ravel(), pool)
    return Forward(*_apply(x.shape, centred, var, pool, gamma, beta, eps, True))


def instance_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x, dtype=float)
    pool = _samples(x.shape) * x.shape[1] + _channels(x.shape)
    _, var, centred = _statistics(x.ravel(), pool)
    return Forward(*_apply(x.shape, centred, var, pool, gamma, beta, eps, True))


def image_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    centred, std, pool, gamma, flows = cache
    shape = grad_out.shape
    channel = _channels(shape)
    grad = np.asarray(grad_out, dtype=float).ravel()
    grad_beta = _totals(channel, grad)
    grad_gamma = _totals(channel, grad * (centred / std[pool]))
    grad_hat = grad * gamma[channel]
    grad_x = grad_hat / std[pool]
    if flows:
        count = np.bincount(pool)
        grad_mean = -_totals(pool, grad_hat) / std
        grad_var = -0.5 * _totals(pool, grad_hat * centred) / std**3
        grad_x = grad_x + (grad_mean / count)[pool] + (2 * grad_var / count)[pool] * centred
    return Backward(grad_x.reshape(shape), grad_gamma, grad_beta)
