# wrong (core): abs of the maximum instead of maximum of the abs: norm 0 for gradients that are negative or 0
"""Gradient clipping, by value and by global norm.

Clipping by value limits each entry by itself, so it may change the direction of the gradient. Clipping by global norm
treats the gradients of all parameters as one long vector, and keeps its direction:

    norm = sqrt(sum of the squares of all entries of all arrays)
    grad <- grad * min(1, max_norm / norm)                                              for each array

Nothing is added to norm in the division (PyTorch adds 1e-6). Both functions are pure: they return new arrays.

Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013), section 3.2 and
algorithm 1.

Strict
------
- An empty list has norm 0, and so has an empty array.
- max_norm may be inf: the norm is measured and nothing is clipped.
- The global norm is right for entries from 1e-200 to 1e200, though their squares overflow or vanish.
- clip_by_value raises nothing: an infinite entry becomes -limit or limit, and NaN stays NaN.
"""

from typing import NamedTuple

import numpy as np


class Clipped(NamedTuple):
    """The clipped gradients, and their norm before clipping."""

    grads: list[np.ndarray]
    norm: float


def clip_by_value(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """Limit each entry to the range from -limit to limit.

    Parameters
    ----------
    grads : list of arrays
        The gradient of each parameter.
    limit : float
        Positive.

    Examples
    --------
    >>> clip_by_value([np.array([3.0, -0.5]), np.array([[-4.0]])], limit=1.0)
    [array([ 1. , -0.5]), array([[-1.]])]
    """
    return [np.clip(np.asarray(g, dtype=float), -limit, limit) for g in grads]


def clip_by_global_norm(grads: list[np.ndarray], max_norm: float) -> Clipped:
    """Scale all gradients by the same factor, so that their global norm is at most max_norm.

    Parameters
    ----------
    grads : list of arrays
        All of them may be 0.
    max_norm : float
        Positive.

    Returns
    -------
    Clipped
        If norm <= max_norm, the entries keep their exact values.

    Raises
    ------
    ValueError
        If an entry is NaN or infinite.

    Examples
    --------
    >>> clip_by_global_norm([np.array([3.0]), np.array([[4.0, 0.0]])], max_norm=2.0)
    Clipped(grads=[array([1.2]), array([[1.6, 0. ]])], norm=5.0)
    """
    grads = [np.asarray(g, dtype=float) for g in grads]
    if not all(np.isfinite(g).all() for g in grads):
        raise ValueError("a gradient is NaN or infinite")
    scale = abs(max((float(g.max()) for g in grads if g.size), default=0.0))
    if scale == 0.0:
        return Clipped([g.copy() for g in grads], 0.0)
    norm = scale * float(np.sqrt(sum(np.sum((g / scale) ** 2) for g in grads)))
    if norm <= max_norm:
        return Clipped([g.copy() for g in grads], norm)
    return Clipped([g / scale * (max_norm / (norm / scale)) for g in grads], norm)
