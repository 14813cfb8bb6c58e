# different style; both bars
from functools import reduce
from math import prod

import numpy as np


def _fans(shape):
    shape = tuple(int(side) for side in shape)
    if len(shape) < 2:
        raise ValueError("a shape needs at least two axes")
    n_out, n_in, *kernel = shape
    return shape, n_in * prod(kernel), n_out * prod(kernel)


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    shape, fan_in, fan_out = _fans(shape)
    edge = (6.0 / max(fan_in + fan_out, 1)) ** 0.5
    u = rng.random(prod(shape))
    return (edge * (u - (1.0 - u))).reshape(shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    shape, fan_in, _ = _fans(shape)
    size = prod(shape)
    # Box and Muller: two uniform numbers give the two coordinates of a normal point in the plane.
    half = (size + 1) // 2
    radius = np.sqrt(-2.0 * np.log1p(-rng.random(half)))
    points = radius * np.exp(2j * np.pi * rng.random(half))
    z = np.concatenate([points.real, points.imag])[:size]
    return ((2.0 / max(fan_in, 1)) ** 0.5 * z).reshape(shape)


_ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": lambda z: np.tanh(z),
    "relu": lambda z: (z + np.abs(z)) / 2,
}


def variance_through_depth(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    if activation not in _ACTIVATIONS:
        raise ValueError(f"unknown activation {activation!r}")
    act = _ACTIVATIONS[activation]

    def layer(state, w):
        h, moments = state
        h = act(np.einsum("oi,ni->no", np.array(w, dtype=float), h))
        return h, moments + [np.vdot(h, h) / h.size]

    start = np.array(x, dtype=float)
    for w in weights:
        if np.ndim(w) < 2:
            raise ValueError("weights need two axes")
    _, moments = reduce(layer, weights, (start, [np.vdot(start, start) / start.size]))
    return np.array(moments)
