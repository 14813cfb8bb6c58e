# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- critical_points
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
