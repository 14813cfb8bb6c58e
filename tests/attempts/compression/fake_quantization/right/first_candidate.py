# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_scale: float


def fake_quantize(x: np.ndarray, scale: float, zero_point: int, quant_min: int = -128, quant_max: int = 127) -> Forward:
    q = np.round(x / scale) + zero_point
    code = np.clip(q, quant_min, quant_max)
    out = scale * (code - zero_point)
    inside = (q >= quant_min) & (q <= quant_max)
    return Forward(out, (x, scale, zero_point, code, inside))


def fake_quantize_backward(grad_out: np.ndarray, cache: object) -> Backward:
    x, scale, zero_point, code, inside = cache
    grad_x = grad_out * inside
    # out = scale * (code - z); inside, d code / d scale = -x / scale**2
    d_scale = (code - zero_point) - np.where(inside, x / scale, 0.0)
    return Backward(grad_x, float(np.sum(grad_out * d_scale)))
