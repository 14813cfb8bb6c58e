"""White's test of constant error variance.

The variance of the errors may depend on the features in any smooth way. So the test fits the squared residuals to a
polynomial of degree 2 in the features:

    1. Fit y to X with an intercept, and take the squared residuals e_i**2.
    2. Fit e_i**2, with an intercept, to all x_j and all products x_j * x_k with j <= k.
       R2 of that fit is 1 - sum of squared residuals / sum of squared deviations of e_i**2 from their mean.
    3. statistic = n * R2, with n samples.

If the variance is constant and n is large, the statistic has about a chi-squared distribution with dof degrees of
freedom.

Source: White, A Heteroskedasticity-Consistent Covariance Matrix Estimator and a Direct Test for Heteroskedasticity
(1980).

Strict
------
- If all |e_i| are equal to within 1e-9 of the largest |y_i|, the statistic is 0, not 0 / 0.
- The unit of a feature does not matter, nor its origin: it may lie a million standard deviations from 0.
"""

from typing import NamedTuple

import numpy as np


class White(NamedTuple):
    """The statistic, and its degrees of freedom."""

    statistic: float
    dof: int


def white_test(X: np.ndarray, y: np.ndarray) -> White:
    """Test whether the error variance depends on the features, their squares or their cross products.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column: the intercept is yours to add. No column is constant or collinear with others.
    y : array of shape (n_samples,)

    Returns
    -------
    White
        dof is the number of terms of the second fit without the intercept. A term that is a linear combination of the
        others and the intercept does not count: the square of a 0/1 feature is that feature.

    Raises
    ------
    ValueError
        If there are fewer than dof + 2 samples.

    Examples
    --------
    The first fit is 0 everywhere, so the squares are 0, 1, 4 and 1. A parabola explains 5.8 of their 9.

    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> statistic, dof = white_test(X, np.array([0.0, 1.0, -2.0, 1.0]))
    >>> round(statistic, 6), dof
    (2.577778, 2)
    """
    n_samples, n_features = X.shape
    # Polynomials of degree 2 stay what they are if a feature has another origin or unit.
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    j, k = np.triu_indices(n_features)
    terms = np.column_stack([scaled, scaled[:, j] * scaled[:, k]])
    directions, lengths, _ = np.linalg.svd(terms - terms.mean(axis=0), full_matrices=False)
    basis = directions[:, lengths > 1e-8 * lengths[0]]
    dof = basis.shape[1]
    if n_samples < dof + 2:
        raise ValueError(f"{n_samples} samples are too few for {dof} degrees of freedom")
    residual = y - y.mean()
    residual = residual - scaled @ np.linalg.lstsq(scaled, residual)[0]
    if np.ptp(abs(residual)) <= 1e-8 * abs(y).max():
        return White(0.0, dof)
    squares = residual**2 - (residual**2).mean()
    explained = basis.T @ squares
    return White(float(n_samples * (explained @ explained) / (squares @ squares)), dof)


def white_test_via_intercepts(X: np.ndarray, y: np.ndarray) -> White:
    """Fit twice on a column of ones, which is a feature among the others: its products are the features."""
    design = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / X.std(axis=0)])
    terms = np.column_stack([design[:, j] * design[:, k] for k in range(len(design.T)) for j in range(k + 1)])
    residual = y - design @ np.linalg.lstsq(design, y)[0]
    coef, _, rank, _ = np.linalg.lstsq(terms, residual**2, rcond=1e-8)
    if rank >= len(X):
        raise ValueError("too few samples")
    if np.ptp(abs(residual)) <= 1e-8 * abs(y).max():
        return White(0.0, rank - 1)
    rest = residual**2 - terms @ coef
    return White(float(len(X) * (1 - (rest @ rest) / (len(X) * (residual**2).var()))), rank - 1)


def white_test_via_gram_schmidt(X: np.ndarray, y: np.ndarray) -> White:
    """Strip the terms of one another, leave out those of which nothing remains, and add up squared correlations."""
    columns = [(column - column.mean()) / column.std() for column in X.T]
    basis = [np.full(len(X), len(X) ** -0.5)]
    residual = y
    for column in [*columns, *(a * b for i, a in enumerate(columns) for b in columns[i:])]:
        rest = column
        for direction in basis * 2:  # the second time removes what rounding left
            rest = rest - (direction @ rest) * direction
        if rest @ rest > 1e-14:
            basis.append(rest / (rest @ rest) ** 0.5)
        if len(basis) == X.shape[1] + 1:
            residual = y - sum((direction @ y) * direction for direction in basis)
    if len(X) <= len(basis):
        raise ValueError("too few samples")
    if max(abs(residual)) - min(abs(residual)) <= 1e-8 * max(abs(y)):
        return White(0.0, len(basis) - 1)
    squares = (residual**2 - (residual**2).mean()) / (residual**2).std()
    return White(float(sum((direction @ squares) ** 2 for direction in basis[1:])), len(basis) - 1)
