"""Influence of single samples: leverage, studentised residuals, Cook's distance.

A least-squares fit with an intercept has p = n_features + 1 coefficients. A sample's leverage h_i says how far its own
fitted value moves when y_i moves by 1: it is the i-th number on the diagonal of the matrix that takes y to the fit.

A sample of high leverage draws the fit to itself, and so its residual e_i is small just where a large one would matter:
the variance of e_i is sigma^2 (1 - h_i). Studentised residuals make up for that, with one of two estimates of sigma^2:

    internal   e_i / sqrt(s^2 (1 - h_i)),      s^2 = sum of all e^2 / (n - p)
    external   e_i / sqrt(s_(i)^2 (1 - h_i)),  s_(i)^2 the same for the fit without sample i, which divides by n - 1 - p

Cook's distance says how far all fitted values move when sample i is left out:

    D_i = sum over all samples k of (fitted_k - fitted_k without i)^2 / (p s^2) = e_i^2 h_i / (p s^2 (1 - h_i)^2)

None of it takes a refit, nor a matrix of n by n: 30,000 samples of few features take well under a
second.

Source: Cook, Detection of Influential Observation in Linear Regression, Technometrics 19 (1977); Belsley, Kuh and
Welsch, Regression Diagnostics (1980), section 2.1.
"""

import numpy as np


def leverage(X: np.ndarray) -> np.ndarray:
    """Return the leverage of every sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        More samples than features, and no intercept column: the intercept is yours to add. No feature is constant or a
        combination of others. Each may have its own unit, and may lie ten thousand times its spread from zero.

    Returns
    -------
    array of shape (n_samples,)
        From 1 / n_samples to 1. The sum is n_features + 1.

    Examples
    --------
    The last sample alone decides where the line ends.

    >>> leverage(np.array([[0.0], [0.0], [0.0], [0.0], [5.0]])).round(9)
    array([0.25, 0.25, 0.25, 0.25, 1.  ])
    """
    # Less their means the features are orthogonal to the intercept, whose leverage is 1 / n for every sample.
    basis = np.linalg.qr(X - X.mean(axis=0))[0]
    return 1 / len(X) + (basis**2).sum(axis=1)


def studentized_residuals(X: np.ndarray, y: np.ndarray, external: bool = True) -> np.ndarray:
    """Return the residual of every sample over its own standard deviation.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As `leverage` takes it.
    y : array of shape (n_samples,)
        X does not fit it perfectly, not even without any one sample.
    external : bool
        Whether the variance comes from the fit without the sample, or from the fit to all.

    Returns
    -------
    array of shape (n_samples,)
        With the sign of the residual, y less the fit. NaN for a sample of leverage 1, that is above 1 - 1e-10: the fit
        runs through it whatever its y is.

    Raises
    ------
    ValueError
        If so few samples are left that the variance would divide by 0: n_samples is n_features + 1, or n_features + 2
        if external.

    Examples
    --------
    Here the line is flat and every leverage is 1/2. All residuals are alike until each is measured by the others.

    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    >>> studentized_residuals(X, y, external=False).round(9)
    array([ 1.34164079, -1.34164079,  0.4472136 , -0.4472136 ])
    >>> studentized_residuals(X, y).round(9)
    array([ 3.        , -3.        ,  0.33333333, -0.33333333])
    """
    n_samples, n_coef = len(X), X.shape[1] + 1
    if n_samples - n_coef - external < 1:
        raise ValueError(f"{n_samples} samples are too few to estimate a variance beside {n_coef} coefficients")
    residual, rest = _residual_and_rest(X, y)
    squares = residual @ residual
    if external:
        # A sample's part in the sum of squares is not its squared residual: without it, the others fit better.
        squares = squares - residual**2 / rest
    return residual / np.sqrt(squares / (n_samples - n_coef - external) * rest)


