# different style; both bars
from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    w_1: np.ndarray
    b_1: np.ndarray
    w_2: np.ndarray
    b_2: np.ndarray


def _tanh(z):
    return np.tanh(z), 1 - np.tanh(z) ** 2


def _sigmoid(z):
    t = np.tanh(z / 2)
    return (1 + t) / 2, (1 - t) * (1 + t) / 4


def _relu(z):
    on = np.heaviside(z, 0.0)
    return on * z, on


def _function(activation):
    table = {"tanh": _tanh, "sigmoid": _sigmoid, "relu": _relu}
    if activation not in table:
        raise ValueError(f"unknown activation {activation!r}")
    return table[activation]


def _join(network):
    """Weights and biases as one matrix a layer: the bias is the weight of a constant 1."""
    w_1, b_1, w_2, b_2 = (np.array(p, dtype=float) for p in network)
    return np.hstack([w_1, b_1[:, None]]), np.hstack([w_2, b_2[:, None]])


def _split(m_1, m_2):
    return Network(m_1[:, :-1].copy(), m_1[:, -1].copy(), m_2[:, :-1].copy(), m_2[:, -1].copy())


def _columns(data):
    """One sample in each column."""
    return np.array(data, dtype=float).T


def _with_ones(columns):
    return np.vstack([columns, np.ones((1, columns.shape[1]))])


def _gradients(m_1, m_2, inputs, targets, f):
    hidden, slope = f(m_1 @ inputs)
    hidden = _with_ones(hidden)
    error = m_2 @ hidden - targets
    back = np.einsum("oj,os,js->js", m_2[:, :-1], error, slope)
    n = inputs.shape[1]
    return np.einsum("js,is->ji", back, inputs) / n, np.einsum("os,js->oj", error, hidden) / n


def loss_gradients(network: Network, x: np.ndarray, y: np.ndarray, activation: str) -> Network:
    f = _function(activation)
    return _split(*_gradients(*_join(network), _with_ones(_columns(x)), _columns(y), f))


def train(network: Network, x: np.ndarray, y: np.ndarray, activation: str, lr: float, n_steps: int) -> Network:
    f = _function(activation)
    inputs, targets = _with_ones(_columns(x)), _columns(y)
    m_1, m_2 = _join(network)
    for _ in range(n_steps):
        g_1, g_2 = _gradients(m_1, m_2, inputs, targets, f)
        m_1 -= lr * g_1
        m_2 -= lr * g_2
    return _split(m_1, m_2)


def distinct_units(network: Network, tol: float = 1e-6) -> int:
    incoming, bias, outgoing = (np.asarray(p).tolist() for p in network[:3])
    left = [[*row, b, *(out[j] for out in outgoing)] for j, (row, b) in enumerate(zip(incoming, bias))]
    count = 0
    while left:  # the first one left is counted; it takes away all that equal it
        count += 1
        first = left[0]
        left = [unit for unit in left[1:] if any(abs(p - q) > tol for p, q in zip(first, unit))]
    return count
