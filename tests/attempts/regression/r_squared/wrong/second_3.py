# wrong (core): adjusted R2 of a constant y_true returns R2 without the correction
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
- Targets may lie a million times their spread from zero, and features may differ in unit by 1e11.
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
    y_true = np.asarray(y_true, dtype=float)
    y_pred = np.asarray(y_pred, dtype=float)
    if y_true.shape != y_pred.shape:
        raise ValueError("shapes differ")
    if np.all(y_true == y_true[0]):
        return 1.0 if np.all(y_pred == y_true) else 0.0
    shifted = y_true - y_true[0]
    sst = np.sum((shifted - shifted.mean()) ** 2)
    return float(1 - np.sum((y_true - y_pred) ** 2) / sst)


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
    r2 = r2_score(y_true, y_pred)
    if np.all(np.asarray(y_true) == y_true[0]):
        return r2
    return 1 - (1 - r2) * (n - 1) / (n - n_features - 1)


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
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape
    if n <= p + 1:
        raise ValueError("the other samples do not determine the fit")
    Xc = X - X[0]
    Xc = Xc - Xc.mean(axis=0)
    Xc = Xc / np.sqrt(np.sum(Xc**2, axis=0))
    yc = y - y[0]
    yc = yc - yc.mean()
    Q, _ = np.linalg.qr(Xc)
    leverage = 1 / n + np.sum(Q**2, axis=1)
    if np.any(leverage > 1 - 1e-8):
        raise ValueError("the other samples do not determine the fit")
    residual = yc - Q @ (Q.T @ yc)
    press = np.sum((residual / (1 - leverage)) ** 2)
    return float(1 - press / np.sum(yc**2))
