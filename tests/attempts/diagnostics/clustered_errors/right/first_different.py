# different style; both bars
import math

import numpy as np


def _centred(values):
    """Deviations from the mean, and the mean. Integers are shifted exactly before they become floats."""
    first = values[0]
    shifted = [float(v - first) for v in values]
    m = math.fsum(shifted) / len(shifted)
    return [s - m for s in shifted], float(first) + m


def _dot(a, b):
    return math.fsum(s * t for s, t in zip(a, b))


def _unit(v):
    norm = math.sqrt(_dot(v, v))
    return [s / norm for s in v]


def _remove(v, basis):
    """v minus its projection on an orthonormal basis (two passes)."""
    for _ in range(2):
        for q in basis:
            d = _dot(q, v)
            v = [s - d * t for s, t in zip(v, q)]
    return v


def clustered_standard_errors(X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    n, k = X.shape
    p = k + 1
    members = {}
    for i, label in enumerate(groups.tolist()):
        members.setdefault(label, []).append(i)
    G = len(members)
    if G < 2 or n <= p:
        raise ValueError("need at least two groups and more samples than coefficients")

    columns, means, scales = [], [], []
    for j in range(k):
        deviations, m = _centred(X[:, j].tolist())
        scale = max(abs(d) for d in deviations)
        columns.append([d / scale for d in deviations])
        means.append(m / scale)  # the mean in units of the scale
        scales.append(scale)

    basis = []
    for column in columns:
        basis.append(_unit(_remove(column, basis)))
    e = _remove(_centred(y.tolist())[0], basis)

    # Frisch-Waugh: row j of A is feature j, cleaned of the others, over its squared length.
    rows = []
    for j in range(k):
        others = []
        for other in columns[:j] + columns[j + 1 :]:
            others.append(_unit(_remove(other, others)))
        r = _remove(columns[j], others)
        length = _dot(r, r)
        rows.append([s / length for s in r])
    # b_0 = mean(y) - sum_j mean_j b_j
    first = [1 / n - math.fsum(means[j] * rows[j][i] for j in range(k)) for i in range(n)]

    c = G / (G - 1) * (n - 1) / (n - p)
    errors = []
    for row, scale in zip([first, *rows], [1.0, *scales]):
        total = math.fsum(math.fsum(row[i] * e[i] for i in inside) ** 2 for inside in members.values())
        errors.append(math.sqrt(c * total) / scale)
    return np.array(errors)
