# different style; both bars
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_scale: float


def fake_quantize(x: np.ndarray, scale: float, zero_point: int, quant_min: int = -128, quant_max: int = 127) -> Forward:
    if not scale > 0:
        raise ValueError("scale must be positive")
    scale = float(scale)
    # The zero point is moved into the bounds: the level k = code - zero_point runs from low to high.
    low, high = int(quant_min) - int(zero_point), int(quant_max) - int(zero_point)
    ratio = np.array(x, dtype=np.float64) / scale
    level = np.asarray(np.rint(ratio))
    shape = level.shape
    ratio, level = np.ravel(ratio), level.reshape(-1)

    # Local derivatives by the three pieces of the function; backward is then only the chain rule.
    d_x = np.ones_like(level)
    d_scale = level - ratio
    for piece, bound in ((level < low, low), (level > high, high)):
        level[piece] = bound
        d_x[piece] = 0.0
        d_scale[piece] = bound
    out = (scale * level + 0.0).reshape(shape)
    return Forward(out, (d_x.reshape(shape), d_scale))


def fake_quantize_backward(grad_out: np.ndarray, cache: object) -> Backward:
    d_x, d_scale = cache
    grad_out = np.asarray(grad_out, dtype=np.float64)
    return Backward(np.asarray(grad_out * d_x), float(grad_out.reshape(-1) @ d_scale))
