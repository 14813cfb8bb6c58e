# different style; both bars
from math import fsum, nan, sqrt
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, in the shape of x, and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, gamma and beta."""

    grad_x: np.ndarray
    grad_gamma: np.ndarray
    grad_beta: np.ndarray


class _Sample:
    """One standardised sample: its x_hat as a list, and 1 / sqrt(var + eps)."""

    def __init__(self, features, eps):
        # Measured from the first feature, so that a large mean costs no digits.
        n, origin = len(features), features[0]
        apart = [v - origin for v in features]
        centre = fsum(apart) / n
        apart = [v - centre for v in apart]
        spread = fsum(v * v for v in apart) / n + eps
        self.slope = 1.0 / sqrt(spread) if spread > 0 else nan
        self.hat = [v * self.slope for v in apart]

    def pull_back(self, flow):
        n = len(flow)
        level = fsum(flow) / n
        tilt = fsum(f * h for f, h in zip(flow, self.hat)) / n
        return [self.slope * (f - level - tilt * h) for f, h in zip(flow, self.hat)]


def _rows(array, width):
    return [[float(v) for v in row] for row in np.asarray(array).reshape(-1, width).tolist()] if width else []


def layer_norm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> Forward:
    x = np.asarray(x)
    scale, shift = ([float(v) for v in np.asarray(a).tolist()] for a in (gamma, beta))
    samples = [_Sample(row, eps) for row in _rows(x, len(scale))]
    out = [[g * h + b for g, h, b in zip(scale, sample.hat, shift)] for sample in samples]
    return Forward(np.array(out, dtype=float).reshape(x.shape), (samples, scale))


def layer_norm_backward(grad_out: np.ndarray, cache: object) -> Backward:
    samples, scale = cache
    grad_out = np.asarray(grad_out)
    flows = _rows(grad_out, len(scale))
    grad_x = [sample.pull_back([g * f for g, f in zip(scale, flow)]) for sample, flow in zip(samples, flows)]
    width = range(len(scale))
    return Backward(
        np.array(grad_x, dtype=float).reshape(grad_out.shape),
        np.array([fsum(f[k] * s.hat[k] for f, s in zip(flows, samples)) for k in width], dtype=float),
        np.array([fsum(f[k] for f in flows) for k in width], dtype=float),
    )
