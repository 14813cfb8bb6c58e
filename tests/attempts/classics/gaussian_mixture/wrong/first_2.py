# wrong (core): divides by max(n_k, 1e-3): wrong mean and covariance of a component with small responsibilities
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- gaussian_mixture
"""A Gaussian mixture with full covariances, fitted by EM.

The density is a weighted sum of Gaussian densities in d dimensions:

    p(x) = sum_k weight_k * N(x; mean_k, covariance_k)

One step of EM on n samples:

    E:  r_ik = weight_k * N(x_i; mean_k, covariance_k) / p(x_i)          the responsibilities
    M:  n_k = sum_i r_ik,    weight_k = n_k / n,    mean_k = sum_i r_ik * x_i / n_k
        covariance_k = sum_i r_ik * (x_i - mean_k) (x_i - mean_k)^T / n_k + reg_covar * I

A component may collapse on one point; reg_covar keeps its covariance invertible. No n_k is 0.

Far from all means every density underflows to 0, and in 200 dimensions a determinant does. Work with logarithms.

Source: Dempster, Laird and Rubin (1977); Bishop, Pattern Recognition and Machine Learning (2006), section 9.2.2.

Strict
------
- ValueError if a covariance is not positive definite.
"""

from typing import NamedTuple

import numpy as np


class EStep(NamedTuple):
    """The mean over the samples of log p(x_i), and r of shape (n_samples, n_components)."""

    log_likelihood: float
    responsibilities: np.ndarray


class Mixture(NamedTuple):
    """Arrays of shape (n_components,), (n_components, d) and (n_components, d, d)."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray


class Fit(NamedTuple):
    """The mixture after the last step, and an array of shape (n_steps,)."""

    mixture: Mixture
    log_likelihoods: np.ndarray


def _log_joint(X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """log(weight_k * N(x_i; mean_k, covariance_k)), of shape (n_samples, n_components)."""
    X, means, covariances = (np.asarray(a, dtype=float) for a in (X, means, covariances))
    joint = np.empty((len(X), len(means)))
    for k, (mean, covariance) in enumerate(zip(means, covariances)):
        try:
            factor = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            raise ValueError("a covariance is not positive definite") from None
        white = np.linalg.solve(factor, (X - mean).T)
        log_det = 2.0 * np.log(np.diag(factor)).sum()
        joint[:, k] = -0.5 * (X.shape[1] * np.log(2.0 * np.pi) + log_det + (white**2).sum(axis=0))
    return joint + np.log(np.asarray(weights, dtype=float))


def e_step(X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> EStep:
    """Return the mean log-likelihood and the responsibilities.

    Parameters
    ----------
    X : array of shape (n_samples, d)
    weights, means, covariances : arrays
        Shapes as in Mixture. Weights are positive.

    Examples
    --------
    >>> X, means = np.array([[0.0], [100.0]]), np.array([[0.0], [2.0]])
    >>> step = e_step(X, np.array([0.5, 0.5]), means, np.ones((2, 1, 1)))
    >>> step.responsibilities.round(3)
    array([[0.881, 0.119],
           [0.   , 1.   ]])
    """
    joint = _log_joint(X, weights, means, covariances)
    top = joint.max(axis=1, keepdims=True)
    shifted = np.exp(joint - top)
    total = shifted.sum(axis=1, keepdims=True)
    return EStep(float((top + np.log(total)).mean()), shifted / total)


def m_step(X: np.ndarray, responsibilities: np.ndarray, reg_covar: float = 1e-6) -> Mixture:
    """Return the mixture that the responsibilities make.

    Parameters
    ----------
    X : array of shape (n_samples, d)
    responsibilities : array of shape (n_samples, n_components)
        No column is all 0.
    reg_covar : float

    Examples
    --------
    >>> r = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> weights, means, covariances = m_step(np.array([[0.0], [2.0], [9.0]]), r, reg_covar=0.5)
    >>> means.ravel(), covariances.ravel()  # the second component is one point
    (array([1., 9.]), array([1.5, 0.5]))
    """
    X = np.asarray(X, dtype=float)
    responsibilities = np.asarray(responsibilities, dtype=float)
    counts = responsibilities.sum(axis=0)
    safe = np.maximum(counts, 1e-3)  # never divide by 0
    means = responsibilities.T @ X / safe[:, None]
    covariances = np.empty((len(counts), X.shape[1], X.shape[1]))
    for k, mean in enumerate(means):
        centred = X - mean
        covariances[k] = (responsibilities[:, k, None] * centred).T @ centred / safe[k]
    covariances += reg_covar * np.eye(X.shape[1])
    return Mixture(counts / len(X), means, covariances)


def fit_mixture(
    X: np.ndarray,
    weights: np.ndarray,
    means: np.ndarray,
    covariances: np.ndarray,
    n_steps: int,
    reg_covar: float = 1e-6,
) -> Fit:
    """Take n_steps steps of EM from the given mixture.

    Parameters
    ----------
    X, weights, means, covariances
        As in e_step.
    n_steps : int
        At least 1.
    reg_covar : float

    Returns
    -------
    Fit
        log_likelihoods[t] is the mean log-likelihood of the mixture before step t, with t from 0.

    Examples
    --------
    >>> X, one = np.array([[0.0], [2.0]]), np.array([1.0])
    >>> fit = fit_mixture(X, one, np.array([[5.0]]), np.ones((1, 1, 1)), n_steps=2, reg_covar=0.0)
    >>> fit.mixture.means, fit.log_likelihoods.round(3)
    (array([[1.]]), array([-9.419, -1.419]))
    """
    mixture = Mixture(weights, means, covariances)
    log_likelihoods = np.empty(n_steps)
    for t in range(n_steps):
        step = e_step(X, *mixture)
        log_likelihoods[t] = step.log_likelihood
        mixture = m_step(X, step.responsibilities, reg_covar)
    return Fit(mixture, log_likelihoods)
