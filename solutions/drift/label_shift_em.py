"""New class priors from predicted probabilities alone, by expectation-maximisation (EM).

Under label shift the priors change from source to target, and p(x | y) does not. A classifier from the source gives
probs_ik = p_source(k | x_i) for n samples of the target, whose labels are unknown. One step of EM turns the present
prior into a new one:

    E:  r_ik = w_k * probs_ik / sum_j w_j * probs_ij          w_k = prior_k / source_prior_k
    M:  new prior_k = (1 / n) * sum_i r_ik

No step lowers the log-likelihood of the sample:

    L(prior) = (1 / n) * sum_i log(sum_k w_k * probs_ik)          L(source_prior) = 0

Source: Saerens, Latinne and Decaestecker, Adjusting the outputs of a classifier to new a priori probabilities: a simple
procedure (2002), section 2.
"""

import math
from typing import NamedTuple

import numpy as np


class PriorEstimate(NamedTuple):
    """The last prior, and L of each prior from the first to the last."""

    prior: np.ndarray
    log_likelihoods: np.ndarray


def em_step(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return the prior after one step.

    Parameters
    ----------
    probs : array of shape (n_samples, n_classes)
        Each row adds up to 1.
    source_prior : array of shape (n_classes,)
        Positive shares of the classes in the source, or counts: only proportions matter.
    prior : array of shape (n_classes,)
        Adds up to 1. A class at 0 stays at 0.

    Strict
    ------
    - ValueError if a row has all of its probability on classes at 0.

    Examples
    --------
    >>> probs, source_prior = np.array([[0.0, 1.0], [0.75, 0.25]]), np.array([0.75, 0.25])
    >>> em_step(probs, source_prior, prior=np.array([0.5, 0.5]))
    array([0.25, 0.75])
    """
    joint = _joint(probs, source_prior, prior)
    return (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)


def estimate_prior_em(
    probs: np.ndarray, source_prior: np.ndarray, tol: float = 1e-8, max_iter: int = 1000
) -> PriorEstimate:
    """Return the estimated prior of the target.

    Start at the source prior. Stop after the first step that changes no entry by more than tol, or after max_iter
    steps.

    Parameters
    ----------
    probs, source_prior : arrays
        As in em_step.
    tol : float
        At least 0.
    max_iter : int
        At least 0.

    Returns
    -------
    PriorEstimate
        After t steps there are t + 1 log-likelihoods.

    Strict
    ------
    - ValueError if there is no row, lengths differ, a probability is negative or not finite, or a source prior is not
      positive.

    Examples
    --------
    >>> probs = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    >>> found = estimate_prior_em(probs, source_prior=np.array([0.5, 0.5]), tol=0.04)  # steps of 1/8 and 1/32
    >>> found.prior, found.log_likelihoods.round(4)
    (array([0.65625, 0.34375]), array([0.    , 0.0397, 0.0423]))
    """
    _check(probs, source_prior)
    prior = source_prior / source_prior.sum()
    log_likelihoods = [_log_likelihood(probs, source_prior, prior)]
    for _ in range(max_iter):
        previous, prior = prior, em_step(probs, source_prior, prior)
        log_likelihoods.append(_log_likelihood(probs, source_prior, prior))
        if np.abs(prior - previous).max() <= tol:
            break
    return PriorEstimate(prior, np.array(log_likelihoods))


def _joint(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return w_k * probs_ik."""
    joint = probs * (prior / (source_prior / source_prior.sum()))
    if not joint.any(axis=1).all():
        raise ValueError("a sample has all of its probability on classes at 0")
    return joint


def _log_likelihood(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> float:
    return float(np.log(_joint(probs, source_prior, prior).sum(axis=1)).mean())


def _check(probs: np.ndarray, source_prior: np.ndarray) -> None:
    if not len(probs) or probs.shape[1] != len(source_prior):
        raise ValueError(f"probabilities of shape {probs.shape}, and {len(source_prior)} source priors")
    if not (np.isfinite(probs) & (probs >= 0)).all():
        raise ValueError("a probability is negative or not finite")
    if not (source_prior > 0).all():
        raise ValueError("a source prior is not positive")


def em_step_via_gradient(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Multiply each entry by the derivative of L there: two products with one matrix of likelihood ratios."""
    ratios = probs / source_prior  # the total of the source prior cancels
    density = ratios @ prior
    if not density.all():
        raise ValueError("a sample has all of its probability on classes at 0")
    return prior * (ratios.T @ (1 / density)) / len(probs)


def em_step_via_loops(probs: np.ndarray, source_prior: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Go sample by sample, in plain Python."""
    new = [0.0] * len(prior)
    for row in probs.tolist():
        joint = [p * q / s for p, q, s in zip(row, prior.tolist(), source_prior.tolist(), strict=True)]
        if max(joint) == 0:
            raise ValueError("a sample has all of its probability on classes at 0")
        new = [total + value / sum(joint) for total, value in zip(new, joint, strict=True)]
    return np.array(new) / len(probs)


def estimate_prior_em_via_weights(
    probs: np.ndarray, source_prior: np.ndarray, tol: float = 1e-8, max_iter: int = 1000
) -> PriorEstimate:
    """Carry the weights instead of the prior: each is multiplied by the mean of probs_ik / density_i over its prior."""
    _check(probs, source_prior)
    shares = source_prior / source_prior.sum()
    weights, density, log_likelihoods, change = np.ones(len(shares)), probs.sum(axis=1), [], math.inf
    while True:
        log_likelihoods.append(float(np.log(density).sum()) / len(probs))
        if change <= tol or len(log_likelihoods) > max_iter:
            return PriorEstimate(weights * shares, np.array(log_likelihoods))
        before, weights = weights, weights * np.average(probs.T / density, axis=1) / shares
        change, density = max(np.abs(weights - before) * shares), probs @ weights


def estimate_prior_em_via_logarithms(
    probs: np.ndarray, source_prior: np.ndarray, tol: float = 1e-8, max_iter: int = 1000
) -> PriorEstimate:
    """Add logarithms where the others multiply, and look at the last change before the next step."""
    _check(probs, source_prior)
    log_probs, log_source = _log(probs), np.log(source_prior / source_prior.sum())
    prior, log_likelihoods, settled = np.exp(log_source), [], False
    for steps in range(max_iter + 1):
        log_joint = log_probs + _log(prior) - log_source
        log_density = np.logaddexp.reduce(log_joint, axis=1)
        log_likelihoods.append(math.fsum(log_density) / len(probs))
        if settled or steps == max_iter:
            break
        new = np.exp(log_joint - log_density[:, None]).sum(axis=0) / len(probs)
        prior, settled = new, np.allclose(new, prior, rtol=0, atol=tol)
    return PriorEstimate(prior, np.array(log_likelihoods))


def _log(values: np.ndarray) -> np.ndarray:
    """Return logarithms, minus infinity for 0."""
    return np.log(values, out=np.full(values.shape, -np.inf), where=values > 0)
