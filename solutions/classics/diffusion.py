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

import math
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
    _check(t, betas)
    abar = np.cumprod(1 - betas)[t - 1].reshape(-1, *[1] * (x0.ndim - 1))
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
        Draws t for each sample independently, uniformly from 1 to T, and the noise.

    Examples
    --------
    >>> x0, betas = np.full((2, 3), 5.0), np.array([0.36])
    >>> round(diffusion_loss(lambda x_t, t: (x_t - 0.8 * x0) / 0.6 + 2, x0, betas, np.random.default_rng(0)), 6)
    4.0
    """
    t = rng.integers(1, len(betas) + 1, size=len(x0))
    noise = rng.standard_normal(x0.shape)
    return float(np.mean((noise - predict(add_noise(x0, t, noise, betas), t)) ** 2))


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
    _check(t, betas)
    beta, (before, abar) = betas[t - 1], np.cumprod(np.append(1.0, 1 - betas))[t - 1 : t + 1]
    mean = (x_t - beta / np.sqrt(1 - abar) * predicted) / np.sqrt(1 - beta)
    variance = beta * (1 - before) / (1 - abar)
    return Step(mean + np.sqrt(variance) * rng.standard_normal(x_t.shape), mean, float(variance))


def _check(t: np.ndarray | int, betas: np.ndarray) -> None:
    if np.min(t) < 1 or np.max(t) > len(betas):
        raise ValueError(f"steps go from 1 to {len(betas)}")


def add_noise_via_loop(x0: np.ndarray, t: np.ndarray, noise: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Treat one sample at a time, and multiply its alphas up."""
    _check(t, betas)
    out = []
    for clean, step, own in zip(x0, t.tolist(), noise, strict=True):
        kept = math.prod(1 - beta for beta in betas[:step].tolist())
        out.append(math.sqrt(kept) * clean + math.sqrt(1 - kept) * own)
    return np.array(out)


def add_noise_via_angles(x0: np.ndarray, t: np.ndarray, noise: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Rotate from the data to the noise: the two coefficients are the cosine and the sine of an angle."""
    _check(t, betas)
    angles = np.arccos(np.exp(np.cumsum(np.log1p(-betas)) / 2))[t - 1]
    return (np.cos(angles) * x0.T + np.sin(angles) * noise.T).T


def diffusion_loss_via_loop(predict: Callable, x0: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> float:
    """Draw for one sample after another, and add the squares of all entries."""
    steps, noises = [], []
    for sample in x0:
        steps.append(1 + math.floor(rng.random() * len(betas)))
        noises.append(rng.normal(size=sample.shape))
    t, noise = np.array(steps), np.array(noises)
    errors = noise - predict(add_noise(x0, t, noise, betas), t)
    return sum(error * error for error in errors.ravel().tolist()) / errors.size


def diffusion_loss_via_norm(predict: Callable, x0: np.ndarray, betas: np.ndarray, rng: np.random.Generator) -> float:
    """Choose among the steps, and take the squared length of all errors as one vector."""
    t = rng.choice(np.arange(1, len(betas) + 1), size=len(x0))
    noise = rng.normal(0.0, 1.0, size=x0.shape)
    x_t = add_noise_via_angles(x0, t, noise, betas)
    return float(np.linalg.norm((predict(x_t, t) - noise).ravel()) ** 2 / noise.size)


def denoise_step_via_clean_data(
    x_t: np.ndarray, t: int, predicted: np.ndarray, betas: np.ndarray, rng: np.random.Generator
) -> Step:
    """Estimate x_0 first, and mix it with x_t as the posterior of x_(t-1) does."""
    _check(t, betas)
    beta = betas[t - 1]
    before = np.prod(1 - betas[: t - 1])
    abar = before * (1 - beta)
    clean = (x_t - np.sqrt(1 - abar) * predicted) / np.sqrt(abar)
    mean = np.sqrt(before) * beta / (1 - abar) * clean + np.sqrt(1 - beta) * (1 - before) / (1 - abar) * x_t
    variance = beta * (1 - before) / (1 - abar)
    return Step(rng.normal(mean, np.sqrt(variance)), mean, float(variance))


def denoise_step_via_precisions(
    x_t: np.ndarray, t: int, predicted: np.ndarray, betas: np.ndarray, rng: np.random.Generator
) -> Step:
    """Multiply two Gaussians of x_(t-1): what x_0 makes of it, and what x_t says about it; precisions add up."""
    _check(t, betas)
    alphas = [1 - beta for beta in betas.tolist()]
    before, alpha = math.prod(alphas[: t - 1]), alphas[t - 1]
    clean = (x_t - math.sqrt(1 - before * alpha) * predicted) / math.sqrt(before * alpha)
    if t == 1:
        return Step(clean, clean, 0.0)
    prior, likelihood = 1 / (1 - before), alpha / (1 - alpha)
    variance = 1 / (prior + likelihood)
    mean = variance * (prior * math.sqrt(before) * clean + likelihood * x_t / math.sqrt(alpha))
    return Step(mean + math.sqrt(variance) * rng.normal(size=x_t.shape), mean, variance)
