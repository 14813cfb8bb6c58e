"""Critical points: what the Hessian says about them, the Newton step, and a way down from a saddle.

Near a point with the gradient g and the Hessian H, a function changes by about g.d + d'Hd / 2 for a step d. At a
critical point g is 0, and the eigenvalues of H decide. An eigenvalue counts as 0 if its size is at most
tol * (largest size of an eigenvalue):

    minimum       all eigenvalues are positive
    maximum       all are negative
    saddle        some are positive and some are negative, whatever the others are
    degenerate    anything else: the second derivatives do not decide

All three functions raise ValueError if the Hessian is not symmetric.

Source: Nocedal and Wright, Numerical Optimization (2006), sections 2.1, 3.3 and 3.4; Dauphin et al., Identifying and
attacking the saddle point problem in high-dimensional non-convex optimization (2014).

Strict
------
- Symmetric means up to rounding: mirrored entries differ by at most 1e-8 times the largest entry, in any unit.
- ValueError if the Hessian is not square.
"""

import numpy as np


def classify_critical_point(hessian: np.ndarray, tol: float = 1e-8) -> str:
    """Return "minimum", "maximum", "saddle" or "degenerate".

    Parameters
    ----------
    hessian : array of shape (n, n)
    tol : float
        At least 0 and below 1.

    Examples
    --------
    >>> classify_critical_point(np.array([[1.0, 2.0], [2.0, 1.0]]))
    'saddle'
    >>> classify_critical_point(np.diag([2.0, 0.0])), classify_critical_point(np.diag([2.0, 0.0, -3.0]))
    ('degenerate', 'saddle')
    """
    hessian = _checked(hessian)
    eigenvalues = np.linalg.eigvalsh(hessian)
    cut = tol * np.abs(eigenvalues).max()
    rises, falls = eigenvalues > cut, eigenvalues < -cut
    if rises.any() and falls.any():
        return "saddle"
    if rises.all():
        return "minimum"
    return "maximum" if falls.all() else "degenerate"


def newton_step(grad: np.ndarray, hessian: np.ndarray, damping: float = 0.0) -> np.ndarray:
    """Return the step d that solves (hessian + damping * I) d = -grad.

    ValueError if that matrix is singular, unless rounding hides that. Where it is indefinite, the step may go up: it is
    returned all the same.

    Parameters
    ----------
    grad : array of shape (n,)
    hessian : array of shape (n, n)
    damping : float
        At least 0.

    Examples
    --------
    >>> newton_step(np.array([2.0, -8.0]), np.diag([2.0, -4.0]))
    array([-1., -2.])
    >>> newton_step(np.array([2.0, -8.0]), np.diag([2.0, -4.0]), damping=8.0)
    array([-0.2,  2. ])
    """
    hessian = _checked(hessian)
    # LinAlgError, which a singular matrix raises, is a ValueError.
    return -np.linalg.solve(hessian + damping * np.eye(len(grad)), grad)


def negative_curvature_direction(grad: np.ndarray, hessian: np.ndarray, tol: float = 1e-8) -> np.ndarray | None:
    """Return a unit eigenvector of the most negative eigenvalue, or None if no eigenvalue is negative.

    Of the two signs, the one that does not go up: grad . d <= 0. What counts as 0 is not negative.

    Parameters
    ----------
    grad : array of shape (n,)
        May be 0: then either sign is right.
    hessian : array of shape (n, n)
    tol : float
        At least 0 and below 1.

    Examples
    --------
    >>> negative_curvature_direction(np.array([5.0, 1.0]), np.array([[1.0, 2.0], [2.0, 1.0]])).round(4)
    array([-0.7071,  0.7071])
    """
    hessian = _checked(hessian)
    eigenvalues, vectors = np.linalg.eigh(hessian)
    if eigenvalues[0] >= -tol * np.abs(eigenvalues).max():
        return None
    direction = vectors[:, 0]
    return -direction if grad @ direction > 0 else direction


