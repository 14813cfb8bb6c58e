# wrong (core): log-likelihood as log(p + 1e-300): floored far from all means, responsibilities right
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
- Samples may lie a million standard deviations from 0.
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


def e_step(X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> EStep:
    """Return the mean log-likelihood and the responsibilities.

    Parameters
    ----------
    X : array of shape (n_samples, d)
    weights, means, covariances : arrays
        Shapes as in Mixture. Weights are positive and sum to 1.

    Examples
    --------
    >>> X, means = np.array([[0.0], [100.0]]), np.array([[0.0], [2.0]])
    >>> step = e_step(X, np.array([0.5, 0.5]), means, np.ones((2, 1, 1)))
    >>> step.responsibilities.round(3)
    array([[0.881, 0.119],
           [0.   , 1.   ]])
    """
    X, means, covariances = (np.asarray(a, dtype=float) for a in (X, means, covariances))
    n, d = X.shape
    log_joint = np.empty((n, len(means)))
    for k in range(len(means)):
        try:
            L = np.linalg.cholesky(covariances[k])
        except np.linalg.LinAlgError:
            raise ValueError("covariance not positive definite") from None
        y = np.linalg.solve(L, (X - means[k]).T)
        log_det = 2 * np.log(np.diag(L)).sum()
        log_joint[:, k] = np.log(weights[k]) - 0.5 * (d * np.log(2 * np.pi) + log_det + (y**2).sum(axis=0))
    top = log_joint.max(axis=1, keepdims=True)
    log_p = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    r = np.exp(log_joint - log_p)
    return EStep(float(np.log(np.exp(log_joint).sum(axis=1) + 1e-300).mean()), r)


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
    X, r = np.asarray(X, dtype=float), np.asarray(responsibilities, dtype=float)
    n, d = X.shape
    n_k = r.sum(axis=0)
    means = (r / n_k).T @ X
    covariances = np.empty((len(n_k), d, d))
    for k in range(len(n_k)):
        diff = X - means[k]
        covariances[k] = (r[:, k, None] * diff).T @ diff / n_k[k] + reg_covar * np.eye(d)
    return Mixture(n_k / n, means, covariances)


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
    log_likelihoods = []
    for _ in range(n_steps):
        log_likelihood, r = e_step(X, *mixture)
        log_likelihoods.append(log_likelihood)
        mixture = m_step(X, r, reg_covar)
    return Fit(mixture, np.array(log_likelihoods))
