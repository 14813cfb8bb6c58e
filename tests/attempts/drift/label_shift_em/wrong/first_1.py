# wrong (core): the source prior is normalised only if it adds up to more than 1 (counts), not if to less (only proportions matter)
"""New class priors from predicted probabilities alone, by expectation-maximisation (EM)."""

from typing import NamedTuple

import numpy as np


class PriorEstimate(NamedTuple):
    """The last prior, and L of each prior from the first to the last."""

    prior: np.ndarray
    log_likelihoods: np.ndarray


def em_step(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return the prior after one step."""
    probs = np.asarray(probs, dtype=float)
    weighted = probs * (np.asarray(prior, dtype=float) / np.asarray(source_prior, dtype=float))
    totals = weighted.sum(axis=1, keepdims=True)
    if (totals == 0).any():
        raise ValueError("a row has all of its probability on classes at 0")
    return (weighted / totals).mean(axis=0)


def estimate_prior_em(
    probs: np.ndarray, source_prior: np.ndarray, tol: float = 1e-8, max_iter: int = 1000
) -> PriorEstimate:
    """Return the estimated prior of the target."""
    probs = np.asarray(probs, dtype=float)
    source = np.asarray(source_prior, dtype=float)
    if len(probs) == 0 or probs.shape[1] != len(source):
        raise ValueError("no rows, or lengths differ")
    if not np.isfinite(probs).all() or (probs < 0).any():
        raise ValueError("probabilities must be finite and not negative")
    if not (source > 0).all():
        raise ValueError("source priors must be positive")
    if source.sum() > 1:
        source = source / source.sum()

    def log_likelihood(prior):
        return np.log(probs @ (prior / source)).mean()

    prior = source.copy()
    history = [log_likelihood(prior)]
    for _ in range(max_iter):
        new = em_step(probs, source, prior)
        change = np.abs(new - prior).max()
        prior = new
        history.append(log_likelihood(prior))
        if change <= tol:
            break
    return PriorEstimate(prior, np.array(history))
