# different style; both bars
from math import fsum, sqrt
from typing import NamedTuple

import numpy as np


class White(NamedTuple):
    statistic: float
    dof: int


TOLERANCE = 1e-8  # a feature a million deviations from 0 is only known to about 1e-10 deviations


def _dot(a: list, b: list) -> float:
    return fsum(s * t for s, t in zip(a, b))


def _remainder(v: list, basis: list) -> list:
    """What is left of v after projecting it on the orthonormal basis (three rounds against rounding)."""
    for _ in range(3):
        for q in basis:
            c = _dot(q, v)
            v = [s - c * t for s, t in zip(v, q)]
    return v


def _extend(basis: list, v: list) -> bool:
    """Add the new direction of v to the basis, if it has one."""
    size = sqrt(_dot(v, v))
    if size == 0.0:
        return False
    r = _remainder([s / size for s in v], basis)
    left = sqrt(_dot(r, r))
    if left <= TOLERANCE:
        return False
    basis.append([s / left for s in r])
    return True


def _unit_free(v: list) -> list:
    """Move the first value to 0, and the largest absolute value to 1."""
    v = [s - v[0] for s in v]
    top = max(map(abs, v))
    return [s / top for s in v] if top > 0.0 else v


def white_test(X: np.ndarray, y: np.ndarray) -> White:
    n, p = np.shape(X)
    if n < 2:
        raise ValueError("too few samples")
    columns = np.asarray(X, dtype=np.float64).T.tolist()
    target = np.asarray(y, dtype=np.float64).tolist()

    # Polynomials of degree 2 in the features are those in any affine basis of them: take an orthonormal one.
    basis = [[1.0 / sqrt(n)] * n]
    for column in columns:
        v = _unit_free(column)
        mean = fsum(v) / n
        _extend(basis, [s - mean for s in v])
    linear = list(basis)
    for j in range(1, len(linear)):
        for k in range(j, len(linear)):
            if len(basis) < n:
                _extend(basis, [s * t for s, t in zip(linear[j], linear[k])])
    dof = len(basis) - 1
    if n < dof + 2:
        raise ValueError(f"{n} samples are too few for {dof} degrees of freedom")

    top = max(map(abs, target))
    if top == 0.0:
        return White(0.0, dof)
    sizes = [abs(s) for s in _remainder([s / top for s in target], linear)]
    largest = max(sizes)
    if largest - min(sizes) <= 1e-9:
        return White(0.0, dof)

    # Deviations from the mean square; R2 is the share of them along the other directions.
    squares = [(s / largest) ** 2 for s in sizes]
    mean = fsum(squares) / n
    deviations = [s - mean for s in squares]
    total = _dot(deviations, deviations)
    explained = fsum(_dot(q, deviations) ** 2 for q in basis[1:])
    return White(n * min(explained / total, 1.0), dof)
