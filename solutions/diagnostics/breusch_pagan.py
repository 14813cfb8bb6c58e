"""The Breusch-Pagan test, in Koenker's form, of whether the error variance depends on the features.

If the variance grows with a feature, so does the expected square of a residual. So fit a second linear model:

    1. Fit y to the features, with an intercept. Take the squared residuals e_i^2.
    2. Fit e_i^2 to the same features, with an intercept. Take R2 of that fit.
    3. statistic = n R2                                     n: number of samples

    R2 = 1 - sum of squared residuals / sum of squared deviations from the mean

If the variance does not depend on the features and n is large, the statistic has a chi-squared distribution with
n_features degrees of freedom. The original form of Breusch and Pagan also assumes normal errors.

Sources: Koenker, A Note on Studentizing a Test for Heteroscedasticity (1981); Breusch and Pagan (1979).

Strict
------
- The statistic is 0 if all e_i^2 are equal up to rounding, such as for an exact fit or a constant y. Equal means: the
  |e_i| differ by less than 1e-8 times the largest |y_i|.
- Features may lie a million standard deviations from zero.
"""

from typing import NamedTuple

import numpy as np


class BreuschPagan(NamedTuple):
    """The statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def breusch_pagan(X: np.ndarray, y: np.ndarray) -> BreuschPagan:
    """Test whether the error variance depends linearly on the features.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)

    Raises
    ------
    ValueError
        With fewer than n_features + 2 samples: then every y is fitted exactly.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> statistic, dof = breusch_pagan(X, y)  # the fit is 0, the squares 0, 1, 4, 1, and R2 1/5
    >>> round(statistic, 9), dof
    (0.8, 1)
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
