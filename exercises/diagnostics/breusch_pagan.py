# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- breusch_pagan
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
    raise NotImplementedError
