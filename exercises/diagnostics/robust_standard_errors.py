# Fill in what raises NotImplementedError. NumPy and the standard library only; arguments stay as they were;
# whole numbers are numbers too. To grade: nox -s grade -- robust_standard_errors
"""Standard errors of least squares, with and without the assumption that all errors have one variance.

Let a_i be sample i's row of features with a 1 in front, for the intercept; A the matrix of these rows, n by p; e the
residuals of the least-squares fit; h_i = a_i' (A'A)^-1 a_i the leverages. If all errors have one variance and are not
correlated, the covariance of the coefficients is estimated by

    s^2 (A'A)^-1,   s^2 = sum of e_i^2 / (n - p)

If the variances differ, from sample to sample and in any way, that is wrong however large n is, and this is not:

    (A'A)^-1 (sum of w_i a_i a_i') (A'A)^-1

    HC0   w_i = e_i^2
    HC1   w_i = e_i^2 n / (n - p)
    HC2   w_i = e_i^2 / (1 - h_i)
    HC3   w_i = e_i^2 / (1 - h_i)^2

A standard error is the root of a number on the diagonal. Residuals are smaller than errors: HC1 makes up for that on the
average, HC2 sample by sample, HC3 with some to spare. 50,000 samples of few features need a small part of a second.

Source: White (1980), A Heteroskedasticity-Consistent Covariance Matrix Estimator, for HC0; MacKinnon and White (1985) for
the others.
"""

import numpy as np


def standard_errors(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the usual standard errors, which take the errors to have one variance.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        No intercept column: the intercept is yours to add. No feature is constant or a combination of others. Each may
        have its own unit, and may lie a thousand times its spread from zero.
    y : array of shape (n_samples,)

    Returns
    -------
    array of shape (n_features + 1,)
        The intercept's first, then one for each feature.

    Raises
    ------
    ValueError
        If there are no more samples than coefficients, the intercept counted, so that s^2 would divide by 0.

    Examples
    --------
    Of a constant and a slope, both uncertain by s / 2, where s^2 = (9 + 9 + 1 + 1) / 2.

    >>> X, y = np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    >>> standard_errors(X, y).round(9)
    array([1.58113883, 1.58113883])
    """
    raise NotImplementedError


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str = "HC3") -> np.ndarray:
    """Return standard errors that hold whatever the variances of the errors are.

    Parameters
    ----------
    X, y
        As `standard_errors` takes them.
    kind : str
        "HC0", "HC1", "HC2" or "HC3".

    Returns
    -------
    array of shape (n_features + 1,)
        The intercept's first, then one for each feature.

    Raises
    ------
    ValueError
        Where `standard_errors` does; if kind is another; and for HC2 and HC3 if a sample has leverage 1, that is above
        1 - 1e-10, since its residual says nothing of its error. HC0 and HC1 take it as it is.

    Examples
    --------
    Half of the samples have errors of size 3, half of size 1: (9 + 9 + 1 + 1) / 4^2 under the root.

    >>> X, y = np.array([[-1.0], [-1.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    >>> sandwich_standard_errors(X, y, kind="HC0").round(9)
    array([1.11803399, 1.11803399])
    >>> sandwich_standard_errors(X, y).round(9)
    array([2.23606798, 2.23606798])
    """
    raise NotImplementedError
