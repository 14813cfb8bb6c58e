# candidate, par time, from the stub alone
import numpy as np


def layer_jacobians(weights: list[np.ndarray], x: np.ndarray, activation: str) -> list[np.ndarray]:
    a = x
    jacobians = []
    for w in weights:
        z = w @ a
        if activation == "linear":
            a = z
            d = np.ones_like(z)
        elif activation == "tanh":
            a = np.tanh(z)
            d = 1 - a**2
        elif activation == "sigmoid":
            a = 1 / (1 + np.exp(-z))
            d = a * (1 - a)
        elif activation == "relu":
            a = np.maximum(z, 0)
            d = (z > 0).astype(float)
        else:
            raise ValueError(f"unknown activation {activation}")
        jacobians.append(d[:, None] * w)
    return jacobians


def log_singular_values(jacobians: list[np.ndarray]) -> np.ndarray:
    n = min(jacobians[-1].shape[0], jacobians[0].shape[1])
    product = np.eye(jacobians[0].shape[1])
    log_scale = 0.0
    for j in jacobians:
        product = j @ product
        norm = np.abs(product).max()
        if norm == 0:
            return np.full(n, -np.inf)
        product = product / norm
        log_scale += np.log10(norm)
    s = np.linalg.svd(product, compute_uv=False)
    out = np.full(n, -np.inf)
    keep = s >= 1e-10 * s[0]
    out[keep] = np.log10(s[keep]) + log_scale
    return out
