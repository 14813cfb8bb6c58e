# different style; both bars
# One-hot matrix products instead of a loop over the classes, the law of total variance for the smoothing,
# a loop over the features (Gaussian) or over the documents' words (multinomial), logaddexp for Bayes' rule.
from typing import NamedTuple

import numpy as np


class Gaussian(NamedTuple):
    log_prior: np.ndarray
    means: np.ndarray
    variances: np.ndarray


class Multinomial(NamedTuple):
    log_prior: np.ndarray
    log_prob: np.ndarray


def _shares(y):
    """Labels as intp, the matrix (n_classes, n_samples) that averages over each class, and the class shares."""
    labels = np.asarray(y).astype(np.intp)
    indicator = np.equal.outer(np.arange(labels.max() + 1), labels).astype(np.float64)
    size = indicator.sum(axis=1)
    return labels, indicator, size, size / labels.size


def _bayes(joint):
    return joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)


def fit_gaussian(X: np.ndarray, y: np.ndarray, var_smoothing: float = 1e-9) -> Gaussian:
    X = np.asarray(X).astype(np.float64)
    labels, indicator, size, prior = _shares(y)
    average = indicator / size[:, None]
    means = average @ X
    means += average @ (X - means[labels])  # second step: removes the rounding of the first
    variances = average @ (X - means[labels]) ** 2
    # total variance = mean within the classes + variance between the classes; differences to class 0, not to 0
    offset = means - means[0]
    between = prior @ (offset - prior @ offset) ** 2
    total = prior @ variances + between
    return Gaussian(np.log(prior), means, variances + var_smoothing * total.max())


def gaussian_log_proba(X: np.ndarray, model: Gaussian) -> np.ndarray:
    X = np.asarray(X).astype(np.float64)
    log_prior, means, variances = (np.asarray(a).astype(np.float64) for a in model)
    spread = np.sqrt(variances)
    joint = np.tile(log_prior, (len(X), 1))
    for j in range(X.shape[1]):
        z = np.subtract.outer(X[:, j], means[:, j]) / spread[:, j]
        joint -= np.log(spread[:, j]) + 0.5 * np.log(2.0 * np.pi) + 0.5 * z * z
    return _bayes(joint)


def fit_multinomial(X: np.ndarray, y: np.ndarray, alpha: float = 1.0) -> Multinomial:
    _, indicator, _, prior = _shares(y)
    smoothed = indicator @ np.asarray(X).astype(np.float64) + alpha
    return Multinomial(np.log(prior), np.log(smoothed / smoothed.sum(axis=1)[:, None]))


def multinomial_log_proba(X: np.ndarray, model: Multinomial) -> np.ndarray:
    X = np.asarray(X)
    log_prior, log_prob = (np.asarray(a).astype(np.float64) for a in model)
    joint = np.empty((X.shape[0], log_prior.size))
    for i, document in enumerate(X):
        words = np.flatnonzero(document)  # only words that occur: 0 * log 0 never arises
        joint[i] = log_prior + (document[words].astype(np.float64) * log_prob[:, words]).sum(axis=1)
    return _bayes(joint)
