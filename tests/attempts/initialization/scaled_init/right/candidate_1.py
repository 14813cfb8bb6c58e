# candidate, par time, from the stub alone
import numpy as np


def _fans(shape):
    k = int(np.prod(shape[2:]))
    return shape[1] * k, shape[0] * k


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    fan_in, fan_out = _fans(shape)
    a = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-a, a, size=shape)


def he_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    fan_in, _ = _fans(shape)
    return rng.normal(0, np.sqrt(2 / fan_in), size=shape)


def variance_through_depth(weights: list[np.ndarray], x: np.ndarray, activation: str) -> np.ndarray:
    f = {
        "linear": lambda z: z,
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
    }[activation]
    h = x
    moments = [np.mean(h**2)]
    for w in weights:
        h = f(h @ w.T)
        moments.append(np.mean(h**2))
    return np.array(moments)
