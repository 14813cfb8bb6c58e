# different style; both bars
import bisect
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    threshold: float
    gain: float
    default_left: bool


def bin_edges(x: np.ndarray, n_bins: int, weights: np.ndarray | None = None) -> np.ndarray:
    x = np.asarray(x)
    heap: dict = {}
    for i, v in enumerate(x.tolist()):
        if v == v:
            heap[v] = heap.get(v, 0) + (1 if weights is None else Fraction(np.asarray(weights)[i].item()))
    values = sorted(heap)
    if len(values) <= n_bins:
        return np.array(values[1:], dtype=x.dtype)
    total = sum(heap.values())
    edges, below, k = [], 0, 1
    for v in values:
        if k < n_bins and n_bins * below >= k * total:
            edges.append(v)
            while k < n_bins and n_bins * below >= k * total:
                k += 1
        below += heap[v]
    return np.array(edges, dtype=x.dtype)


def histogram(x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray) -> np.ndarray:
    cuts = np.asarray(edges).tolist()
    out = [[0.0, 0.0] for _ in range(len(cuts) + 2)]
    for v, g, h in zip(np.asarray(x).tolist(), np.asarray(grad).tolist(), np.asarray(hess).tolist()):
        row = out[-1] if v != v else out[bisect.bisect_right(cuts, v)]
        row[0] += g
        row[1] += h
    return np.array(out, dtype=float)


def child_histograms(
    parent: np.ndarray, x: np.ndarray, edges: np.ndarray, grad: np.ndarray, hess: np.ndarray, goes_left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    parent = np.asarray(parent, dtype=float)
    left_rows, right_rows = np.flatnonzero(goes_left), np.flatnonzero(np.logical_not(goes_left))
    if len(right_rows) < len(left_rows):
        right = histogram(x[right_rows], edges, grad[right_rows], hess[right_rows])
        return parent - right, right
    left = histogram(x[left_rows], edges, grad[left_rows], hess[left_rows])
    return left, parent - left


def best_histogram_split(
    hist: np.ndarray, edges: np.ndarray, reg_lambda: float = 1.0, gamma: float = 0.0, min_child_weight: float = 1.0
) -> Split | None:
    hist = np.asarray(hist, dtype=float)
    n = len(edges)
    # one row for each question, in the order of preference: membership of the bins on the left
    left = np.zeros((2 * (n + 1), n + 2), dtype=bool)
    left[:, : n + 1] = np.repeat(np.tri(n + 1, dtype=bool), 2, axis=0)
    left[1::2, -1] = True
    left = left[:-1]
    thresholds = np.repeat(np.append(np.asarray(edges, dtype=float), math.inf), 2)[:-1]

    def score(sums: np.ndarray) -> np.ndarray:
        ok = sums[..., 1] > 0
        return np.where(ok, sums[..., 0] ** 2, 0.0) / np.where(ok, sums[..., 1] + reg_lambda, 1.0)

    a, b = left.astype(float) @ hist, (~left).astype(float) @ hist
    gains = 0.5 * (score(a) + score(b) - score(hist.sum(axis=0))) - gamma
    gains[(a[:, 1] < min_child_weight) | (b[:, 1] < min_child_weight)] = -math.inf
    top = gains.max()
    if not top > 1e-9:
        return None
    i = int(np.flatnonzero(gains >= max(top - 1e-9, 0.0))[0])
    return Split(float(thresholds[i]), float(gains[i]), bool(i % 2))
