# candidate, par time, from the stub alone
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    x: np.ndarray
    mean: np.ndarray
    variance: float


def add_noise(x0: np.ndarray, t: np.ndarray, noise: np.ndarray, betas: np.ndarray) -> np.ndarray:
    abar = np.cumprod(1 - betas)[t - 1]
    abar = abar.reshape((-1,) + (1,) * (x0.ndim - 1))
    return np.sqrt(abar) * x0 + np.sqrt(1 - abar) * noise


def diffusion_loss(predict: Callable, x0: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> float:
    t = rng.integers(1, len(betas) + 1, size=len(x0))
    noise = rng.standard_normal(x0.shape)
    x_t = add_noise(x0, t, noise, betas)
    return float(np.mean((noise - predict(x_t, t)) ** 2))


def denoise_step(x_t: np.ndarray, t: int, predicted: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> Step:
    abar = np.concatenate([[1.0], np.cumprod(1 - betas)])
    beta = betas[t - 1]
    mean = (x_t - beta / np.sqrt(1 - abar[t]) * predicted) / np.sqrt(1 - beta)
    variance = float(beta * (1 - abar[t - 1]) / (1 - abar[t]))
    x = mean + np.sqrt(variance) * rng.standard_normal(x_t.shape)
    return Step(x, mean, variance)
