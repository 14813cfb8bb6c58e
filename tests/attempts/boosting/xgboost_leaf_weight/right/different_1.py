# different style; both bars
import math
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np


class GradHess(NamedTuple):
    grad: np.ndarray
    hess: np.ndarray


_DIGITS = Context(prec=90, Emin=-999999, Emax=999999)


@lru_cache(maxsize=4096)
def _slow_gradient(y, m):
    """p - y with 90 digits, for a label that nearly equals p."""
    e = _DIGITS.exp(Decimal(-m))
    p = _DIGITS.divide(Decimal(1), _DIGITS.add(Decimal(1), e))
    return float(_DIGITS.subtract(p, Decimal(y)))


def _derivatives(y, m):
    if m != m:
        return math.nan, math.nan
    e = math.exp(-abs(m))
    tail = e / (1.0 + e)  # the smaller of p and 1 - p
    hess = tail / (1.0 + e)
    if abs(m) < 1.0 and y == 0.5:
        return math.tanh(m / 2) / 2, hess
    # distance to the nearer end, so that nothing is lost next to 1
    near = 1.0 - y if m > 0 else y
    gap = tail - near
    if near and abs(gap) < 1e-5 * near and gap != near and tail > 1e-300:
        return _slow_gradient(y, m), hess
    return (-gap if m > 0 else gap), hess


def logistic_grad_hess(y: np.ndarray, margin: np.ndarray) -> GradHess:
    y, margin = np.asarray(y), np.asarray(margin)
    labels = [float(v) for v in y.ravel().tolist()]
    if not all(0.0 <= v <= 1.0 for v in labels):
        raise ValueError("labels must lie in [0, 1]")
    pairs = [_derivatives(v, float(m)) for v, m in zip(labels, margin.ravel().tolist())]
    grad, hess = (np.array([pair[k] for pair in pairs], dtype=float).reshape(margin.shape) for k in (0, 1))
    return GradHess(grad + 0.0, hess)


def _leaves(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step):
    """For each leaf: |w|, the sign of w, |G| - reg_alpha and H + reg_lambda."""
    reg_lambda, reg_alpha, bound = float(reg_lambda), float(reg_alpha), float(max_delta_step)
    for g, h in zip(np.asarray(grad_sum).ravel().tolist(), np.asarray(hess_sum).ravel().tolist()):
        g, h = float(g), float(h)
        pull, stiffness = abs(g) - reg_alpha, h + reg_lambda
        if not h > 0 or pull <= 0:
            yield 0.0, 1, pull, stiffness
            continue
        size = pull / stiffness if stiffness else math.inf
        if bound > 0:
            size = min(size, bound)
        yield size, (-1 if g > 0 else 1), pull, stiffness


def leaf_weight(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
) -> np.ndarray:
    weights = [sign * size for size, sign, _, _ in _leaves(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step)]
    return np.array(weights, dtype=float).reshape(np.shape(grad_sum))


def structure_score(
    grad_sum: np.ndarray,
    hess_sum: np.ndarray,
    reg_lambda: float = 1.0,
    reg_alpha: float = 0.0,
    max_delta_step: float = 0.0,
    gamma: float = 0.0,
) -> float:
    # G w = -|G| |w|, so a leaf costs |w| ((H + lambda) |w| / 2 - (|G| - alpha)) + gamma.
    costs = []
    for size, _, pull, stiffness in _leaves(grad_sum, hess_sum, reg_lambda, reg_alpha, max_delta_step):
        costs.append(size * (stiffness * size / 2 - pull) if size else 0.0)
        costs.append(float(gamma))
    return math.fsum(costs)