def _checked(hessian: np.ndarray) -> np.ndarray:
    """Return the Hessian in floating point, if it is one."""
    n = len(hessian)
    if hessian.shape != (n, n):
        raise ValueError(f"a Hessian is square, not of shape {hessian.shape}")
    hessian = hessian.astype(float)  # differences and sizes of small integers would overflow
    # The difference has each of its entries with both signs: no need for sizes.
    if (hessian - hessian.T).max() > 1e-8 * np.abs(hessian).max():
        raise ValueError("the Hessian is not symmetric")
    return hessian


def classify_critical_point_via_parts(hessian: np.ndarray, tol: float = 1e-8) -> str:
    """Split the Hessian into a part that only rises and a part that only falls, by its absolute value."""
    hessian = _checked(hessian)
    _, sizes, axes = np.linalg.svd(hessian)
    absolute = axes.T * sizes @ axes
    cut = tol * sizes[0]
    rises, falls = (np.linalg.norm(absolute + part, 2) / 2 > cut for part in (hessian, -hessian))
    if rises and falls:
        return "saddle"
    if sizes[-1] <= cut:
        return "degenerate"
    return "minimum" if rises else "maximum"


def classify_critical_point_via_counting(hessian: np.ndarray, tol: float = 1e-8) -> str:
    """Count the signs, with a method for any square matrix and sizes from the singular values."""
    hessian = _checked(hessian)
    cut = tol * np.linalg.norm(hessian, 2)
    curvatures = np.linalg.eigvals(hessian).real.tolist()
    up, down = sum(value > cut for value in curvatures), sum(value < -cut for value in curvatures)
    if up and down:
        return "saddle"
    if len(curvatures) in (up, down):
        return "minimum" if up else "maximum"
    return "degenerate"


def newton_step_via_eigenvectors(grad: np.ndarray, hessian: np.ndarray, damping: float = 0.0) -> np.ndarray:
    """Divide the gradient by the curvature along each eigenvector."""
    hessian = _checked(hessian)
    matrix = hessian + np.diag([damping] * len(grad))
    if np.linalg.matrix_rank(matrix) < len(grad):
        raise ValueError("the matrix is singular")
    curvatures, vectors = np.linalg.eigh(matrix)
    return -vectors @ (grad @ vectors / curvatures)


def newton_step_via_elimination(grad: np.ndarray, hessian: np.ndarray, damping: float = 0.0) -> np.ndarray:
    """Eliminate one unknown after the other, each by its largest coefficient, in plain Python."""
    hessian = _checked(hessian)
    places = range(len(grad))
    rows = [[*map(float, row), -float(slope)] for row, slope in zip(hessian, grad, strict=True)]
    for k in places:
        rows[k][k] += damping
    for k in places:
        best = max(places[k:], key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        if not rows[k][k]:
            raise ValueError("the matrix is singular")
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in {*places} - {k}:
            rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return np.array([row[-1] for row in rows])


def negative_curvature_direction_via_general_eigenvectors(
    grad: np.ndarray, hessian: np.ndarray, tol: float = 1e-8
) -> np.ndarray | None:
    """Take the eigenvectors from a method for any square matrix, which has them in no order."""
    hessian = _checked(hessian)
    curvatures, vectors = np.linalg.eig(hessian)
    least = np.argmin(curvatures.real)
    if curvatures[least].real >= -tol * np.linalg.norm(hessian, 2):
        return None
    direction = vectors[:, least].real
    return min(direction, -direction, key=grad.dot)


def negative_curvature_direction_via_singular_vectors(
    grad: np.ndarray, hessian: np.ndarray, tol: float = 1e-8
) -> np.ndarray | None:
    """Shift the Hessian until it is negative semidefinite: its first singular vector is the direction."""
    hessian = _checked(hessian)
    norm = np.linalg.norm(hessian, 2)
    direction, *_ = np.linalg.svd(hessian - norm * np.eye(len(hessian))).Vh
    if direction @ hessian @ direction >= -tol * norm:
        return None
    return np.copysign(1.0, -np.dot(direction, grad)) * direction
