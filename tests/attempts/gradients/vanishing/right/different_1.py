# different style; both bars
from math import exp, hypot, nan

import numpy as np


def _sigmoid(z):
    e = exp(-abs(z))
    return 1.0 / (1.0 + e) if z >= 0 else e / (1.0 + e)


def _sigmoid_slope(z):
    e = exp(-abs(z))
    return e / (1.0 + e) ** 2


def _tanh(z):
    return float(np.tanh(z))


def _tanh_slope(z):
    return 4.0 * _sigmoid_slope(2.0 * z)  # 1 - tanh^2, without its cancellation


_KNOWN = {
    "sigmoid": (_sigmoid, _sigmoid_slope, 0.25),
    "tanh": (_tanh, _tanh_slope, 1.0),
    "relu": (lambda z: z if z > 0 else 0.0, lambda z: 1.0 if z > 0 else 0.0, 1.0),
}


def _find(activation):
    if activation not in _KNOWN:
        raise ValueError(f"unknown activation {activation!r}")
    return _KNOWN[activation]


def _each(function, array):
    return np.array([function(z) for z in array.ravel().tolist()], dtype=float).reshape(array.shape)


def layer_gradient_norms(weights: list[np.ndarray], x: np.ndarray, grad_out: np.ndarray, activation: str) -> np.ndarray:
    f, slope, _ = _find(activation)
    weights = [np.array(w, dtype=float) for w in weights]
    a, tape = np.array(x, dtype=float), []
    for w in weights:
        z = np.einsum("ni,oi->no", a, w)
        tape.append((a, _each(slope, z), w))
        a = _each(f, z)
    flow, norms = np.array(grad_out, dtype=float), []
    while tape:
        a, slopes, w = tape.pop()
        delta = flow * slopes
        norms.append(hypot(*np.einsum("no,ni->oi", delta, a).ravel().tolist()))
        flow = np.einsum("no,oi->ni", delta, w)
    return np.array(norms[::-1], dtype=float)


def saturated_fraction(pre_activations: list[np.ndarray], activation: str, threshold: float = 0.05) -> np.ndarray:
    _, slope, largest = _find(activation)
    shares = []
    for z in pre_activations:
        entries = [float(v) for v in np.ravel(z).tolist()]
        flat = sum(slope(v) < threshold * largest for v in entries)
        shares.append(flat / len(entries) if entries else nan)
    return np.array(shares, dtype=float)
