# wrong (core): of the outgoing weights of a unit, distinct_units compares only that to the first output
from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    """The parameters, of shapes (n_hidden, n_in), (n_hidden,), (n_out, n_hidden) and (n_out,)."""

    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


def _activate(z, activation):
    if activation == "tanh":
        h = np.tanh(z)
        return h, 1 - h**2
    if activation == "sigmoid":
        h = np.exp(-np.logaddexp(0.0, -z))
        return h, h * (1 - h)
    if activation == "relu":
        return np.maximum(z, 0.0), (z > 0).astype(float)
    raise ValueError("unknown activation")


def loss_gradients(network, x, y, activation):
    w_1, b_1, w_2, b_2 = (np.asarray(a, dtype=float) for a in network)
    x = np.asarray(x, dtype=float)
    n = len(x)
    h, slope = _activate(x @ w_1.T + b_1, activation)
    d_out = (h @ w_2.T + b_2 - y) / n
    d_z = d_out @ w_2 * slope
    return Network(d_z.T @ x, d_z.sum(axis=0), d_out.T @ h, d_out.sum(axis=0))


def train(network, x, y, activation, lr, n_steps):
    network = Network(*(np.array(a, dtype=float) for a in network))
    for _ in range(n_steps):
        grads = loss_gradients(network, x, y, activation)
        network = Network(*(a - lr * g for a, g in zip(network, grads)))
    return network


def distinct_units(network, tol=1e-6):
    units = np.column_stack([network.w_1, network.b_1, network.w_2[0]])
    counted = []
    for unit in units:
        if not any(np.abs(unit - other).max() <= tol for other in counted):
            counted.append(unit)
    return len(counted)
