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

import math
from collections import Counter
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
    means, variances = np.empty((2, y.max() + 1, X.shape[1]))
    for c in range(len(means)):
        group = X[y == c]
        means[c], variances[c] = group.mean(axis=0), group.var(axis=0)
    return Gaussian(_log_shares(y), means, variances + var_smoothing * X.var(axis=0).max())


def gaussian_log_proba(X: np.ndarray, model: Gaussian) -> np.ndarray:
    """Return log P(c | x), of shape (n_samples, n_classes).

    Examples
    --------
    >>> model = Gaussian(np.log([0.5, 0.5]), np.array([[0.0], [1.0]]), np.ones((2, 1)))
    >>> gaussian_log_proba(np.array([[0.5], [100.5]]), model)[:, 0].round(4)
    array([  -0.6931, -100.    ])
    """
    log_prior, means, variances = model
    squares = (X[:, np.newaxis] - means) ** 2 / variances
    return _normalized(log_prior - (squares + np.log(variances)).sum(axis=2) / 2)


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
    counts = np.array([X[y == c].sum(axis=0) for c in range(y.max() + 1)]) + alpha
    return Multinomial(_log_shares(y), np.log(counts / counts.sum(axis=1, keepdims=True)))


def multinomial_log_proba(X: np.ndarray, model: Multinomial) -> np.ndarray:
    """Return log P(c | x), of shape (n_documents, n_classes).

    Examples
    --------
    >>> model = Multinomial(np.log([0.5, 0.5]), np.log([[0.8, 0.2], [0.2, 0.8]]))
    >>> np.exp(multinomial_log_proba(np.array([[2, 0], [0, 0]]), model)).round(4)
    array([[0.9412, 0.0588],
           [0.5   , 0.5   ]])
    """
    return _normalized(X @ model.log_prob.T + model.log_prior)


def _log_shares(y: np.ndarray) -> np.ndarray:
    return np.log(np.bincount(y) / len(y))


def _normalized(log_joint: np.ndarray) -> np.ndarray:
    below = log_joint - log_joint.max(axis=1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=1, keepdims=True))


def fit_gaussian_via_one_hot(X: np.ndarray, y: np.ndarray, var_smoothing: float = 1e-9) -> Gaussian:
    """Sum over the samples of a class by a product with one-hot labels."""
    own = np.eye(max(y) + 1)[:, y]
    n = own.sum(axis=1, keepdims=True)
    means = own @ X / n
    variances = own @ (X - means[y]) ** 2 / n
    centered = X - X.mean(axis=0)
    floor = var_smoothing * np.max(np.einsum("ij,ij->j", centered, centered)) / len(X)
    return Gaussian(np.log(own.mean(axis=1)), means, variances + floor)


def fit_gaussian_via_stream(X: np.ndarray, y: np.ndarray, var_smoothing: float = 1e-9) -> Gaussian:
    """Take one sample at a time, and move the mean and the squares of its class and of all (Welford)."""
    n_classes = len(set(y.tolist()))
    # The last row is for all samples together.
    n, means, squares = np.zeros((n_classes + 1, 1)), *np.zeros((2, n_classes + 1, X.shape[1]))
    for x, c in zip(X.astype(float), y.tolist(), strict=True):
        for row in (c, -1):
            n[row] += 1
            step = x - means[row]
            means[row] += step / n[row]
            squares[row] += step * (x - means[row])
    variances = squares / n
    floor = variances[-1].max() * var_smoothing
    return Gaussian(np.log(n[:-1, 0] / n[-1]), means[:-1], variances[:-1] + floor)


def gaussian_log_proba_via_loop(X: np.ndarray, model: Gaussian) -> np.ndarray:
    """Add up the logarithms of one density after the other, in plain Python."""
    found = []
    for x in X.tolist():
        joint = []
        for log_p, means, variances in zip(*(field.tolist() for field in model), strict=True):
            for value, mean, variance in zip(x, means, variances, strict=True):
                log_p -= math.log(variance) / 2 + (value - mean) ** 2 / variance / 2  # noqa: PLW2901
            joint.append(log_p)
        total = max(joint) + math.log(math.fsum(math.exp(each - max(joint)) for each in joint))
        found.append([each - total for each in joint])
    return np.array(found)


def gaussian_log_proba_via_odds(X: np.ndarray, model: Gaussian) -> np.ndarray:
    """Compare each class with each: 1 / P(c | x) is the sum of the odds of all classes against c."""
    spreads = np.sqrt(model.variances)
    joint = np.zeros((len(X), len(spreads))) + model.log_prior
    for j, x in enumerate(X.T):
        z = (x[:, np.newaxis] - model.means[:, j]) / spreads[:, j]
        joint -= z * z / 2 + np.log(spreads[:, j])
    return -np.logaddexp.reduce(joint[:, np.newaxis, :] - joint[:, :, np.newaxis], axis=2)


def fit_multinomial_via_counter(X: np.ndarray, y: np.ndarray, alpha: float = 1.0) -> Multinomial:
    """Count the words of each class in a dictionary."""
    n_words, log_prob = X.shape[1], []
    documents = Counter(y.tolist())
    for c in sorted(documents):
        words = Counter()
        for document in X[y == c].tolist():
            words.update(dict(enumerate(document)))
        total = sum(words.values()) + alpha * n_words
        log_prob.append([math.log(words[j] + alpha) - math.log(total) for j in range(n_words)])
    log_prior = [math.log(documents[c] / len(y)) for c in sorted(documents)]
    return Multinomial(np.array(log_prior), np.array(log_prob))


def fit_multinomial_via_scatter(X: np.ndarray, y: np.ndarray, alpha: float = 1.0) -> Multinomial:
    """Add each document to the row of its class."""
    classes, documents = np.unique(y, return_counts=True)
    counts = np.full((len(classes), X.shape[1]), float(alpha))
    np.add.at(counts, y, X)
    log_counts = np.log(counts)
    return Multinomial(
        np.log(documents) - np.log(documents.sum()),
        log_counts - np.logaddexp.reduce(log_counts, axis=1, keepdims=True),
    )


def multinomial_log_proba_via_updates(X: np.ndarray, model: Multinomial) -> np.ndarray:
    """Update the belief word by word: what is known after one is the prior of the next."""
    belief = np.tile(model.log_prior, (len(X), 1))
    for count, log_p in zip(X.T, model.log_prob.T, strict=True):
        belief += np.multiply.outer(count, log_p)
        belief -= np.logaddexp.reduce(belief, axis=1, keepdims=True)
    return belief


def multinomial_log_proba_via_loop(X: np.ndarray, model: Multinomial) -> np.ndarray:
    """Go over the documents, the classes and the words, in plain Python."""
    log_prior, log_prob = model.log_prior.tolist(), model.log_prob.tolist()
    found = []
    for document in X.tolist():
        joint = [
            prior + sum(count * log_p for count, log_p in zip(document, row, strict=True))
            for prior, row in zip(log_prior, log_prob, strict=True)
        ]
        total = max(joint) + math.log(math.fsum(math.exp(each - max(joint)) for each in joint))
        found.append([each - total for each in joint])
    return np.array(found)
