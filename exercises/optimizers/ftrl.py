# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- ftrl
"""FTRL-Proximal: follow the regularised leader, for sparse linear models.

After each gradient, the weights are chosen anew. They minimise the sum of all gradients so far, taken as linear losses,
plus penalties and a pull towards the weights used so far. For each coordinate by itself that is

    (sum of g_s) w + (sum of sigma_s (w - w_s)^2) / 2 + (beta / alpha) w^2 / 2 + l1 |w| + l2 w^2 / 2          (1)

where w_s are the weights at which gradient g_s was taken. Two numbers per coordinate carry all of that: z and n,
which start at zero, as the weights do. A step with gradient g, taken at the weights w, is

    sigma   = (sqrt(n + g^2) - sqrt(n)) / alpha
    z       <- z + g - sigma w
    n       <- n + g^2
    weights <- 0 where |z| <= l1, else -(z - sign(z) l1) / ((beta + sqrt(n)) / alpha + l2)

The last line uses the new z and n and serves every coordinate, those with a zero gradient too.

With l1 = l2 = 0, this is Adagrad with learning rate alpha and eps beta. Unlike small steps against the gradient of
l1 |w|, it gives weights that are exactly zero.

Source: McMahan et al., Ad click prediction: a view from the trenches (2013), section 3 and algorithm 1, where lambda_1
and lambda_2 are l1 and l2.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """What `ftrl_step` returns: the updated z, n and weights, all of z's shape."""

    z: np.ndarray
    n: np.ndarray
    weights: np.ndarray


def ftrl_step(
    z: np.ndarray,
    n: np.ndarray,
    weights: np.ndarray,
    grad: np.ndarray,
    alpha: float,
    beta: float,
    l1: float,
    l2: float,
) -> Step:
    """Take in one gradient, and choose the weights anew.

    Parameters
    ----------
    z, n : arrays of any shape, the same for both
        The state that the step before returned; n is not negative.
    weights : array of z's shape
        The weights at which grad was taken. They are mostly those that the step before returned, but need not be: use
        them as they are given.
    grad : array of z's shape
        The loss's gradient at weights, without the penalties.
    alpha, beta : float, both positive
        A coordinate's learning rate is alpha / (beta + sqrt(n)).
    l1, l2 : float
        The penalties of (1), neither negative.

    Returns
    -------
    Step
        z, n, weights. A weight with |z| <= l1 is exactly 0.

    Examples
    --------
    The root of n grows from 4 to 5, so sigma is 1 / 0.5 = 2 and z becomes 15 + 3 - 2 * (-1) = 20. The weight is
    -(20 - 2) / ((1 + 5) / 0.5 + 3).

    >>> z, n, weights, grad = np.array([15.0]), np.array([16.0]), np.array([-1.0]), np.array([3.0])
    >>> ftrl_step(z, n, weights, grad, alpha=0.5, beta=1.0, l1=2.0, l2=3.0)
    Step(z=array([20.]), n=array([25.]), weights=array([-1.2]))
    """
    raise NotImplementedError
