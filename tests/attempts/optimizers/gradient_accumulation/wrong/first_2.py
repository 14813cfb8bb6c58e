# wrong (core): np.linalg.norm(gradient, 2) is the spectral norm for a matrix
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- gradient_accumulation
"""Gradient accumulation: one step from several micro-batches, with a loss scale and clipping.

A batch that does not fit into memory is split into micro-batches. The step is to be that of the whole batch.
Micro-batch i has sizes[i] samples or tokens, and grads[i] is the gradient of scale * (its mean loss). The scale keeps
small gradients from becoming 0 in float16. It is taken out before clipping:

    gradient = sum_i sizes[i] * grads[i] / (scale * sum_i sizes[i])              of the mean loss of all samples
    gradient <- gradient * min(1, max_norm / norm)                               norm: of gradient, sqrt(sum of squares)
    param <- param - lr * gradient

An entry of grads that is infinite or NaN is an overflow: the scale was too large. Then the whole step is skipped.

Source: Micikevicius et al., Mixed Precision Training (2018), section 3.2; next_scale is the rule of PyTorch's
GradScaler.

Strict
------
- grads may be of type float16; what is computed from them neither overflows nor vanishes.
"""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """The updated param, and whether the step was skipped."""

    param: np.ndarray
    skipped: bool


class LossScale(NamedTuple):
    """The scale of the next step, and the steps without overflow since the scale last changed."""

    scale: float
    streak: int


def accumulated_gradient(grads: list[np.ndarray], sizes: list[int], scale: float = 1.0) -> np.ndarray:
    """Return the gradient of the mean loss of all samples, without the scale.

    Parameters
    ----------
    grads : list of arrays of the same shape
        At least one; finite.
    sizes : list of int
        Positive.
    scale : float
        Positive.

    Examples
    --------
    >>> accumulated_gradient([np.array([8.0]), np.array([4.0])], [3, 1], scale=2.0)
    array([3.5])
    """
    total = np.zeros(np.shape(grads[0]))
    for size, grad in zip(sizes, grads):
        total = total + float(size) * np.asarray(grad, dtype=np.float64)
    return total / (float(scale) * float(sum(int(size) for size in sizes)))


def accumulated_step(
    param: np.ndarray, grads: list[np.ndarray], sizes: list[int], scale: float, lr: float, max_norm: float
) -> Step:
    """Take one step of gradient descent, or return the old param after an overflow; change no argument.

    Parameters
    ----------
    param : array of the shape of each of grads
    grads, sizes, scale
        As in accumulated_gradient, but an entry of grads may be infinite or NaN.
    lr : float
    max_norm : float
        Positive. The gradient may be 0.

    Examples
    --------
    >>> accumulated_step(np.array([10.0]), [np.array([8.0]), np.array([4.0])], [3, 1], scale=2.0, lr=0.1, max_norm=2.5)
    Step(param=array([9.75]), skipped=False)
    """
    overflow = False
    for grad in grads:
        if not np.isfinite(grad).all():
            overflow = True
    if overflow:
        return Step(np.array(param), True)
    gradient = accumulated_gradient(grads, sizes, scale)
    norm = np.linalg.norm(gradient, 2) if gradient.ndim in (1, 2) else np.linalg.norm(gradient)
    if norm > max_norm:
        gradient = gradient * (max_norm / norm)
    return Step(np.asarray(param, dtype=np.float64) - lr * gradient, False)


def next_scale(scale: float, streak: int, skipped: bool, growth_interval: int = 2000) -> LossScale:
    """Halve the scale after a skipped step; double it after growth_interval steps in a row without a skip.

    Parameters
    ----------
    scale : float
    streak : int
        As in LossScale, before this step. Each change of the scale sets it to 0.
    skipped : bool
        Whether this step was skipped.
    growth_interval : int
        At least 1.

    Examples
    --------
    >>> next_scale(1024.0, 0, skipped=False, growth_interval=2), next_scale(1024.0, 1, skipped=False, growth_interval=2)
    (LossScale(scale=1024.0, streak=1), LossScale(scale=2048.0, streak=0))
    """
    if skipped:
        return LossScale(scale / 2, 0)
    if streak + 1 >= growth_interval:
        return LossScale(scale * 2, 0)
    return LossScale(scale, streak + 1)
