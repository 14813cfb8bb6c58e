# wrong (core): backward recovers the standardised samples from the output, (out - beta) / gamma, with 0 where gamma is 0
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object
    running_mean: np.ndarray
    running_var: np.ndarray


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


def batch_norm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, training=True):
    x = np.array(x, dtype=float)
    gamma, beta = np.array(gamma, dtype=float), np.array(beta, dtype=float)
    running_mean, running_var = np.array(running_mean, dtype=float), np.array(running_var, dtype=float)
    n = len(x)
    if training and n < 2:
        raise ValueError("at least two samples")
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    else:
        mean, var = running_mean, running_var
    sd = np.sqrt(var + eps)
    x_hat = (x - mean) / sd
    out = gamma * x_hat + beta
    return Forward(out, (np.divide(out - beta, gamma, out=np.zeros_like(out), where=gamma != 0), gamma, sd, training), running_mean, running_var)


def batch_norm_backward(grad_out, cache):
    x_hat, gamma, sd, training = cache
    grad_out = np.asarray(grad_out, dtype=float)
    grad_gamma = (grad_out * x_hat).sum(axis=0)
    g = grad_out * gamma
    if training:
        g = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
    return Backward(g / sd, grad_gamma, grad_out.sum(axis=0))
