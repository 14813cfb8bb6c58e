# candidate, par time, from the stub alone
import numpy as np


def _activate(z, activation):
    """Return f(z) and f'(z)."""
    if activation == "sigmoid":
        a = np.exp(-np.logaddexp(0, -z))
        return a, a * (1 - a)
    if activation == "tanh":
        a = np.tanh(z)
        return a, 1 - a**2
    if activation == "relu":
        return np.maximum(z, 0), (z > 0).astype(float)
    raise ValueError(f"unknown activation: {activation}")


def layer_gradient_norms(weights: list[np.ndarray], x: np.ndarray, grad_out: np.ndarray, activation: str) -> np.ndarray:
    inputs, slopes = [], []
    a = x
    for w in weights:
        inputs.append(a)
        a, slope = _activate(a @ w.T, activation)
        slopes.append(slope)

    norms = np.zeros(len(weights))
    grad = grad_out
    for l in reversed(range(len(weights))):
        grad_z = grad * slopes[l]
        norms[l] = np.linalg.norm(grad_z.T @ inputs[l])
        grad = grad_z @ weights[l]
    return norms


def saturated_fraction(pre_activations: list[np.ndarray], activation: str, threshold: float = 0.05) -> np.ndarray:
    largest = 0.25 if activation == "sigmoid" else 1.0
    return np.array([np.mean(_activate(z, activation)[1] < threshold * largest) for z in pre_activations])
