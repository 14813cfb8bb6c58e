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

import math
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
    return [np.clip(grad, -limit, limit) for grad in grads]


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
    if not all(np.isfinite(grad).all() for grad in grads):
        raise ValueError("the gradients have an entry that is NaN or infinite")
    norm = _norm(grads)
    return Clipped([grad / max(1.0, norm / max_norm) for grad in grads], norm)


def _norm(grads: list[np.ndarray]) -> float:
    """Return the root of the sum of squares, in units of the largest entry, so that no square overflows."""
    largest = np.max([np.abs(grad.astype(float)).max(initial=0.0) for grad in grads], initial=0.0)
    if largest == 0:
        return 0.0
    return float(largest * math.sqrt(sum(np.square(grad / largest).sum() for grad in grads)))


def clip_by_value_via_bounds(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """Take the lesser of an entry and the upper bound, then the greater of that and the lower bound."""
    return [np.maximum(np.minimum(grad, limit), -limit) for grad in grads]


def clip_by_value_via_excess(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    """Replace the entries whose size is beyond the limit by the limit under their sign."""
    clipped = []
    for grad in grads:
        copy = np.array(grad, dtype=float)
        beyond = np.abs(copy) > limit
        copy[beyond] = limit * np.sign(copy[beyond])
        clipped.append(copy)
    return clipped


def clip_by_global_norm_via_loop(grads: list[np.ndarray], max_norm: float) -> Clipped:
    """Lengthen the norm entry by entry, as the hypotenuse over what it was and the entry."""
    norm = 0.0
    for grad in grads:
        for entry in grad.ravel().tolist():
            norm = math.hypot(norm, entry)
    if not norm < math.inf:
        raise ValueError(f"the norm is {norm}")
    excess = max(norm / max_norm, 1.0)
    return Clipped([grad / excess for grad in grads], norm)


def clip_by_global_norm_via_hypotenuse(grads: list[np.ndarray], max_norm: float) -> Clipped:
    """Take all entries as the sides of one hypotenuse, which the standard library measures without squaring."""
    norm = math.hypot(*np.concatenate([[], *map(np.ravel, grads)]))
    if not math.isfinite(norm):
        raise ValueError("a gradient is not finite")
    factor = max_norm / norm if norm > max_norm else 1.0
    return Clipped([grad * factor for grad in grads], norm)
