# wrong (core): the first fit has centred features instead of an intercept, but y is not centred
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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, k = X.shape
    if n < k + 2:
        raise ValueError("too few samples")
    X = X - X.mean(axis=0)
    X = X / np.sqrt((X**2).mean(axis=0))
    design = np.column_stack([np.ones(n), X])
    e = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    if np.ptp(np.abs(e)) <= 1e-9 * np.abs(y).max():
        return BreuschPagan(0.0, k)
    squares = e**2
    rest = squares - design @ np.linalg.lstsq(design, squares, rcond=None)[0]
    r2 = 1 - (rest**2).sum() / ((squares - squares.mean()) ** 2).sum()
    return BreuschPagan(float(n * r2), k)
