# wrong (core): returns the relative error of the entry with the largest absolute difference, not the largest relative error
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
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
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
    b = np.asarray(numerical, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    diff = np.abs(a - b)
    total = np.abs(a) + np.abs(b)
    error = diff / np.where(total == 0, 1, total)
    return float(error.flat[np.argmax(diff)])
