# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- gradient_clipping
"""Gradient clipping, by value and by global norm.

Clipping by value bounds each entry of a gradient by itself, and so may change the gradient's direction. Clipping by the
global norm takes the gradients of all parameters for one long vector,

    norm = sqrt(sum of the squares of all entries of all arrays)

and where norm is above max_norm it multiplies all of them by one factor, max_norm / norm: the direction stays, and the
norm becomes max_norm. Nothing is added to the norm before the division (PyTorch adds 1e-6).

Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013), section 3.2 and
algorithm 1.
"""

from typing import NamedTuple

import numpy as np


class Clipped(NamedTuple):
    """What `clip_by_global_norm` returns: the gradients, each of its old shape, and their norm before clipping."""

    grads: list[np.ndarray]
    norm: float


def clip_by_value(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """Move every entry below -limit up to -limit, and every entry above limit down to limit.

    Parameters
    ----------
    grads : list of arrays, each of one axis or more
        The gradient of each parameter. The list may be empty.
    limit : float, positive and finite

    Returns
    -------
    list of arrays
        In the order and of the shapes of grads. An infinite entry becomes -limit or limit; NaN stays NaN.

    Examples
    --------
    >>> clip_by_value([np.array([3.0, -0.5]), np.array([[-4.0]])], limit=1.0)
    [array([ 1. , -0.5]), array([[-1.]])]
    """
    raise NotImplementedError


def clip_by_global_norm(grads: list[np.ndarray], max_norm: float) -> Clipped:
    """Scale all gradients by one factor, such that their common norm is at most max_norm.

    Parameters
    ----------
    grads : list of arrays, each of one axis or more
        The gradient of each parameter. The list may be empty: its norm is 0. Entries are 0 or of any size from 1e-250
        to 1e250. Their squares may overflow or vanish; norm and results must be right all the same, as far as floats
        reach.
    max_norm : float, positive
        The norm is at most 1e300 times as large. inf stands for no bound: the norm is measured and nothing is clipped.

    Returns
    -------
    Clipped
        grads, norm. Where norm is not above max_norm, all entries are what they were, bit for bit.

    Raises
    ------
    ValueError
        If an entry is NaN or infinite, whatever max_norm is: no factor mends that.

    Examples
    --------
    The norm of 3 and 4 is 5, so both are multiplied by 2 / 5.

    >>> clip_by_global_norm([np.array([3.0]), np.array([[4.0, 0.0]])], max_norm=2.0)
    Clipped(grads=[array([1.2]), array([[1.6, 0. ]])], norm=5.0)
    """
    raise NotImplementedError
