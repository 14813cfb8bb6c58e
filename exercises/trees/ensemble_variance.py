# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ensemble_variance
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
    raise NotImplementedError


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
    raise NotImplementedError
