"""The Breusch-Pagan test of constant error variance, in Koenker's form.

If the variance rises or falls with a feature, so does the expected square of a residual. So the test fits a second
linear model:

    1. Fit y to X with an intercept, and take the squared residuals e_i**2.
    2. Fit e_i**2 to X with an intercept. R2 of that fit is 1 - sum of squared residuals / sum of squared deviations
       of e_i**2 from their mean.
    3. statistic = n * R2, with n samples.

If the variance is constant and n is large, the statistic has about a chi-squared distribution, with one degree of
freedom for each feature.

Source: Koenker, A Note on Studentizing a Test for Heteroscedasticity (1981); Breusch and Pagan (1979) for the first
form.

Strict
------
- If all |e_i| are equal to within 1e-9 of the largest |y_i|, the statistic is 0, not 0 / 0.
- ValueError with fewer than n_features + 2 samples.
- A feature may lie a million standard deviations from 0.
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
        Without an intercept column: the intercept is yours to add. No column is constant or collinear with others.
    y : array of shape (n_samples,)

    Examples
    --------
    The first fit is 0 everywhere, so the squares are 0, 1, 4 and 1. A line explains 1.8 of their 9.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> statistic, dof = breusch_pagan(X, np.array([0.0, 1.0, -2.0, 1.0]))
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
