# wrong (core): max over the nonzero entries only: raises if all entries of both are 0
"""Check a gradient with finite differences.

The central difference moves one entry of x at a time, by h to either side. With e_i, which is 1 at entry i and 0
elsewhere:

    numerical_i = (f(x + h e_i) - f(x - h e_i)) / (2 h)

Its error is of order h^2. The analytic gradient is compared with it by the relative error, entry by entry:

    error_i = |analytic_i - numerical_i| / (|analytic_i| + |numerical_i|)

It is 0 if both are 0. It does not depend on the size of the gradient: there is no eps, and small entries count as much
as large ones.

Source: Stanford CS231n, notes on Neural Networks part 3, section Gradient Checks.

Strict
------
- f is called exactly twice for each entry.
- x may hold integers.
- Entries of size 1e-150 count as much as others.
- ValueError in gradient_error if the shapes differ.
- The error is NaN if an entry of either gradient is NaN.
"""

from collections.abc import Callable

import numpy as np


def numerical_gradient(f: Callable, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Return the gradient of f at x by central differences, in the shape of x.

    Parameters
    ----------
    f : function of an array
        Takes an array of the shape of x and returns a float.
    x : array of any shape, of at least one axis
    h : float
        Above 0.

    Examples
    --------
    The derivative for the first entry is 3 x_0^2 + x_1 = 15, and the central difference adds h^2.

    >>> numerical_gradient(lambda x: x[0] ** 3 + x[0] * x[1], np.array([2.0, 3.0]), h=0.5)
    array([15.25,  2.  ])
    """
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        plus, minus = x.copy(), x.copy()
        plus[i] += h
        minus[i] -= h
        grad[i] = (f(plus) - f(minus)) / (2 * h)
    return grad


def gradient_error(analytic: np.ndarray, numerical: np.ndarray) -> float:
    """Return the largest relative error of all entries.

    Parameters
    ----------
    analytic, numerical : arrays of one shape
        Of at least one entry.

    Examples
    --------
    >>> gradient_error(np.array([500.0, 0.0, -0.25]), np.array([500.0, 0.0, -0.75]))
    0.5
    """
    a = np.asarray(analytic, dtype=float)
    n = np.asarray(numerical, dtype=float)
    if a.shape != n.shape:
        raise ValueError("shapes differ")
    diff = np.abs(a - n)
    total = np.abs(a) + np.abs(n)
    used = total != 0
    return float((diff[used] / total[used]).max())
