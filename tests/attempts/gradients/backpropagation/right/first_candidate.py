# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_layers: list[tuple[np.ndarray, np.ndarray]]


class Step(NamedTuple):
    layers: list[tuple[np.ndarray, np.ndarray]]
    loss: float


def mlp_forward(x: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> Forward:
    a = x
    inputs, zs = [], []
    for i, (W, b) in enumerate(layers):
        inputs.append(a)
        z = a @ W.T + b
        zs.append(z)
        a = np.maximum(z, 0) if i < len(layers) - 1 else z
    return Forward(a, (inputs, zs, layers))


def mlp_backward(grad_out: np.ndarray, cache: object) -> Backward:
    inputs, zs, layers = cache
    grads = []
    grad = grad_out
    for i in reversed(range(len(layers))):
        W, _ = layers[i]
        if i < len(layers) - 1:
            grad = grad * (zs[i] > 0)
        grads.append((grad.T @ inputs[i], grad.sum(axis=0)))
        grad = grad @ W
    return Backward(grad, grads[::-1])


def mlp_step(x: np.ndarray, target: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]], lr: float) -> Step:
    out, cache = mlp_forward(x, layers)
    n = len(x)
    diff = out - target
    loss = float(np.sum(diff**2) / (2 * n))
    grads = mlp_backward(diff / n, cache).grad_layers
    new = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(layers, grads)]
    return Step(new, loss)
