"""Standard errors of least squares, with and without the assumption that all errors have one variance.

Let a_i be sample i's row of features with a 1 in front, for the intercept; A the matrix of these rows, n by p; e the
residuals of the least-squares fit; h_i = a_i' (A'A)^-1 a_i the leverages. If all errors have one variance and are not
correlated, the covariance of the coefficients is estimated by

    s^2 (A'A)^-1,   s^2 = sum of e_i^2 / (n - p)

If the variances differ, from sample to sample and in any way, that is wrong however large n is. This is not:

    (A'A)^-1 (sum of w_i a_i a_i') (A'A)^-1

    HC0   w_i = e_i^2
    HC1   w_i = e_i^2 n / (n - p)
    HC2   w_i = e_i^2 / (1 - h_i)
    HC3   w_i = e_i^2 / (1 - h_i)^2

A standard error is the root of a number on the diagonal. Residuals are smaller than errors: HC1 makes up for that on the
average, HC2 sample by sample, HC3 with some to spare. 30,000 samples of few features take well under a second.

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
    residual, reach, _ = _fit(X, y)
    variance = residual @ residual / (len(X) - len(reach))
    return np.sqrt(variance * (reach**2).sum(axis=1))


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
    residual, reach, h = _fit(X, y)
    powers = {"HC0": 0, "HC1": 0, "HC2": 1, "HC3": 2}
    if kind not in powers:
        raise ValueError(f"kind is {kind!r}, and may be {', '.join(powers)}")
    if powers[kind] and h.max() > 1 - 1e-10:
        raise ValueError(f"sample {h.argmax()} has leverage 1: its error cannot be estimated")
    weights = residual**2 / (1 - h) ** powers[kind] if powers[kind] else residual**2
    if kind == "HC1":
        weights = weights * len(X) / (len(X) - len(reach))
    return np.sqrt(reach**2 @ weights)


def _fit(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the residuals, what each y adds to each coefficient (a row a coefficient), and the leverages."""
    if len(X) <= X.shape[1] + 1:
        raise ValueError(f"{len(X)} samples leave no degree of freedom beside {X.shape[1] + 1} coefficients")
    q, r = np.linalg.qr(np.column_stack([np.ones(len(X)), X]))
    return y - q @ (q.T @ y), np.linalg.solve(r, q.T), (q**2).sum(axis=1)


def standard_errors_via_inverse(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Invert A'A for features less their means, and shift the intercept back to their origin."""
    n_samples, n_features = X.shape
    if n_samples < n_features + 2:
        raise ValueError("too few samples")
    mean = X.mean(axis=0)
    inverse = np.linalg.inv((X - mean).T @ (X - mean))
    fitted = (X - mean) @ (inverse @ ((X - mean).T @ y))
    variance = ((y - y.mean() - fitted) ** 2).sum() / (n_samples - n_features - 1)
    return np.sqrt(variance * np.append(1 / n_samples + mean @ inverse @ mean, np.diag(inverse)))


def standard_errors_via_one_at_a_time(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Divide by the length of what the other columns leave of each column."""
    design = np.column_stack([np.ones(len(X)), X])
    dof = len(X) - design.shape[1]
    if dof < 1:
        raise ValueError("too few samples")
    residual = _rest(y, design)
    scale = float(residual @ residual / dof) ** 0.5
    columns = range(design.shape[1])
    return np.array([scale / np.linalg.norm(_rest(design[:, j], np.delete(design, j, axis=1))) for j in columns])


def _rest(target: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return what least squares on some columns leaves of another."""
    columns = columns / np.linalg.norm(columns, axis=0)
    for _ in range(2):  # the second time removes what rounding left
        target = target - columns @ np.linalg.lstsq(columns, target)[0]
    return target


def sandwich_standard_errors_via_meat(X: np.ndarray, y: np.ndarray, kind: str = "HC3") -> np.ndarray:
    """Add up the outer products, sample by sample, between two inverses; on features less their means."""
    n_samples, n_features = X.shape
    if kind not in ("HC0", "HC1", "HC2", "HC3") or n_samples < n_features + 2:
        raise ValueError("an unknown kind, or too few samples")
    mean = X.mean(axis=0)
    design = np.column_stack([np.ones(n_samples), X - mean])
    bread = np.linalg.inv(design.T @ design)
    residual = y - design @ (bread @ (design.T @ y))
    meat = np.zeros((n_features + 1, n_features + 1))
    for row, e in zip(design, residual, strict=True):
        rest = 1 - row @ bread @ row
        if kind in ("HC2", "HC3") and rest < 1e-10:
            raise ValueError("a sample has leverage 1")
        divisor = {"HC0": 1, "HC1": 1 - (n_features + 1) / n_samples, "HC2": rest, "HC3": rest * rest}[kind]
        meat += np.outer(row, row) * (e * e / divisor)
    back = np.eye(n_features + 1)
    back[0, 1:] = -mean
    return np.sqrt(np.diag(back @ bread @ meat @ bread @ back.T))


def sandwich_standard_errors_via_one_at_a_time(X: np.ndarray, y: np.ndarray, kind: str = "HC3") -> np.ndarray:
    """Treat each coefficient as the slope on what the other columns leave of its own."""
    n_samples, n_coef = len(X), X.shape[1] + 1
    if kind not in {f"HC{number}" for number in range(4)}:
        raise ValueError("an unknown kind")
    if n_samples <= n_coef:
        raise ValueError("too few samples")
    design = np.column_stack([np.ones(n_samples), X])
    squares = _rest(y, design) ** 2
    if kind == "HC1":
        squares *= n_samples / (n_samples - n_coef)
    elif kind != "HC0":
        centred = X - X.mean(axis=0)
        h = 1 / n_samples + (np.linalg.svd(centred / np.abs(centred).max(axis=0), full_matrices=False)[0] ** 2).sum(
            axis=1
        )
        if (h > 1 - 1e-10).any():
            raise ValueError("a sample has leverage 1")
        squares /= (1 - h) if kind == "HC2" else (1 - h) ** 2
    own = [_rest(design[:, j], np.delete(design, j, axis=1)) for j in range(n_coef)]
    return np.array([np.sqrt((column**2 * squares).sum()) / (column**2).sum() for column in own])
