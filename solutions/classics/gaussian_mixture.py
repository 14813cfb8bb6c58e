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

import math
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
    try:
        factors = np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        raise ValueError("a covariance is not positive definite") from None
    # Of shape (n_components, d, n_samples): with L L^T the covariance, L^-1 (x - mean) is standard normal.
    white = np.linalg.solve(factors, np.swapaxes(X - means[:, np.newaxis], 1, 2))
    log_dets = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    constants = np.log(weights) - (X.shape[1] * np.log(2 * np.pi) + log_dets) / 2
    log_joint = constants - (white**2).sum(axis=1).T / 2
    top = log_joint.max(axis=1, keepdims=True)
    log_p = top + np.log(np.exp(log_joint - top).sum(axis=1, keepdims=True))
    return EStep(float(log_p.mean()), np.exp(log_joint - log_p))


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
    n_k = responsibilities.sum(axis=0)
    means = responsibilities.T @ X / n_k[:, np.newaxis]
    centred = X - means[:, np.newaxis]
    scatter = np.swapaxes(centred * responsibilities.T[:, :, np.newaxis], 1, 2) @ centred
    covariances = scatter / n_k[:, np.newaxis, np.newaxis] + reg_covar * np.eye(X.shape[1])
    return Mixture(n_k / len(X), means, covariances)


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
    mixture, log_likelihoods = Mixture(weights, means, covariances), []
    for _ in range(n_steps):
        log_likelihood, responsibilities = e_step(X, *mixture)
        log_likelihoods.append(log_likelihood)
        mixture = m_step(X, responsibilities, reg_covar)
    return Fit(mixture, np.array(log_likelihoods))


def e_step_via_loop(X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> EStep:
    """Treat one sample at a time, and take each density from the inverse and the determinant."""
    responsibilities, total = [], 0.0
    gaussians = []
    for weight, mean, covariance in zip(weights.tolist(), means, covariances, strict=True):
        if np.linalg.eigvalsh(covariance)[0] <= 0:
            raise ValueError("a covariance is not positive definite")
        _, log_det = np.linalg.slogdet(2 * np.pi * covariance)
        gaussians.append((math.log(weight) - log_det / 2, mean, np.linalg.inv(covariance)))
    for x in X:
        logs = [constant - (x - mean) @ precision @ (x - mean) / 2 for constant, mean, precision in gaussians]
        top = max(logs)
        log_p = top + math.log(sum(math.exp(value - top) for value in logs))
        responsibilities.append([math.exp(value - log_p) for value in logs])
        total += log_p
    return EStep(total / len(X), np.array(responsibilities))


def e_step_via_principal_axes(X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> EStep:
    """Turn each component's coordinates to its principal axes, and add the densities' logarithms axis by axis."""
    variances, axes = np.linalg.eigh(covariances)
    if (variances <= 0).any():
        raise ValueError("a covariance is not positive definite")
    scores = np.einsum("ikd,kde->ike", X[:, np.newaxis] - means, axes)
    log_joint = np.log(weights) - 0.5 * (scores**2 / variances + np.log(2 * np.pi * variances)).sum(axis=2)
    log_p = np.logaddexp.reduce(log_joint, axis=1)
    return EStep(float(np.average(log_p)), np.exp(log_joint - log_p[:, np.newaxis]))


def m_step_via_loop(X: np.ndarray, responsibilities: np.ndarray, reg_covar: float = 1e-6) -> Mixture:
    """Treat one component at a time, and one sample after another."""
    weights, means, covariances = [], [], []
    for shares in responsibilities.T:
        n_k = shares.sum()
        mean = sum(r * x for r, x in zip(shares, X, strict=True)) / n_k
        covariance = sum(r * np.outer(x - mean, x - mean) for r, x in zip(shares, X, strict=True)) / n_k
        weights.append(n_k / shares.size)
        means.append(mean)
        covariances.append(covariance + np.diag(np.full(len(mean), reg_covar)))
    return Mixture(np.array(weights), np.array(means), np.array(covariances))


def m_step_via_weighted_averages(X: np.ndarray, responsibilities: np.ndarray, reg_covar: float = 1e-6) -> Mixture:
    """Leave the weighted means and covariances to NumPy."""
    columns, identity = responsibilities.T, np.eye(X.shape[1])
    means = [np.average(X, axis=0, weights=column) for column in columns]
    covariances = [np.cov(X, rowvar=False, aweights=column, ddof=0) + reg_covar * identity for column in columns]
    return Mixture(responsibilities.mean(axis=0), np.array(means), np.array(covariances))


def fit_mixture_via_recursion(
    X: np.ndarray,
    weights: np.ndarray,
    means: np.ndarray,
    covariances: np.ndarray,
    n_steps: int,
    reg_covar: float = 1e-6,
) -> Fit:
    """Take one step, and leave the others to a call of the same function."""
    start = e_step_via_principal_axes(X, weights, means, covariances)
    mixture = m_step_via_weighted_averages(X, start.responsibilities, reg_covar)
    if n_steps == 1:
        return Fit(mixture, np.array([start.log_likelihood]))
    rest = fit_mixture_via_recursion(X, *mixture, n_steps - 1, reg_covar)
    return Fit(rest.mixture, np.append(start.log_likelihood, rest.log_likelihoods))


def fit_mixture_via_loop(
    X: np.ndarray,
    weights: np.ndarray,
    means: np.ndarray,
    covariances: np.ndarray,
    n_steps: int,
    reg_covar: float = 1e-6,
) -> Fit:
    """Take the halves from the plain loops above."""
    log_likelihoods = np.empty(n_steps)
    for t in range(n_steps):
        log_likelihoods[t], responsibilities = e_step_via_loop(X, weights, means, covariances)
        weights, means, covariances = m_step_via_loop(X, responsibilities, reg_covar)
    return Fit(Mixture(weights, means, covariances), log_likelihoods)
