# wrong (core): a box that was taken is marked by a score of 0, like one whose score has come down to 0
"""Soft non-maximum suppression: lower the scores of boxes that overlap a better one, rather than remove them."""

from typing import NamedTuple

import numpy as np


class Kept(NamedTuple):
    """The indices of the boxes in the order in which they are taken, and their scores at that time."""

    indices: np.ndarray
    scores: np.ndarray


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
    boxes = np.array(boxes, dtype=float)
    scores = np.array(scores, dtype=float)
    if len(boxes) != len(scores) or not (scores >= 0).all() or not sigma > 0:
        raise ValueError("bad boxes, scores or sigma")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    indices, taken = [], []
    while len(indices) < len(scores):
        best = int(np.argmax(scores))
        if scores[best] < min_score:
            break
        indices.append(best)
        taken.append(scores[best])
        scores[best] = 0.0
        sides = np.minimum(boxes[:, 2:], boxes[best, 2:]) - np.maximum(boxes[:, :2], boxes[best, :2])
        inter = np.maximum(sides, 0).prod(axis=1)
        union = areas + areas[best] - inter
        iou = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
        if method == "gaussian":
            factor = np.exp(-(iou**2) / sigma)
        else:
            factor = np.where(iou >= linear_threshold, 1 - iou, 1.0)
        left = scores >= 0
        scores[left] *= factor[left]
    return Kept(np.array(indices, dtype=int), np.array(taken, dtype=float))
