# wrong (core): keeps every box that ties with the last of the pre_nms_top_n, so more than pre_nms_top_n
"""Region proposals: the boxes that the first stage of a two-stage detector hands to the second."""

from typing import NamedTuple

import numpy as np


class Proposals(NamedTuple):
    """Boxes of shape (m, 4) and scores of shape (m,), from the highest score to the lowest; m may be 0."""

    boxes: np.ndarray
    scores: np.ndarray


def _iou(box, boxes):
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    inter = np.maximum(sides, 0).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) - inter
    return np.divide(inter, union, out=np.zeros(len(boxes)), where=union > 0)


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
    scores = np.asarray(scores, dtype=float)
    deltas = np.asarray(deltas, dtype=float)
    anchors = np.asarray(anchors, dtype=float)
    if not len(scores) == len(deltas) == len(anchors):
        raise ValueError("lengths differ")
    size = anchors[:, 2:] - anchors[:, :2]
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2 + deltas[:, :2] * size
    with np.errstate(over="ignore"):
        size = size * np.minimum(np.exp(deltas[:, 2:]), 62.5)
    boxes = np.hstack([centre - size / 2, centre + size / 2])

    order = np.argsort(-scores, kind="stable")
    if pre_nms_top_n < len(scores):
        last = scores[order[pre_nms_top_n - 1]] if pre_nms_top_n else np.inf
        order = order[scores[order] >= last]
    boxes, scores = boxes[order], scores[order]
    height, width = image_size
    boxes[:, 0::2] = np.clip(boxes[:, 0::2], 0, width)
    boxes[:, 1::2] = np.clip(boxes[:, 1::2], 0, height)
    good = ((boxes[:, 2:] - boxes[:, :2]) >= min_size).all(axis=1) & (scores >= score_threshold)
    boxes, scores = boxes[good], scores[good]

    left = np.arange(len(boxes))
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[_iou(boxes[best], boxes[left]) <= iou_threshold]
    kept = np.array(kept[:post_nms_top_n], dtype=int)
    return Proposals(boxes[kept], scores[kept])
