# different style; both bars
"""Bipartite matching of predictions and objects, as in DETR."""

from typing import NamedTuple

import numpy as np


class Matching(NamedTuple):
    """Matched pairs: row rows[k] goes with column columns[k]."""

    rows: np.ndarray
    columns: np.ndarray


def _ratio(a, b):
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=b != 0)


def detr_cost(
    probs: np.ndarray,
    pred_boxes: np.ndarray,
    labels: np.ndarray,
    boxes: np.ndarray,
    class_cost: float = 1.0,
    bbox_cost: float = 5.0,
    giou_cost: float = 2.0,
) -> np.ndarray:
    """Return the cost of each query i for each object j."""
    probs = np.asarray(probs, dtype=np.float64)
    labels = [int(label) for label in np.asarray(labels).ravel()]
    if any(not 0 <= label < probs.shape[1] for label in labels):
        raise ValueError("label out of range")
    P = np.asarray(pred_boxes).astype(np.float64).reshape(-1, 4)
    Q = np.asarray(boxes).astype(np.float64).reshape(-1, 4)
    if (P[:, 2:] < 0).any() or (Q[:, 2:] < 0).any():
        raise ValueError("negative width or height")
    inter = np.ones((len(P), len(Q)))
    hull = np.ones((len(P), len(Q)))
    distance = np.zeros((len(P), len(Q)))
    # along an axis, by the distance of the centres: no corners
    for axis in (0, 1):
        gap = np.abs(np.subtract.outer(P[:, axis], Q[:, axis]))
        wide = np.maximum.outer(P[:, axis + 2], Q[:, axis + 2])
        narrow = np.minimum.outer(P[:, axis + 2], Q[:, axis + 2])
        mean = np.add.outer(P[:, axis + 2], Q[:, axis + 2]) / 2
        inter *= np.maximum(np.minimum(narrow, mean - gap), 0.0)
        hull *= np.maximum(wide, mean + gap)
        distance += gap + (wide - narrow)
    union = np.add.outer(P[:, 2] * P[:, 3], Q[:, 2] * Q[:, 3]) - inter
    giou = _ratio(inter, union) - _ratio(hull - union, hull)
    chance = np.empty((len(P), len(Q)))
    for j, label in enumerate(labels):
        chance[:, j] = probs[:, label]
    return bbox_cost * distance - class_cost * chance - giou_cost * giou


def match(cost: np.ndarray) -> Matching:
    """Return a matching of least total cost."""
    cost = np.asarray(cost)
    if cost.dtype.kind in "iub":
        # Python integers where float64 would round
        big = cost.size and max(abs(int(cost.max())), abs(int(cost.min()))) >= 2**44
        cost = cost.astype(object if big else np.float64)
    else:
        cost = cost.astype(np.float64)
        if not np.isfinite(cost).all():
            raise ValueError("costs must be finite")
    flipped = cost.shape[0] > cost.shape[1]
    if flipped:
        cost = cost.T
    n, m = cost.shape
    # shortest augmenting paths (Jonker and Volgenant), potentials u and v; column m is the root
    u = np.zeros(n, dtype=cost.dtype)
    v = np.zeros(m, dtype=cost.dtype)
    owner = np.full(m, -1)
    for start in range(n):
        seen = np.zeros(m, dtype=bool)
        reach = np.empty(m, dtype=cost.dtype)
        before = np.full(m, -1)
        row, column, level = start, -1, 0
        first = True
        while True:
            trial = level + (cost[row] - u[row] - v)
            better = ~seen if first else ~seen & (trial < reach).astype(bool)
            reach[better] = trial[better]
            before[better] = column
            first = False
            free = np.flatnonzero(~seen)
            column = free[int(np.argmin(reach[free]))]
            level = reach[column]
            seen[column] = True
            if owner[column] < 0:
                break
            row = owner[column]
        done = np.flatnonzero(seen)
        for j in done:
            if owner[j] >= 0:
                u[owner[j]] += level - reach[j]
            v[j] -= level - reach[j]
        u[start] += level
        while column >= 0:
            previous = before[column]
            owner[column] = start if previous < 0 else owner[previous]
            column = previous
    columns = np.flatnonzero(owner >= 0)
    rows = owner[columns]
    if flipped:
        return Matching(columns, rows)
    order = np.argsort(rows)
    return Matching(rows[order], columns[order])
