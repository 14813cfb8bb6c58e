# different style; both bars
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    x: np.ndarray
    mean: np.ndarray
    variance: float


def _schedule(betas):
    """Lists abar_0..abar_T and v_0..v_T with v_t = 1 - abar_t, by v_t = alpha_t * v_(t-1) + beta_t."""
    abar, v = [1.0], [0.0]
    for beta in np.asarray(betas, dtype=float).tolist():
        abar.append((1.0 - beta) * abar[-1])
        v.append((1.0 - beta) * v[-1] + beta)
    return abar, v


def _check(t, steps):
    if not 1 <= t <= steps:
        raise ValueError(f"t must be from 1 to {steps}, got {t}")


def add_noise(x0: np.ndarray, t: np.ndarray, noise: np.ndarray, betas: np.ndarray) -> np.ndarray:
    abar, v = _schedule(betas)
    times = np.asarray(t).tolist()
    for time in times:
        _check(time, len(betas))
    out = np.empty(np.shape(x0), dtype=float)
    for i, time in enumerate(times):
        signal = np.asarray(x0[i], dtype=float)
        out[i] = math.sqrt(abar[time]) * signal + math.sqrt(v[time]) * np.asarray(noise[i], dtype=float)
    return out


def diffusion_loss(predict: Callable, x0: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> float:
    noise = rng.normal(size=np.shape(x0))
    t = 1 + np.floor(rng.random(len(x0)) * len(betas)).astype(np.int64)
    error = noise - np.asarray(predict(add_noise(x0, t, noise, betas), t), dtype=float)
    error = error.ravel()
    return float(error @ error / error.size)


def denoise_step(x_t: np.ndarray, t: int, predicted: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> Step:
    t = int(t)
    _check(t, len(betas))
    _, v = _schedule(betas)
    beta = float(betas[t - 1])
    if v[t] == 0:  # no noise so far: nothing to remove
        of_noise, variance = 0.0, 0.0
    else:
        of_noise, variance = beta / math.sqrt(v[t]), beta * v[t - 1] / v[t]
    scale = np.sqrt(np.float64(1.0 - beta))
    mean = np.asarray((np.asarray(x_t, dtype=float) - of_noise * np.asarray(predicted, dtype=float)) / scale)
    if variance == 0:
        return Step(mean.copy(), mean, 0.0)
    return Step(np.asarray(rng.normal(mean, math.sqrt(variance))), mean, variance)
