# Fill in what raises NotImplementedError. NumPy and the standard library only; arguments stay as they were;
# whole numbers are numbers too. To grade: nox -s grade -- influence
"""Influence of single samples: leverage, studentised residuals, Cook's distance.

A least-squares fit with an intercept has p = n_features + 1 coefficients. The leverage h_i of a sample says how far its own
fitted value moves when y_i moves by 1: it is the i-th number on the diagonal of the matrix that takes y to the fit.

A sample of high leverage draws the fit to itself, and so its residual e_i is small just where a large one would matter:
the variance of e_i is sigma^2 (1 - h_i). Studentised residuals make up for that, with one of two estimates of sigma^2:

    internal   e_i / sqrt(s^2 (1 - h_i)),      s^2 = sum of all e^2 / (n - p)
    external   e_i / sqrt(s_(i)^2 (1 - h_i)),  s_(i)^2 the same for the fit without sample i, which divides by n - 1 - p

Cook's distance says how far all fitted values move when sample i is left out:

    D_i = sum over all samples k of (fitted_k - fitted_k without i)^2 / (p s^2) = e_i^2 h_i / (p s^2 (1 - h_i)^2)

None of it takes a refit, nor a matrix of n by n: 50,000 samples of few features need a small part of a second.

Source: Cook, Detection of Influential Observation in Linear Regression, Technometrics 19 (1977); Belsley, Kuh and Welsch,
Regression Diagnostics (1980), section 2.1.
"""

import numpy as np


def leverage(X: np.ndarray) -> np.ndarray:
    """Return the leverage of every sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        More samples than features, and no intercept column: the intercept is yours to add. No feature is constant or a
        combination of others. Each may have its own unit, and may lie ten thousand times its spread from zero.

    Returns
    -------
    array of shape (n_samples,)
        From 1 / n_samples to 1. The sum is n_features + 1.

    Examples
    --------
    The last sample alone decides where the line ends.

    >>> leverage(np.array([[0.0], [0.0], [0.0], [0.0], [5.0]])).round(9)
    array([0.25, 0.25, 0.25, 0.25, 1.  ])
    """
    raise NotImplementedError


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool = True) -> np.ndarray:
    """Return the residual of every sample over its own standard deviation.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As `leverage` takes it.
    y : array of shape (n_samples,)
        X does not fit it perfectly, not even without any one sample.
    external : bool
        Whether the variance comes from the fit without the sample, or from the fit to all.

    Returns
    -------
    array of shape (n_samples,)
        With the sign of the residual, y less the fit. NaN for a sample of leverage 1, that is above 1 - 1e-10: the fit
        runs through it whatever its y is.

    Raises
    ------
    ValueError
        If so few samples are left that the variance would divide by 0: n_samples is n_features + 1, or n_features + 2
        if external.

    Examples
    --------
    Here the line is flat and every leverage is 1/2. All residuals are alike until each is measured by the others.

    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    >>> studentized_residuals(X, y, external=False).round(9)
    array([ 1.34164079, -1.34164079,  0.4472136 , -0.4472136 ])
    >>> studentized_residuals(X, y).round(9)
    array([ 3.        , -3.        ,  0.33333333, -0.33333333])
    """
    raise NotImplementedError


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Cook's distance of every sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As `leverage` takes it.
    y : array of shape (n_samples,)
        X does not fit it perfectly.

    Returns
    -------
    array of shape (n_samples,)
        0 or more. NaN for a sample of leverage 1, that is above 1 - 1e-10.

    Raises
    ------
    ValueError
        If n_samples is n_features + 1, so that s^2 would divide by 0.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    >>> cooks_distance(X, y).round(9)
    array([0.9, 0.9, 0.1, 0.1])
    """
    raise NotImplementedError
