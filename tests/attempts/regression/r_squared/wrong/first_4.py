# wrong (strict): leverages and fit through the pseudoinverse of A.T @ A, which drops a feature near 1e-6 beside one near 1e5.
# shown by: predicted_r2(X3([0, 1]) * [1e5, 1e-6], Y3); right -0.737607, this -0.0452302
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- r_squared
"""R squared, adjusted R squared and predicted R squared.

R2 compares predictions with the mean of y, the best constant:

    R2 = 1 - sum_i (y_i - prediction_i)^2 / SST,        SST = sum_i (y_i - mean(y))^2

In the training set it never falls if a feature is added. Two corrections for n samples and p features, the intercept
not counted:

    adjusted R2 = 1 - (1 - R2) (n - 1) / (n - p - 1)
    predicted R2 = 1 - PRESS / SST

PRESS is the sum of squared errors if each sample is predicted by the fit to the n - 1 others. All three may be
negative.

Sources: James et al., An Introduction to Statistical Learning, sections 3.1.3 and 6.1.3; Allen (1974), on PRESS.

Strict
------
- y_true is constant if all its values are equal. Its computed mean may differ from them.
- Arrays may hold integers of any type.
"""

import numpy as np


def r2_score(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Return R2 of any predictions.

    Parameters
    ----------
    y_true, y_pred : arrays of shape (n_samples,)
        At least two samples.

    Returns
    -------
    float
        If y_true is constant: 1 if all predictions are exact, otherwise 0, as in scikit-learn.

    Strict
    ------
    - ValueError if the shapes differ.

    Examples
    --------
    >>> r2_score(np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 5.0]))
    0.8571428571428572
    >>> r2_score(np.array([1.0, 2.0, 6.0]), np.array([6.0, 2.0, 1.0]))
    -2.5714285714285716
    """
    y_true, y_pred = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape:
        raise ValueError("shapes differ")
    if np.all(y_true == y_true[0]):
        return float(np.all(y_true == y_pred))
    total = np.sum((y_true - y_true.mean()) ** 2)
    return float(1 - np.sum((y_true - y_pred) ** 2) / total)


def adjusted_r2(y_true: np.ndarray, y_pred: np.ndarray, n_features: int) -> float:
    """Return the adjusted R2 of a fit that has an intercept.

    Parameters
    ----------
    n_features : int
        p: the features of the fit, without the intercept.

    Raises
    ------
    ValueError
        If n <= p + 1.

    Examples
    --------
    >>> round(adjusted_r2(np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 5.0]), 1), 9)
    0.714285714
    """
    n = len(y_true)
    if n <= n_features + 1:
        raise ValueError("too few samples")
    return 1 - (1 - r2_score(y_true, y_pred)) * (n - 1) / (n - n_features - 1)


def predicted_r2(X: np.ndarray, y: np.ndarray) -> float:
    """Return the predicted R2 of least squares with an intercept.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)
        Not constant.

    Raises
    ------
    ValueError
        If a leverage is above 1 - 1e-8: the other samples alone do not determine the fit.

    Notes
    -----
    O(n p^2): no fit for each sample, and no n by n matrix.

    Examples
    --------
    The R2 of this fit is 0.949.

    >>> round(predicted_r2(np.array([[0.0], [1.0], [2.0], [5.0]]), np.array([1.0, 2.0, 2.0, 6.0])), 9)
    0.534229197
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n = len(y)
    A = np.column_stack([np.ones(n), X])
    inverse = np.linalg.pinv(A.T @ A)
    y_centered = y - y.mean()
    residual = y - A @ (inverse @ (A.T @ y))
    leverage = np.sum(A @ inverse * A, axis=1)
    if np.any(leverage > 1 - 1e-8):
        raise ValueError("the other samples do not determine the fit")
    return float(1 - np.sum((residual / (1 - leverage)) ** 2) / np.sum(y_centered**2))
