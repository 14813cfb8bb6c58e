# wrong (core): the last layer is left linear, as in a network with an output layer
"""Xavier and He initialization, and what a stack of layers does to the size of a signal."""

import math

import numpy as np


def _fans(shape):
    if len(shape) < 2:
        raise ValueError("a shape needs at least two axes")
    k = math.prod(int(s) for s in shape[2:])
    fan_in = int(shape[1]) * k
    fan_out = int(shape[0]) * k
    return fan_in, fan_out


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by Xavier's rule.

    >>> weights = xavier_uniform((4, 2), np.random.default_rng(0))
    >>> weights.shape, bool(np.abs(weights).max() <= 1)
    ((4, 2), True)
    """
    fan_in, fan_out = _fans(shape)
    a = math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the weights of a layer by He's rule.

    >>> weights = he_normal((64, 32, 3, 3), np.random.default_rng(0))
    >>> weights.shape, bool(0.08 < weights.std() < 0.087)
    ((64, 32, 3, 3), True)
    """
    fan_in, _ = _fans(shape)
    std = math.sqrt(2 / fan_in)
    return rng.normal(0.0, std, size=shape)


def variance_through_depth(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    """Return the second moment of the input and of every layer's activations.

    >>> weights = [np.array([[1.0, -1.0], [-1.0, 0.0]]), np.array([[1.5, 4.0]])]
    >>> variance_through_depth(weights, np.array([[3.0, 1.0]]), "relu")
    array([5., 2., 9.])
    """
    functions = {"linear": lambda z: z, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0)}
    if activation not in functions:
        raise ValueError("unknown activation")
    f = functions[activation]
    h = np.asarray(x, dtype=float)
    moments = [np.mean(h**2)]
    for i, w in enumerate(weights):
        h = h @ np.asarray(w, dtype=float).T
        if i < len(weights) - 1:
            h = f(h)
        moments.append(np.mean(h**2))
    return np.array(moments)
