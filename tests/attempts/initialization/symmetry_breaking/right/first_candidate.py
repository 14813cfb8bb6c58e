# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


def loss_gradients(network: Network, x: np.ndarray, y: np.ndarray, activation: str) -> Network:
    w_1, b_1, w_2, b_2 = network
    n = len(x)
    z = x @ w_1.T + b_1
    if activation == "tanh":
        h = np.tanh(z)
        slope = 1 - h**2
    elif activation == "sigmoid":
        h = 1 / (1 + np.exp(-z))
        slope = h * (1 - h)
    elif activation == "relu":
        h = np.maximum(z, 0)
        slope = z > 0
    else:
        raise ValueError(activation)
    out = h @ w_2.T + b_2
    d_out = (out - y) / n
    d_z = d_out @ w_2 * slope
    return Network(d_z.T @ x, d_z.sum(axis=0), d_out.T @ h, d_out.sum(axis=0))


def train(network: Network, x: np.ndarray, y: np.ndarray, activation: str, lr: float, n_steps: int) -> Network:
    for _ in range(n_steps):
        grads = loss_gradients(network, x, y, activation)
        network = Network(*(p - lr * g for p, g in zip(network, grads)))
    return network


def distinct_units(network: Network, tol: float = 1e-6) -> int:
    units = np.column_stack([network.w_1, network.b_1, network.w_2.T])
    counted = []
    for u in units:
        if not any(np.all(np.abs(u - v) <= tol) for v in counted):
            counted.append(u)
    return len(counted)
