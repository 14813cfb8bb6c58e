# wrong (core): range mask compares the code before the zero point is added
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- fake_quantization
"""Fake quantisation: train a network as if its numbers were integers, with a straight-through gradient.

The forward pass quantises and dequantises at once, so the network sees the rounding and the saturation:

    q    = round(x / scale) + zero_point
    code = clip(q, quant_min, quant_max)
    out  = scale * (code - zero_point)

The derivative of round is 0 almost everywhere, so nothing would be learned. The backward pass takes it for 1 instead
(straight-through). Everything else is differentiated as it stands: clip has derivative 1 if
quant_min <= q <= quant_max, else 0.

Sources: Bengio et al., Estimating or Propagating Gradients Through Stochastic Neurons (2013), section 4; Esser et al.,
Learned Step Size Quantization (2020), section 2.1, without their gradient scale.

Strict
------
- round takes halves to the even integer, as in NumPy.
- ValueError if scale is not positive.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradient for x, in its shape, and the one for scale, a sum over all elements."""

    grad_x: np.ndarray
    grad_scale: float


def fake_quantize(x: np.ndarray, scale: float, zero_point: int, quant_min: int = -128, quant_max: int = 127) -> Forward:
    """Return x rounded to what its codes stand for, as floats.

    Parameters
    ----------
    x : array of any shape
    scale : float
        Positive.
    zero_point : int
        From quant_min to quant_max.
    quant_min, quant_max : int
        The lowest and the highest code.

    Examples
    --------
    >>> fake_quantize(np.array([0.2, 0.9, 7.4, -4.0]), scale=0.5, zero_point=-2, quant_min=-4, quant_max=3).out
    array([ 0. ,  1. ,  2.5, -1. ])
    """
    x = np.asarray(x, dtype=float)
    if not scale > 0:
        raise ValueError("scale must be positive")
    q = np.round(x / scale) + zero_point
    code = np.clip(q, quant_min, quant_max)
    out = scale * (code - zero_point)
    level = np.round(x / scale)
    inside = (level >= quant_min) & (level <= quant_max)
    slope = np.asarray(code - zero_point - np.where(inside, x / scale, 0.0))
    return Forward(out, (inside, slope))


def fake_quantize_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the straight-through gradients of the loss with respect to x and scale.

    Parameters
    ----------
    grad_out : array in the shape of x
        The gradient with respect to out.
    cache : object
        From any earlier call of fake_quantize. A second backward with the same cache gives the same.

    Examples
    --------
    The second number is rounded to 128 and clipped, the first is not.

    >>> cache = fake_quantize(np.array([127.4, 127.5]), scale=1.0, zero_point=0).cache
    >>> grad_x, grad_scale = fake_quantize_backward(np.array([1.0, 1.0]), cache)
    >>> grad_x, round(grad_scale, 6)  # 126.6 is -0.4 + 127
    (array([1., 0.]), 126.6)
    """
    inside, slope = cache
    grad_out = np.asarray(grad_out, dtype=float)
    return Backward(np.where(inside, grad_out, 0.0), float(np.sum(grad_out * slope)))
