# wrong (core): alpha smooths the multinomial model's priors, too
"""Naive Bayes: classify by Bayes' rule, as if the features were independent within each class.

    log P(c | x) = log P(c) + sum_j log P(x_j | c) - log sum_k exp(log P(k) + sum_j log P(x_j | k))

P(c) is the share of class c among the training samples. The Gaussian model is for real features, the multinomial one
for counts of words:

    Gaussian:     P(x_j | c) = N(x_j; mean_cj, variance_cj)
    multinomial:  P(x | c) is proportional to prod_j p_cj ** x_j,    p_cj = (N_cj + alpha) / sum_i (N_ci + alpha)

N_cj is the count of word j in all documents of class c. Products over many features or words underflow: work with
logarithms.

Sources: Hastie et al., The Elements of Statistical Learning (2009), section 6.6.3; Manning et al., Introduction to
Information Retrieval (2008), section 13.2; scikit-learn's GaussianNB on var_smoothing.

Strict
------
- X may hold integers of any type.
- Variances keep nine digits if the mean of a feature is 1e5 times its spread, and so do probabilities.
"""

from typing import NamedTuple

import numpy as np


class Gaussian(NamedTuple):
    """log P(c) of shape (n_classes,), then two arrays of shape (n_classes, n_features)."""

    log_prior: np.ndarray
    means: np.ndarray
    variances: np.ndarray


class Multinomial(NamedTuple):
    """log P(c) of shape (n_classes,), and log p_cj of shape (n_classes, n_features)."""

    log_prior: np.ndarray
    log_prob: np.ndarray


def _normalize(joint: np.ndarray) -> np.ndarray:
    shifted = joint - joint.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def fit_gaussian(X: np.ndarray, y: np.ndarray, var_smoothing: float = 1e-9) -> Gaussian:
    """Estimate the Gaussian model.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of int of shape (n_samples,)
        Classes from 0 to n_classes - 1. Each of them occurs.
    var_smoothing : float
        All variances are raised by var_smoothing times the largest variance of a feature in all of X: none is 0 then.

    Returns
    -------
    Gaussian
        Variances have the divisor n, not n - 1.

    Examples
    --------
    >>> fit_gaussian(np.array([[1.0], [3.0], [7.0], [9.0]]), np.array([0, 0, 1, 1]), 0.1).variances
    array([[2.],
           [2.]])
    """
    X = X.astype(float)
    n_classes = int(y.max()) + 1
    log_prior = np.log(np.bincount(y, minlength=n_classes) / len(y))
    means = np.array([X[y == c].mean(axis=0) for c in range(n_classes)])
    variances = np.array([X[y == c].var(axis=0) for c in range(n_classes)])
    return Gaussian(log_prior, means, variances + var_smoothing * X.var(axis=0).max())


def gaussian_log_proba(X: np.ndarray, model: Gaussian) -> np.ndarray:
    """Return log P(c | x), of shape (n_samples, n_classes).

    Examples
    --------
    >>> model = Gaussian(np.log([0.5, 0.5]), np.array([[0.0], [1.0]]), np.ones((2, 1)))
    >>> gaussian_log_proba(np.array([[0.5], [100.5]]), model)[:, 0].round(4)
    array([  -0.6931, -100.    ])
    """
    log_prior, means, variances = model
    diff = X.astype(float)[:, None, :] - means[None, :, :]
    log_density = -0.5 * diff**2 / variances - 0.5 * np.log(2 * np.pi * variances)
    return _normalize(log_prior + log_density.sum(axis=2))


def fit_multinomial(X: np.ndarray, y: np.ndarray, alpha: float = 1.0) -> Multinomial:
    """Estimate the multinomial model.

    Parameters
    ----------
    X : array of int of shape (n_documents, n_words)
        How often each document contains each word.
    y : array of int of shape (n_documents,)
        As above.
    alpha : float
        Positive.

    Examples
    --------
    >>> np.exp(fit_multinomial(np.array([[3, 0], [1, 1]]), np.array([0, 1]), 0.5).log_prob)
    array([[0.875, 0.125],
           [0.5  , 0.5  ]])
    """
    X = X.astype(float)
    n_classes = int(y.max()) + 1
    n_documents = np.bincount(y, minlength=n_classes) + alpha
    counts = np.array([X[y == c].sum(axis=0) for c in range(n_classes)]) + alpha
    log_prior = np.log(n_documents / n_documents.sum())
    return Multinomial(log_prior, np.log(counts / counts.sum(axis=1, keepdims=True)))


def multinomial_log_proba(X: np.ndarray, model: Multinomial) -> np.ndarray:
    """Return log P(c | x), of shape (n_documents, n_classes).

    Examples
    --------
    >>> model = Multinomial(np.log([0.5, 0.5]), np.log([[0.8, 0.2], [0.2, 0.8]]))
    >>> np.exp(multinomial_log_proba(np.array([[2, 0], [0, 0]]), model)).round(4)
    array([[0.9412, 0.0588],
           [0.5   , 0.5   ]])
    """
    return _normalize(model.log_prior + X.astype(float) @ model.log_prob.T)
