"""The variance of the mean of n correlated models.

Train n models on the same training set, for example the trees of a forest, and average their predictions for one input.
A prediction varies with the training set. If each has the variance v, and each pair the correlation rho, then

    Var(mean) = rho * v + (1 - rho) / n * v

More models reduce the second term alone. The first one is the limit for n to infinity.

No n models have every pair correlated at less than -1 / (n - 1): the variance of their mean would be negative.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 15.2.

Strict
------
- ValueError if variance < 0 or n < 1.
- estimate_correlation: a large mean costs no digits, and a column of equal values has a variance of exactly 0.
"""

import math
from itertools import combinations

import numpy as np


def ensemble_variance(variance: float, correlation: float, n: float) -> float:
    """Return the variance of the mean of n models.

    Parameters
    ----------
    variance : float
        Of each model.
    correlation : float
        Of each pair.
    n : float
        A whole number from 1, or np.inf for the limit.

    Raises
    ------
    ValueError
        If the correlation is above 1, below -1, or too low for n models. At -1 / (n - 1) itself the variance is 0.

    Examples
    --------
    >>> ensemble_variance(8.0, 0.25, 4)
    3.5
    >>> ensemble_variance(8.0, 0.25, np.inf)
    2.0
    """
    if variance < 0 or n < 1:
        raise ValueError(f"variance is {variance} and n is {n}: they are at least 0 and at least 1")
    lowest = -1 / max(n - 1, 1)
    if not lowest <= correlation <= 1:
        raise ValueError(f"{n} models have a correlation from {lowest} to 1, not {correlation}")
    return correlation * variance + (1 - correlation) / n * variance


def estimate_correlation(predictions: np.ndarray) -> float:
    """Return the mean covariance of a pair of models, divided by the mean variance of a model.

    With it and the mean variance, ensemble_variance gives the variance of the row means of predictions exactly, even if
    the models differ in variance.

    Parameters
    ----------
    predictions : array of shape (n_training_sets, n_models)
        All for one input. Variance and covariance are over the training sets.

    Raises
    ------
    ValueError
        If there is only one model, or no model varies.

    Examples
    --------
    The variances are 1 and 4, the covariance is 2.

    >>> estimate_correlation(np.array([[1.0, 0.0], [3.0, 4.0]]))
    0.8
    """
    n_models = predictions.shape[1]
    moved = predictions - predictions[0].astype(float)  # which is exactly 0 for a model that does not vary
    centred = moved - moved.mean(axis=0)
    own = (centred**2).sum()
    if n_models == 1 or own == 0:
        raise ValueError("there is no correlation to estimate: one model alone, or none that varies")
    pairs = (centred.sum(axis=1) ** 2).sum() - own  # each pair twice
    return float(pairs / (n_models - 1) / own)


def ensemble_variance_via_weights(variance: float, correlation: float, n: float) -> float:
    """Weigh two cases: of two models drawn from n, they are one and the same, or a pair."""
    same = 1 / n if n >= 1 else math.nan
    share = same + (1 - same) * correlation
    if variance < 0 or not -1 <= correlation <= 1 or not share >= 0:
        raise ValueError("the arguments are out of range")
    return variance * share


def ensemble_variance_via_parts(variance: float, correlation: float, n: float) -> float:
    """Split each model into a part that all share and one of its own; of a negative correlation, add up covariances."""
    if n < 1 or variance < 0 or abs(correlation) > 1 or (correlation < 0 and (n - 1) * -correlation > 1):
        raise ValueError("the arguments are out of range")
    shared, own = variance * correlation, variance * (1 - correlation)
    return shared + own / n if correlation >= 0 else (variance + (n - 1) * shared) / n


def estimate_correlation_via_covariances(predictions: np.ndarray) -> float:
    """Average the two parts of the covariance matrix."""
    moved = predictions - 1.0 * predictions[0]
    n_models = moved.shape[1]
    if n_models < 2 or not moved.any():
        raise ValueError("one model alone, or none that varies")
    covariances = np.cov(moved, rowvar=False)
    return float(covariances[~np.eye(n_models, dtype=bool)].mean() / np.diag(covariances).mean())


def estimate_correlation_via_mean(predictions: np.ndarray) -> float:
    """Solve the formula for the correlation, with the variance of the row means."""
    moved = predictions - 1.0 * predictions[0]
    share, n = np.ptp(moved) and moved.mean(axis=1).var() / moved.var(axis=0).mean(), moved.shape[1]
    if n < 2 or not np.ptp(moved):
        raise ValueError("one model alone, or none that varies")
    return float((n * share - 1) / (n - 1))


def estimate_correlation_via_distances(predictions: np.ndarray) -> float:
    """Go through the pairs: the variance of a difference is what the two variances exceed twice the covariance by."""
    columns = (predictions.astype(float) - predictions[0]).T
    variances, pairs = [np.var(column) for column in columns], list(combinations(columns, 2))
    if not pairs or max(variances) == 0:
        raise ValueError("one model alone, or none that varies")
    apart = math.fsum(np.var(one - other) for one, other in pairs) / len(pairs)
    return float(1 - apart / 2 / (math.fsum(variances) / len(variances)))
