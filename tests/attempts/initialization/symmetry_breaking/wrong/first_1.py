# wrong (core): a unit is compared with all earlier units, not only with the counted ones
from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


def loss_gradients(network: Network, x: np.ndarray, y: np.ndarray, activation: str) -> Network:
    w_1, b_1, w_2, b_2 = network
    z = x @ w_1.T + b_1
    if activation == "tanh":
        h = np.tanh(z)
        slope = 1 - h**2
    elif activation == "sigmoid":
        e = np.exp(-np.abs(z))
        h = np.where(z >= 0, 1.0, e) / (1 + e)
        slope = e / (1 + e) ** 2
    elif activation == "relu":
        h = np.maximum(z, 0.0)
        slope = (z > 0).astype(float)
    else:
        raise ValueError(f"unknown activation {activation!r}")
    d_out = (h @ w_2.T + b_2 - y) / len(x)
    d_z = (d_out @ w_2) * slope
    return Network(d_z.T @ x, d_z.sum(axis=0), d_out.T @ h, d_out.sum(axis=0))


def train(network: Network, x: np.ndarray, y: np.ndarray, activation: str, lr: float, n_steps: int) -> Network:
    current = Network(*(np.array(p, dtype=float) for p in network))
    for _ in range(n_steps):
        grads = loss_gradients(current, x, y, activation)
        current = Network(*(p - lr * g for p, g in zip(current, grads)))
    return current


def distinct_units(network: Network, tol: float = 1e-6) -> int:
    units = np.column_stack([network.w_1, network.b_1, network.w_2.T]).astype(float)
    count = 0
    for j, unit in enumerate(units):
        if not any(np.all(np.abs(unit - other) <= tol) for other in units[:j]):
            count += 1
    return count
