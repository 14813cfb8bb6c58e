# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- label_shift_em
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
    raise NotImplementedError


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
    raise NotImplementedError
