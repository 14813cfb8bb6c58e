# different style; both bars
import math

import numpy as np


def _slope_and_value(z, activation):
    shrink = np.exp(-np.abs(z))  # in (0, 1], never overflows
    if activation == "linear":
        return np.ones(z.shape), z
    if activation == "relu":
        on = np.heaviside(z, 0.0)
        return on, np.where(on == 1.0, z, 0.0)
    if activation == "tanh":
        q = shrink * shrink
        return 4.0 * q / (1.0 + q) ** 2, np.tanh(z)
    if activation == "sigmoid":
        return shrink / (1.0 + shrink) ** 2, np.where(z < 0, shrink, 1.0) / (1.0 + shrink)
    raise ValueError(f"unknown activation: {activation!r}")


def layer_jacobians(weights: list[np.ndarray], x: np.ndarray, activation: str) -> list[np.ndarray]:
    if activation not in ("linear", "tanh", "sigmoid", "relu"):
        raise ValueError(f"unknown activation: {activation!r}")

    out, a = [], np.array(x, dtype=float)
    for w in weights:
        w = np.array(w, dtype=float)
        slope, a = _slope_and_value(np.einsum("ij,j->i", w, a), activation)
        out.append(np.einsum("i,ij->ij", slope, w))
    return out


# A matrix is a pair (m, e): entry = m * 2**e with 0.5 <= |m| < 1 or m = 0, each entry with its own exponent.


def _pack(values, exponents=0):
    m, e = np.frexp(values)
    return m, np.where(m == 0, 0, e.astype(np.int64) + exponents)


def _range(p):
    e = p[1][p[0] != 0]
    return (int(e.min()), int(e.max())) if e.size else (0, 0)


def _product(left, right):
    (l_lo, l_hi), (r_lo, r_hi) = _range(left), _range(right)
    if (l_hi - l_lo) + (r_hi - r_lo) < 900:
        plain = np.ldexp(left[0], left[1] - l_hi) @ np.ldexp(right[0], right[1] - r_hi)
        return _pack(plain, l_hi + r_hi)
    rows = []
    for m, e in zip(*left):  # one row of the result at a time
        terms = m[:, None] * right[0]
        power = e[:, None] + right[1]
        top = np.where(terms == 0, np.iinfo(np.int64).min // 4, power).max(axis=0)
        total = np.ldexp(terms, np.where(terms == 0, 0, np.maximum(power - top, -2000))).sum(axis=0)
        rows.append(_pack(total, top))
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows])


def _tree(factors):
    if len(factors) == 1:
        return factors[0]
    half = len(factors) // 2
    return _product(_tree(factors[half:]), _tree(factors[:half]))


def log_singular_values(jacobians: list[np.ndarray]) -> np.ndarray:
    m, e = _tree([_pack(np.array(j, dtype=float)) for j in jacobians])
    if not m.any():
        return np.full(min(m.shape), -np.inf)
    top = int(e[m != 0].max())
    s = np.linalg.svd(np.ldexp(m, np.where(m == 0, 0, np.maximum(e - top, -2000))), compute_uv=False)
    return np.array([-math.inf if v < 1e-10 * s[0] else math.log10(v) + top * math.log10(2) for v in s])
