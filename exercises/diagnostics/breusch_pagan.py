# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- breusch_pagan
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
    raise NotImplementedError
