# wrong (core): adds 1e-8 under the square root that is divided by
"""A denoising diffusion model (DDPM): adding noise, the training loss, and one step back.

Steps t count from 1 to T, the length of betas. beta_t is betas[t - 1]; abar_0 = 1.

    alpha_t = 1 - beta_t        abar_t = alpha_1 * alpha_2 * ... * alpha_t
    x_t = sqrt(abar_t) * x_0 + sqrt(1 - abar_t) * noise                              noise from N(0, I)

A network predicts the noise from x_t and t. With its prediction e, a step back is

    mean = (x_t - beta_t / sqrt(1 - abar_t) * e) / sqrt(alpha_t)
    variance = beta_t * (1 - abar_(t-1)) / (1 - abar_t)
    x_(t-1) = mean + sqrt(variance) * z                                              z from N(0, I)

So the last step, t = 1, adds no noise.

Source: Ho, Jain and Abbeel, Denoising Diffusion Probabilistic Models (2020), sections 2 and 3.2, algorithms 1 and 2.
The variance is the posterior's, equation 7.

Strict
------
- ValueError if a t is not from 1 to T.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """Arrays of the shape of x_t, and a number."""

    x: np.ndarray
    mean: np.ndarray
    variance: float


def add_noise(x0: np.ndarray, t: np.ndarray, noise: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Return x_t for each sample, with a t of its own.

    Parameters
    ----------
    x0, noise : arrays of shape (n_samples, ...)
    t : array of int of shape (n_samples,)
    betas : array of shape (T,)
        Between 0 and 1.

    Examples
    --------
    >>> add_noise(np.array([4.0, 4.0]), np.array([1, 2]), np.array([1.0, 0.0]), np.array([0.36, 0.75]))
    array([3.8, 1.6])
    """
    x0, noise, t = np.asarray(x0, dtype=float), np.asarray(noise, dtype=float), np.asarray(t)
    if np.any(t < 1) or np.any(t > len(betas)):
        raise ValueError("t")
    abar = np.cumprod(1.0 - np.asarray(betas, dtype=float))[t - 1]
    abar = abar.reshape((-1,) + (1,) * (x0.ndim - 1))
    return np.sqrt(abar) * x0 + np.sqrt(1 - abar) * noise


def diffusion_loss(predict: Callable, x0: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> float:
    """Return the mean over all entries of (noise - predict(x_t, t))**2.

    Parameters
    ----------
    predict : function of two arrays
        Takes x_t and t, of shape (n_samples,), for the whole batch; returns the predicted noise. Call it once.
    x0 : array of shape (n_samples, ...)
    betas : array of shape (T,)
    rng : numpy.random.Generator
        Draws t for each sample, uniformly from 1 to T, and the noise.

    Examples
    --------
    >>> x0, betas = np.full((2, 3), 5.0), np.array([0.36])
    >>> round(diffusion_loss(lambda x_t, t: (x_t - 0.8 * x0) / 0.6 + 2, x0, betas, np.random.default_rng(0)), 6)
    4.0
    """
    t = rng.integers(1, len(betas) + 1, size=len(x0))
    noise = rng.standard_normal(np.shape(x0))
    x_t = add_noise(x0, t, noise, betas)
    return float(np.mean((noise - predict(x_t, t)) ** 2))


def denoise_step(x_t: np.ndarray, t: int, predicted: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> Step:
    """Return x_(t-1), and the mean and variance that it was drawn with.

    Parameters
    ----------
    x_t, predicted : arrays of any shape
    t : int
        The same for all entries.
    betas : array of shape (T,)
    rng : numpy.random.Generator

    Examples
    --------
    >>> step = denoise_step(np.array([3.8]), 1, np.array([1.0]), np.array([0.36, 0.75]), np.random.default_rng(0))
    >>> step.x.round(6), step.variance
    (array([4.]), 0.0)
    """
    if not 1 <= t <= len(betas):
        raise ValueError("t")
    abar = np.concatenate([[1.0], np.cumprod(1.0 - np.asarray(betas, dtype=float))])
    beta = float(betas[t - 1])
    mean = (x_t - beta / np.sqrt(1 - abar[t] + 1e-8) * predicted) / np.sqrt(1 - beta)
    variance = float(beta * (1 - abar[t - 1]) / (1 - abar[t]))
    z = rng.standard_normal(np.shape(x_t))
    return Step(mean + np.sqrt(variance) * z, mean, variance)
