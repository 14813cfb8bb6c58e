# different style; both bars
from math import frexp, hypot, isfinite, ldexp
from typing import NamedTuple

import numpy as np


class Clipped(NamedTuple):
    """The clipped gradients, and their norm before clipping."""

    grads: list[np.ndarray]
    norm: float


def _mapped(function, array):
    array = np.asarray(array)
    values = [function(float(v)) for v in array.ravel().tolist()]
    return np.array(values, dtype=float).reshape(array.shape)


def clip_by_value(grads: list[np.ndarray], limit: float) -> list[np.ndarray]:
    limit = float(limit)
    return [_mapped(lambda v: limit if v > limit else -limit if v < -limit else v, grad) for grad in grads]


def clip_by_global_norm(grads: list[np.ndarray], max_norm: float) -> Clipped:
    entries = [float(v) for grad in grads for v in np.asarray(grad).ravel().tolist()]
    if not all(map(isfinite, entries)):
        raise ValueError("an entry is not finite")
    norm = hypot(*entries)  # scales by itself
    if norm <= max_norm:
        return Clipped([np.array(grad) for grad in grads], norm)
    # Mantissas and exponents apart: no entry overflows or vanishes on the way.
    (top, up), (bottom, down) = frexp(float(max_norm)), frexp(norm)

    def shrink(v):
        mantissa, exponent = frexp(v)
        return ldexp(mantissa * top / bottom, exponent + up - down)

    return Clipped([_mapped(shrink, grad) for grad in grads], norm)
