# different style; both bars
"""New class priors from predicted probabilities alone, by expectation-maximisation (EM)."""

import math
from typing import NamedTuple

import numpy as np


class PriorEstimate(NamedTuple):
    """The last prior, and L of each prior from the first to the last."""

    prior: np.ndarray
    log_likelihoods: np.ndarray


def _ratios(probs, source_prior):
    """Checked, merged: distinct rows of probs / shares, their shares of the sample, and the shares of the classes."""
    probs = np.array(probs, dtype=np.float64)
    source = np.array(source_prior, dtype=np.float64)
    if probs.ndim != 2 or source.ndim != 1 or not len(probs) or probs.shape[1] != len(source):
        raise ValueError("probs must be (n, k) with a row, and source_prior (k,)")
    if not (np.isfinite(probs) & (probs >= 0)).all():
        raise ValueError("probabilities must be finite and not negative")
    if not (np.isfinite(source) & (source > 0)).all():
        raise ValueError("source priors must be positive")
    shares = source / source.sum()
    rows, counts = np.unique(probs, axis=0, return_counts=True)
    return rows / shares, counts / len(probs), shares


def _mixture(ratios, prior):
    """p_target(x) / p_source(x) of each row."""
    density = ratios @ prior
    if not (density > 0).all():
        raise ValueError("a row has all of its probability on classes at 0")
    return density


def em_step(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return the prior after one step."""
    ratios, mass, shares = _ratios(probs, source_prior)
    prior = np.array(prior, dtype=np.float64)
    if prior.shape != shares.shape:
        raise ValueError("prior and source_prior differ in length")
    return prior * ((mass / _mixture(ratios, prior)) @ ratios)


def estimate_prior_em(
    probs: np.ndarray, source_prior: np.ndarray, tol: float = 1e-8, max_iter: int = 1000
) -> PriorEstimate:
    """Return the estimated prior of the target."""
    ratios, mass, prior = _ratios(probs, source_prior)
    density = _mixture(ratios, prior)
    levels = [math.fsum(mass * np.log(density))]
    steps, done = 0, False
    while steps < max_iter and not done:
        # the multiplicative form of E and M together
        new = prior * ((mass / density) @ ratios)
        done = bool((np.abs(new - prior) <= tol).all())
        prior, density = new, _mixture(ratios, new)
        levels.append(math.fsum(mass * np.log(density)))
        steps += 1
    return PriorEstimate(prior, np.array(levels))
