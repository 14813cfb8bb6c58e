# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- influence
"""Leverage, studentised residuals and Cook's distance.

Least squares fits an intercept and a coefficient for each feature: p = n_features + 1 numbers from n samples. Three
measures tell how one sample affects the fit. In all of them Z is X with a column of ones in front, e_i the
residual y_i - fitted_i, and s^2 = sum of e_i^2 / (n - p).

Leverage is what a sample could do. The fitted value of sample i is a weighted sum of all y; its leverage is the weight
of its own y_i:

    h_i = the i-th diagonal element of Z (Z'Z)^-1 Z'

It depends on X alone, and is at most 1. Leverage pulls the fit to the sample, and so shrinks the sample's own residual:
its variance is (1 - h_i) sigma^2 if that of every error is sigma^2. A studentised residual is divided by its own
standard error:

    internally:    e_i / (s sqrt(1 - h_i))
    externally:    e_i / (s_(i) sqrt(1 - h_i))

where s_(i)^2 is the s^2 of the fit to the other n - 1 samples alone: their squared residuals from their own fit,
summed and divided by n - 1 - p. So an outlier cannot hide behind the variance that it brings along.

Cook's distance is what the sample does: how far all n fitted values move when it is left out of the fit.

    D_i = sum over j of (fitted_j - fitted_j without i)^2 / (p s^2) = e_i^2 / (p s^2) * h_i / (1 - h_i)^2

A sample of leverage 1 is fitted exactly whatever its y is, and without it the fit is not determined. Nothing can be
said of its studentised residual or its distance: both are NaN.

Each function should run in n p^2 time: 30,000 samples of two features in far less than a second. That leaves no room
for an n by n matrix, nor for one fit per sample.

Sources: Cook, Detection of Influential Observation in Linear Regression (1977); Belsley, Kuh and Welsch, Regression
Diagnostics (1980), chapter 2.
"""

import numpy as np


def leverage(X: np.ndarray) -> np.ndarray:
    """Return the weight that each sample's y has in its own fitted value.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least one feature, and no intercept column: the intercept is yours to add. No feature is constant, and none
        has a variance inflation factor, 1 / (1 - R2 of its fit to the others), above 100, so that n_samples is at least
        n_features + 1. A feature may be in any unit, and may lie as far from zero as a million times its standard
        deviation.

    Returns
    -------
    array of shape (n_samples,)
        The leverages. They sum to n_features + 1: with n_features + 1 samples, each is 1.

    Examples
    --------
    For one feature, h_i = 1 / n + (x_i - mean)^2 / sum of squared deviations.

    >>> leverage(np.array([[0.0], [1.0], [2.0], [3.0]])).round(9)
    array([0.7, 0.3, 0.3, 0.7])
    """
    raise NotImplementedError


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool) -> np.ndarray:
    """Return the residuals, each divided by its standard error.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As `leverage` takes it.
    y : array of shape (n_samples,)
        In any unit, and as far from zero as a million times its standard deviation. The fit to all samples is not
        exact. For external residuals, neither is the fit to all but one: leaving one out divides the sum of squared
        residuals by a million at most, and by a hundred at most if its 1 - h_i is below 1e-4.
    external : bool
        Whether the error variance comes from the other samples alone, instead of from all.

    Returns
    -------
    array of shape (n_samples,)
        With the sign of the residual: positive where y lies above the fit. NaN where 1 - h_i is below 1e-8.

    Raises
    ------
    ValueError
        If the variance has no degree of freedom: with fewer than n_features + 2 samples if it comes from all of them,
        n_features + 3 if from the others.

    Examples
    --------
    The fitted line is 1/2 everywhere, so the residuals are 1/2, -1/2, -1/2 and 1/2, and s^2 is 1/2.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    >>> studentized_residuals(X, y, external=False).round(4)
    array([ 1.291 , -0.8452, -0.8452,  1.291 ])
    >>> studentized_residuals(X, y, external=True).round(4)
    array([ 2.2361, -0.7454, -0.7454,  2.2361])
    """
    raise NotImplementedError


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how far the fitted values move when each sample is left out.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        As `studentized_residuals` takes them.

    Returns
    -------
    array of shape (n_samples,)
        NaN where 1 - h_i is below 1e-8.

    Raises
    ------
    ValueError
        With fewer than n_features + 2 samples: then s^2 has no degree of freedom.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 0.0, 0.0, 1.0])
    >>> cooks_distance(X, y).round(4)
    array([1.9444, 0.1531, 0.1531, 1.9444])
    """
    raise NotImplementedError
