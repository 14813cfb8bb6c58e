# different style; both bars
"""Region proposals: the boxes that the first stage of a two-stage detector hands to the second."""

import math
from typing import NamedTuple

import numpy as np


class Proposals(NamedTuple):
    """Boxes of shape (m, 4) and scores of shape (m,), from the highest score to the lowest; m may be 0."""

    boxes: np.ndarray
    scores: np.ndarray


def _stretch(delta):
    return 62.5 if delta > 5 else min(math.exp(delta), 62.5)


def _side(low, high, shift, delta, limit):
    """One side of a box, decoded and clipped: its two ends."""
    length = high - low
    centre = (low + high) / 2 + shift * length
    half = length * _stretch(delta) / 2
    return tuple(min(max(end, 0.0), limit) for end in (centre - half, centre + half))


def _iou(a, b):
    inter = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
    if not inter:
        return 0.0
    return inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)


def propose(
    scores: np.ndarray,
    deltas: np.ndarray,
    anchors: np.ndarray,
    image_size: tuple[float, float],
    pre_nms_top_n: int,
    post_nms_top_n: int,
    iou_threshold: float = 0.7,
    min_size: float = 1e-3,
    score_threshold: float = 0.0,
) -> Proposals:
    """Return the proposals of one image, by these steps in this order."""
    scores, deltas, anchors = (np.asarray(a).tolist() for a in (scores, deltas, anchors))
    if not len(scores) == len(deltas) == len(anchors):
        raise ValueError("lengths differ")
    height, width = (float(side) for side in image_size)
    kept = []
    # sorted() is stable, also with reverse: ties stay in order of the index
    for i in sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:pre_nms_top_n]:
        if len(kept) >= post_nms_top_n or scores[i] < score_threshold:
            break
        (x1, y1, x2, y2), (dx, dy, dw, dh) = anchors[i], deltas[i]
        left, right = _side(x1, x2, dx, dw, width)
        top, bottom = _side(y1, y2, dy, dh, height)
        if right - left < min_size or bottom - top < min_size:
            continue
        box = (left, top, right, bottom)
        if all(_iou(box, other) <= iou_threshold for other, _ in kept):
            kept.append((box, scores[i]))
    boxes = np.array([box for box, _ in kept], dtype=np.float64).reshape(len(kept), 4)
    return Proposals(boxes, np.array([score for _, score in kept], dtype=np.float64))
