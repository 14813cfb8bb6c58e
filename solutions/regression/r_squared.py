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

import math

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
    if y_true.shape != y_pred.shape:
        raise ValueError(f"y_true has shape {y_true.shape}, and y_pred {y_pred.shape}")
    if np.ptp(y_true) == 0:
        return float((y_true == y_pred).all())
    residual, spread = y_true - y_pred.astype(float), y_true - y_true.mean()
    return float(1 - residual @ residual / (spread @ spread))


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
    n_samples = len(y_true)
    if n_samples <= n_features + 1:
        raise ValueError(f"{n_samples} samples are too few for {n_features} features")
    return 1 - (1 - r2_score(y_true, y_pred)) * (n_samples - 1) / (n_samples - n_features - 1)


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
    basis, spread = np.linalg.qr(X - X.mean(axis=0))[0], y - y.mean()
    unfitted = 1 - 1 / len(X) - (basis**2).sum(axis=1)
    if (unfitted < 1e-8).any():
        raise ValueError("a sample has leverage 1: it cannot be left out")
    # Only sample i pulls the fit away from what the others say, by a share of the error that is its leverage.
    missed = (spread - basis @ (basis.T @ spread)) / unfitted
    return float(1 - missed @ missed / (spread @ spread))


def r2_score_via_variance(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Divide the mean squared error by the variance."""
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError("y_true and y_pred differ in shape")
    error = np.mean((y_true - y_pred.astype(float)) ** 2)
    if np.ptp(y_true) == 0:
        return 0.0 if error else 1.0
    return float(1 - error / y_true.var())


def r2_score_via_pairs(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Take SST from the differences between all pairs, in plain Python."""
    n_samples = len(y_true)
    if y_pred.shape != (n_samples,):
        raise ValueError("y_true and y_pred differ in shape")
    truth = y_true.tolist()
    missed = math.fsum((a - b) ** 2 for a, b in zip(truth, y_pred.tolist(), strict=True))
    apart = math.fsum((a - b) ** 2 for i, a in enumerate(truth) for b in truth[:i]) / n_samples
    if not apart:
        return float(not missed)
    return 1 - missed / apart


def adjusted_r2_via_penalty(y_true: np.ndarray, y_pred: np.ndarray, n_features: int) -> float:
    """Take from R2 what p features of noise would have explained of the rest."""
    n_free = len(y_true) - n_features - 1
    if n_free < 1:
        raise ValueError("too few samples")
    score = r2_score_via_variance(y_true, y_pred)
    return score - (1 - score) * n_features / n_free


def predicted_r2_via_downdate(X: np.ndarray, y: np.ndarray) -> float:
    """Solve the normal equations without each sample, from sums less its own."""
    design = np.column_stack([np.ones(len(X)), X])
    gram, moments = design.T @ design, design * y[:, None]
    without = gram - design[:, :, None] * design[:, None, :]
    if (np.linalg.det(without) < 1e-8 * np.linalg.det(gram)).any():
        raise ValueError("a sample has leverage 1")
    coef = np.linalg.solve(without, (moments.sum(axis=0) - moments)[:, :, None]).squeeze(2)
    missed = y - (design * coef).sum(axis=1)
    return float(1 - np.mean(missed**2) / np.var(y))


def predicted_r2_via_pseudo_inverse(X: np.ndarray, y: np.ndarray) -> float:
    """Read leverages and fit off the pseudo-inverse of the design with its column of ones."""
    design = np.column_stack([np.ones(len(X)), X])
    design = design / np.linalg.norm(design, axis=0)
    inverse = np.linalg.pinv(design)
    unfitted = 1 - np.einsum("ij,ji->i", design, inverse)
    if unfitted.min() < 1e-8:
        raise ValueError("a sample has leverage 1")
    missed = (y - design @ (inverse @ y)) / unfitted
    return float(1 - np.square(missed).sum() / np.square(y - y.mean()).sum())
