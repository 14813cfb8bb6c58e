# different style; both bars
"""Soft non-maximum suppression: lower the scores of boxes that overlap a better one, rather than remove them."""

import heapq
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np


class Kept(NamedTuple):
    """The indices of the boxes in the order in which they are taken, and their scores at that time."""

    indices: np.ndarray
    scores: np.ndarray


def _iou(a, b):
    """The exact IoU of two boxes of Fractions."""
    inter = Fraction(1)
    for k in (0, 1):
        side = min(a[k + 2], b[k + 2]) - max(a[k], b[k])
        if side <= 0:
            return Fraction(0)
        inter *= side
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return inter / union if union else Fraction(0)


def soft_nms(
    boxes: np.ndarray,
    scores: np.ndarray,
    method: str = "gaussian",
    sigma: float = 0.5,
    linear_threshold: float = 0.3,
    min_score: float = 0.001,
) -> Kept:
    """Return the boxes that are taken, each with its score when it is taken."""
    if method not in ("gaussian", "linear"):
        raise ValueError(f"unknown method {method!r}")
    if len(boxes) != len(scores):
        raise ValueError("boxes and scores differ in length")
    if not sigma > 0:
        raise ValueError("sigma must be above 0")
    now = np.asarray(scores).tolist()
    if not all(score >= 0 for score in now):
        raise ValueError("a score is negative or NaN")
    corners = [[Fraction(value) for value in row] for row in np.asarray(boxes).tolist()]
    # a heap with old entries: an entry counts only if its score is the present one
    heap = [(-score, i) for i, score in enumerate(now)]
    heapq.heapify(heap)
    left = set(range(len(now)))
    kept = []
    while heap:
        negative, best = heapq.heappop(heap)
        if best not in left or -negative != now[best]:
            continue
        if now[best] < min_score:
            break
        left.discard(best)
        kept.append((best, float(now[best])))
        for i in left:
            iou = _iou(corners[best], corners[i])
            if iou == 0 and method == "gaussian":
                continue
            if method == "gaussian":
                factor = math.exp(-float(iou) ** 2 / sigma)
            elif iou >= linear_threshold:
                factor = float(1 - iou)
            else:
                continue
            if factor != 1:
                now[i] *= factor
                heapq.heappush(heap, (-now[i], i))
    return Kept(np.array([i for i, _ in kept], dtype=int), np.array([score for _, score in kept], dtype=float))
