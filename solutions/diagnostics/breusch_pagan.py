"""The Breusch-Pagan test, in Koenker's form, of whether the error variance depends on the features.

Least squares trusts all samples alike, and its standard errors assume that the errors have one variance. Where the
variance rises or falls with a feature, so, roughly, does the expected square of a residual. The test therefore fits a
second linear model:

    1. Fit y to the features, with an intercept, and take the squared residuals e_i^2 = (y_i - fitted_i)^2.
    2. Fit e_i^2 to the same features, with an intercept. Of that fit, take R2 = 1 - sum of squared residuals / sum of
       squared deviations of e_i^2 from their mean.
    3. statistic = n R2, where n is the number of samples.

If the error variance is the same for all, and n is large, the statistic has about a chi-squared distribution with as
many degrees of freedom as there are features: large values speak for a variance that depends on them. The original
form of Breusch and Pagan, half the explained sum of squares of the fit of e_i^2 / (mean of all e_i^2), has that
distribution only if the errors are normal; Koenker's does not need that.

Sources: Koenker, A Note on Studentizing a Test for Heteroscedasticity (1981); Breusch and Pagan, A Simple Test for
Heteroscedasticity and Random Coefficient Variation (1979).
"""

from typing import NamedTuple

import numpy as np


class BreuschPagan(NamedTuple):
    """What `breusch_pagan` returns: the statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def breusch_pagan(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    """Test whether the error variance depends linearly on the features.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least one feature, and no intercept column: the intercept is yours to add. No feature is constant, and none
        has a variance inflation factor above 100. A feature may be in any unit, and may lie as far from zero as a
        million times its standard deviation.
    y : array of shape (n_samples,)
        In any unit. It may be constant, and the fit may be exact.

    Returns
    -------
    BreuschPagan
        statistic, dof. The statistic lies between 0 and n_samples, and dof is n_features.

        Where all squared residuals are equal, they do not vary and R2 is 0 / 0: the statistic is 0. That is so if y is
        constant or the fit is exact. Equal means equal up to rounding: the largest and the smallest of the |e_i| differ
        by at most 1e-9 times the largest |y_i|. In all other inputs they differ by more than 1e-6 times that, so any
        cut-off between the two will do.

    Raises
    ------
    ValueError
        With fewer than n_features + 2 samples: then any y is fitted exactly.

    Examples
    --------
    The fit is 0 everywhere, so that the squares are 0, 1, 4 and 1. A line through them explains 1.8 of 9.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> statistic, dof = breusch_pagan(X, np.array([0.0, 1.0, -2.0, 1.0]))
    >>> round(statistic, 9), dof
    (0.8, 1)

    Here the fit is 1/2 everywhere and each square 1/4.

    >>> breusch_pagan(X, np.array([1.0, 0.0, 0.0, 1.0]))
    BreuschPagan(statistic=0.0, dof=1)
    """
    n_samples, n_features = X.shape
    if n_samples < n_features + 2:
        raise ValueError(f"{n_samples} samples are too few for {n_features} features")
    basis = np.linalg.qr(X - X.mean(axis=0))[0]
    deviation = y - y.mean()
    residual = deviation - basis @ (basis.T @ deviation)
    if np.ptp(abs(residual)) <= 1e-8 * abs(y).max():
        return BreuschPagan(0.0, n_features)
    squares = residual**2 - (residual**2).mean()
    explained = basis.T @ squares
    return BreuschPagan(float(n_samples * (explained @ explained) / (squares @ squares)), n_features)


def breusch_pagan_via_intercepts(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    """Fit twice with an explicit column of ones, and take from 1 the share that the second fit leaves."""
    if len(X) <= X.shape[1] + 1:
        raise ValueError("too few samples")
    basis = np.linalg.qr(np.column_stack([np.ones(len(X)), X]))[0]
    residual = y - basis @ (basis.T @ y)
    if max(abs(residual)) - min(abs(residual)) <= 1e-8 * max(abs(y)):
        return BreuschPagan(0.0, X.shape[1])
    squares = residual**2
    rest = squares - basis @ (basis.T @ squares)
    return BreuschPagan(len(X) * (1 - (rest**2).sum() / ((squares - squares.mean()) ** 2).sum()), X.shape[1])


def breusch_pagan_via_correlations(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    """Take R2 as c'R^-1 c from the correlations of the squares with the features, and of those with each other."""
    n_samples, n_features = X.shape
    if n_samples - n_features < 2:
        raise ValueError("too few samples")
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    inverse = np.linalg.inv(scaled.T @ scaled)
    residual = y - y.mean() - scaled @ (inverse @ (scaled.T @ (y - y.mean())))
    sizes = np.abs(residual)
    largest = np.abs(y).max()
    if largest == 0 or np.isclose(sizes / largest, sizes[0] / largest, rtol=0, atol=1e-8).all():
        return BreuschPagan(0.0, n_features)
    correlations = scaled.T @ _standardised(residual**2)
    return BreuschPagan(float(correlations @ inverse @ correlations), n_features)


def breusch_pagan_via_gram_schmidt(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    """Strip the features of one another, and add up the squared correlations of the squares with what is left."""
    n_samples, n_features = X.shape
    if n_samples < 2 + n_features:
        raise ValueError("too few samples")
    directions = []
    for column in X.T:
        rest = _standardised(column)
        for direction in directions * 2:  # the second time removes what rounding left
            rest = rest - (direction @ rest) * direction
        directions.append(rest / (rest @ rest) ** 0.5)
    residual = y - y.mean()
    for direction in directions:
        residual = residual - (direction @ residual) * direction
    sizes = sorted(abs(e) for e in residual)
    if sizes[-1] - sizes[0] <= 1e-8 * max(abs(value) for value in y):
        return BreuschPagan(0.0, n_features)
    squares = _standardised(residual**2)
    return BreuschPagan(float(sum((direction @ squares) ** 2 for direction in directions)), n_features)


def _standardised(values: np.ndarray) -> np.ndarray:
    """Return the values at a mean of 0 and a variance of 1."""
    return (values - values.mean()) / values.std()