def cooks_distance(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Cook's distance of every sample.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As `leverage` takes it.
    y : array of shape (n_samples,)
        X does not fit it perfectly.

    Returns
    -------
    array of shape (n_samples,)
        0 or more. NaN for a sample of leverage 1, that is above 1 - 1e-10.

    Raises
    ------
    ValueError
        If n_samples is n_features + 1, so that s^2 would divide by 0.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([3.0, -3.0, 1.0, -1.0])
    >>> cooks_distance(X, y).round(9)
    array([0.9, 0.9, 0.1, 0.1])
    """
    n_samples, n_coef = len(X), X.shape[1] + 1
    if n_samples <= n_coef:
        raise ValueError(f"{n_samples} samples are too few to estimate a variance beside {n_coef} coefficients")
    residual, rest = _residual_and_rest(X, y)
    variance = residual @ residual / (n_samples - n_coef)
    return residual**2 * (1 - rest) / (n_coef * variance * rest**2)


def _residual_and_rest(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the residuals and 1 - leverage, NaN where that is 0 but for rounding."""
    basis = np.linalg.qr(X - X.mean(axis=0))[0]
    centred = y - y.mean()
    rest = 1 - 1 / len(X) - (basis**2).sum(axis=1)
    return centred - basis @ (basis.T @ centred), np.where(rest < 1e-10, np.nan, rest)


def leverage_via_pseudo_inverse(X: np.ndarray) -> np.ndarray:
    """Multiply each row of the design, ones included, with its column of the pseudo-inverse."""
    spread = X.std(axis=0)
    design = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / spread])
    return np.einsum("ij,ji->i", design, np.linalg.pinv(design))


def leverage_via_gram_schmidt(X: np.ndarray) -> np.ndarray:
    """Add up each sample's share of one direction after the other, the intercept's first."""
    basis, total = [], np.zeros(len(X))
    for column in [np.ones(len(X)), *X.T]:
        direction = column / np.abs(column).max()
        for earlier in basis * 2:  # the second time removes what rounding left
            direction = direction - (earlier @ direction) * earlier
        basis.append(direction / np.sqrt(direction @ direction))
        total += basis[-1] ** 2
    return total


def studentized_residuals_via_other_kind(X: np.ndarray, y: np.ndarray, external: bool = True) -> np.ndarray:
    """Turn internal ones into external ones: each is a function of the other and of nothing else."""
    dof = len(X) - X.shape[1] - 1
    if dof < (2 if external else 1):
        raise ValueError("too few samples")
    x_mean, y_mean = X.mean(axis=0), y.mean()
    coef = np.linalg.lstsq(X - x_mean, y - y_mean, rcond=None)[0]
    residual = y - y_mean - (X - x_mean) @ coef
    h = leverage(X)
    h[h > 1 - 1e-10] = np.nan
    internal = residual / np.sqrt((residual**2).sum() / dof) / np.sqrt(1 - h)
    return internal * np.sqrt((dof - 1) / (dof - internal**2)) if external else internal


def studentized_residuals_via_deleted_residuals(X: np.ndarray, y: np.ndarray, external: bool = True) -> np.ndarray:
    """Start from what the fit without a sample makes of it: that misses it by e / (1 - h)."""
    n_samples, n_coef = len(X), X.shape[1] + 1
    if n_samples < n_coef + 1 + external:
        raise ValueError("too few samples")
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    gram = np.linalg.inv(scaled.T @ scaled)
    h = 1 / n_samples + np.einsum("ij,jk,ik->i", scaled, gram, scaled)
    residual = y - y.mean() - scaled @ (gram @ (scaled.T @ (y - y.mean())))
    with np.errstate(divide="ignore", invalid="ignore"):
        deleted = np.where(1 - h < 1e-10, np.nan, residual / (1 - h))
        explained = residual * deleted if external else 0
        variance = ((residual**2).sum() - explained) / (n_samples - n_coef - (1 if external else 0))
        # Its own variance is sigma^2 / (1 - h).
        return deleted / np.sqrt(variance / (1 - h))


def cooks_distance_via_coefficients(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Move the coefficients as leaving each sample out does, and the fitted values with them."""
    n_samples, n_coef = len(X), X.shape[1] + 1
    if n_samples == n_coef:
        raise ValueError("too few samples")
    design = np.column_stack([np.ones(n_samples), (X - X.mean(axis=0)) / X.std(axis=0)])
    inverse = np.linalg.inv(design.T @ design)
    residual = y - design @ (inverse @ (design.T @ y))
    rest = 1 - (design @ inverse * design).sum(axis=1)
    moves = design @ inverse * (residual / np.where(rest < 1e-10, np.nan, rest))[:, None]
    distance = np.einsum("ij,jk,ik->i", moves, design.T @ design, moves)
    return distance / n_coef / (residual @ residual) * (n_samples - n_coef)


def cooks_distance_via_studentized_residuals(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Multiply the squared internal residual with the odds of the leverage."""
    internal, h = studentized_residuals(X, y, external=False), leverage(X)
    return np.array([t * t * a / (1 - a) / (X.shape[1] + 1) for t, a in zip(internal, h, strict=True)])
