"""Standard errors of the coefficients, with and without equal error variances.

Least squares fits b = A y with A = (Z'Z)^-1 Z', where Z is X with a column of ones in front. If the errors are
uncorrelated and error i has variance v_i, then

    variance of b_j = sum_i A_ji^2 v_i

The standard error is its square root. With residuals e_i, n samples and p = n_features + 1 coefficients, v_i is
estimated by

    classical   s^2 = sum_k e_k^2 / (n - p)      the same for all i
    HC0         e_i^2
    HC1         e_i^2 * n / (n - p)
    HC2         e_i^2 / (1 - h_i)
    HC3         e_i^2 / (1 - h_i)^2

where h_i, the leverage, is the i-th diagonal element of Z (Z'Z)^-1 Z'. The last four are sandwich estimators.

Both functions run in O(n p^2) time, without an n by n matrix.

Sources: White (1980) for HC0; Long and Ervin, The American Statistician 54 (2000), for all four.

Strict
------
- ValueError for HC2 and HC3 if a 1 - h_i is below 1e-8. HC0 and HC1 have a value there.
- ValueError if kind is another word.
- Features and y may lie a million standard deviations from zero.
"""

import numpy as np


def standard_errors(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the classical standard errors: the intercept first, then the features in order.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Without an intercept column. Features are linearly independent, and none is constant.
    y : array of shape (n_samples,)

    Raises
    ------
    ValueError
        If n <= p: s^2 has no degree of freedom.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (standard_errors(X, y) ** 2).round(9)
    array([2.1, 0.6])
    """
    influence, residual, _ = _fit(X, y)
    n_samples, n_coefficients = influence.shape
    return np.sqrt(residual @ residual / (n_samples - n_coefficients) * (influence**2).sum(axis=0))


def sandwich_standard_errors(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Return the standard errors for unequal error variances, in the same order.

    Parameters
    ----------
    X, y : arrays, as in standard_errors
    kind : "HC0", "HC1", "HC2" or "HC3"

    Raises
    ------
    ValueError
        If n <= p, for any kind.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 1.0, -2.0, 1.0])
    >>> (sandwich_standard_errors(X, y, kind="HC1") ** 2).round(9)
    array([0.48, 0.28])
    >>> (sandwich_standard_errors(X, y, kind="HC3") ** 2).round(4)
    array([0.8526, 1.102 ])
    """
    influence, residual, unfitted = _fit(X, y)
    n_samples, n_coefficients = influence.shape
    if kind not in {"HC0", "HC1", "HC2", "HC3"}:
        raise ValueError(f"kind is {kind!r}, and must be one of HC0 to HC3")
    if kind in {"HC2", "HC3"} and unfitted.min() < 1e-8:
        raise ValueError(f"a sample has leverage 1, which leaves {kind} undefined")
    variance = residual**2
    if kind == "HC1":
        variance = variance * n_samples / (n_samples - n_coefficients)
    if kind == "HC2":
        variance = variance / unfitted
    if kind == "HC3":
        variance = variance / unfitted**2
    return np.sqrt(variance @ influence**2)


def _fit(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each sample's weight in every coefficient, its residual, and 1 less its leverage."""
    n_samples, n_features = X.shape
    if n_samples < n_features + 2:
        raise ValueError(f"{n_samples} samples are too few for {n_features} features")
    mean, deviation = X.mean(axis=0), y - y.mean()
    basis, triangle = np.linalg.qr(X - mean)
    slopes = np.linalg.solve(triangle, basis.T)
    influence = np.column_stack([1 / n_samples - mean @ slopes, slopes.T])
    return influence, deviation - basis @ (basis.T @ deviation), 1 - 1 / n_samples - (basis**2).sum(axis=1)


def standard_errors_via_inverse(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Read the slopes' variances off the inverse of the centred X'X; the intercept is a mean less what they add to."""
    centred, n_free = _scaled(X), len(X) - X.shape[1] - 1
    if n_free < 1:
        raise ValueError("too few samples")
    inverse, deviation = np.linalg.inv(centred.T @ centred), y - y.mean()
    residual = deviation - centred @ (inverse @ (centred.T @ deviation))
    at_zero = X.mean(axis=0) / X.std(axis=0)
    unscaled = np.append(1 / len(X) + at_zero @ inverse @ at_zero, np.diag(inverse) / X.std(axis=0) ** 2)
    return np.sqrt((residual**2).sum() / n_free * unscaled)


def standard_errors_via_each_alone(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Strip each column of what the others predict of it: the rest is all that its coefficient is measured by."""
    rests, residual = _stripped(X, y)
    s2 = residual @ residual / (len(X) - len(rests))
    return np.array([(s2 / (rest @ rest)) ** 0.5 for rest in rests])


def sandwich_standard_errors_via_each_alone(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Strip each column of what the others predict of it, and weigh the squares of the rest."""
    rests, residual = _stripped(X, y)
    n_free = len(X) - len(rests)
    unfitted = 1 - 1 / len(X) - (np.linalg.qr(X - X.mean(axis=0))[0] ** 2).sum(axis=1)
    if kind in ("HC2", "HC3") and (unfitted < 1e-8).any():
        raise ValueError("leverage 1")
    if kind not in ("HC0", "HC1", "HC2", "HC3"):
        raise ValueError("no such kind")
    factor = len(X) / n_free if kind == "HC1" else 1.0
    power = {"HC2": 0.5, "HC3": 1.0}.get(kind, 0.0)
    scaled = residual / unfitted**power
    return np.array([factor**0.5 * np.linalg.norm(rest * scaled) / (rest @ rest) for rest in rests])


def sandwich_standard_errors_via_matrices(X: np.ndarray, y: np.ndarray, kind: str) -> np.ndarray:
    """Lay the sandwich as it is written, bread, filling and bread, about the mean, and move it to the origin."""
    n_samples, n_coefficients = len(X), X.shape[1] + 1
    if n_samples <= n_coefficients:
        raise ValueError("too few samples")
    design = np.column_stack([np.ones(n_samples), _scaled(X)])
    bread = np.linalg.inv(design.T @ design)
    residual = y - y.mean() - design @ (bread @ (design.T @ (y - y.mean())))
    unfitted = 1 - np.einsum("ij,jk,ik->i", design, bread, design)
    if kind[2:] in "23" and min(unfitted) < 1e-8:
        raise ValueError("leverage 1")
    filling = np.zeros((n_coefficients, n_coefficients))
    for row, e, m in zip(design, residual, unfitted, strict=True):
        match kind:
            case "HC0" | "HC1":
                v = e**2
            case "HC2":
                v = e**2 / m
            case "HC3":
                v = (e / m) ** 2
            case _:
                raise ValueError("no such kind")
        filling += v * np.outer(row, row)
    if kind == "HC1":
        filling *= n_samples / (n_samples - n_coefficients)
    move = np.diag(np.append(1, 1 / X.std(axis=0)))
    move[0, 1:] = -X.mean(axis=0) / X.std(axis=0)
    return np.sqrt(np.diag(move @ bread @ filling @ bread @ move.T))


def _scaled(X: np.ndarray) -> np.ndarray:
    """Return the features at a mean of 0 and a spread of 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def _stripped(X: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Return, of the ones and of each feature, what all other columns leave of it, and what they all leave of y."""
    if len(X) < X.shape[1] + 2:
        raise ValueError("too few samples")
    design = np.column_stack([np.ones(len(X)), X])
    rests = []
    for j in range(design.shape[1]):
        basis = np.linalg.qr(np.delete(design, j, axis=1))[0]
        rests.append(design[:, j] - basis @ (basis.T @ design[:, j]))
    basis = np.linalg.qr(design)[0]
    return rests, y - basis @ (basis.T @ y)
