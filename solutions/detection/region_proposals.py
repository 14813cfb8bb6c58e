"""Region proposals: the boxes that the first stage of a two-stage detector hands to the second.

Every anchor has a score and four deltas. With its centre (xa, ya), width wa and height ha, its box has

    centre  (xa + dx * wa, ya + dy * ha)
    size    (wa * min(exp(dw), 62.5), ha * min(exp(dh), 62.5))

Boxes and anchors are rows x1, y1, x2, y2 in continuous coordinates: wa = x2 - x1 and xa = (x1 + x2) / 2.

Sources: Ren et al., Faster R-CNN (2015), section 3; torchvision's RegionProposalNetwork for the order of the steps.

Strict
------
- Boxes may be as small as 1e-4: nothing is added to an area.
- The arrays may hold integers of any type.
- ValueError if the lengths of scores, deltas and anchors differ.
"""

import math
from typing import NamedTuple

import numpy as np


class Proposals(NamedTuple):
    """Boxes of shape (m, 4) and scores of shape (m,), from the highest score to the lowest; m may be 0."""

    boxes: np.ndarray
    scores: np.ndarray


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
    """Return the proposals of one image, by these steps in this order.

    1. Work out the box of every anchor.
    2. Keep the pre_nms_top_n boxes with the highest scores.
    3. Clip them to the image: x to [0, width] and y to [0, height].
    4. Drop a box if its width or its height is below min_size.
    5. Drop a box if its score is below score_threshold.
    6. NMS, by falling score: drop a box if its IoU with a box that NMS has kept is above iou_threshold.
    7. Keep the first post_nms_top_n.

    A tie of scores goes to the lower index. IoU is 0 if both areas are 0.

    Parameters
    ----------
    scores : array of shape (n,)
    deltas : array of shape (n, 4)
        Rows dx, dy, dw, dh.
    anchors : array of shape (n, 4)
    image_size : tuple of two floats
        Height, then width.
    pre_nms_top_n, post_nms_top_n : int
        0 or more.

    Examples
    --------
    The second box is the first one, once both are clipped. The third is tied with the fourth, and it is half as wide.

    >>> anchors = np.array([[0.0, 0.0, 8.0, 4.0], [-8.0, 0.0, 8.0, 4.0], [0.0, 6.0, 4.0, 8.0], [4.0, 6.0, 8.0, 8.0]])
    >>> deltas = np.zeros((4, 4))
    >>> deltas[2, 2] = np.log(0.5)
    >>> boxes, scores = propose(np.array([0.8, 0.9, 0.5, 0.5]), deltas, anchors, (10.0, 20.0), 9, 9)
    >>> boxes
    array([[0., 0., 8., 4.],
           [1., 6., 3., 8.],
           [4., 6., 8., 8.]])
    >>> scores
    array([0.9, 0.5, 0.5])
    """
    boxes, scores = _decode(scores, deltas, anchors), scores.astype(float)
    best = np.argsort(-scores, kind="stable")[:pre_nms_top_n]
    boxes, scores = _clip(boxes[best], image_size), scores[best]
    fit = (boxes[:, 2:] - boxes[:, :2] >= min_size).all(axis=1) & (scores >= score_threshold)
    boxes, scores = boxes[fit], scores[fit]
    alive = np.ones(len(boxes), dtype=bool)
    for place, box in enumerate(boxes):
        if alive[place]:
            alive[place + 1 :] &= _iou(box, boxes[place + 1 :]) <= iou_threshold
    return Proposals(boxes[alive][:post_nms_top_n], scores[alive][:post_nms_top_n])


def _decode(scores: np.ndarray, deltas: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Return the box of each anchor."""
    if not len(scores) == len(deltas) == len(anchors):
        raise ValueError(f"{len(scores)} scores, {len(deltas)} deltas and {len(anchors)} anchors")
    lower, upper = np.hsplit(anchors.astype(float), 2)
    centres = (lower + upper) / 2 + deltas[:, :2] * (upper - lower)
    sizes = (upper - lower) * np.exp(np.minimum(deltas[:, 2:], math.log(62.5)))
    return np.hstack([centres - sizes / 2, centres + sizes / 2])


def _clip(boxes: np.ndarray, image_size: tuple[float, float]) -> np.ndarray:
    """Return what is inside the image of each box."""
    height, width = image_size
    return np.clip(boxes, 0.0, [width, height, width, height])


def _iou(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the IoU of one box with each of the others."""
    both = _area(np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:]))
    either = _area(box[:2], box[2:]) + _area(others[:, :2], others[:, 2:]) - both
    return both / np.where(either > 0, either, 1)


def _area(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the area between two corners, which is 0 where a side is negative."""
    return np.maximum(upper - lower, 0).prod(axis=-1)


def propose_via_lists(
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
    """Go box by box, in plain Python."""
    if len({len(scores), len(deltas), len(anchors)}) != 1:
        raise ValueError("the lengths differ")
    height, width = image_size
    values, deltas, anchors, kept = scores.tolist(), deltas.tolist(), anchors.tolist(), []
    for i in sorted(range(len(values)), key=lambda i: -values[i])[:pre_nms_top_n]:
        (dx, dy, dw, dh), (left, top, right, bottom) = deltas[i], anchors[i]
        half_width = (right - left) * math.exp(min(dw, math.log(62.5))) / 2
        half_height = (bottom - top) * math.exp(min(dh, math.log(62.5))) / 2
        x, y = left + (dx + 0.5) * (right - left), top + (dy + 0.5) * (bottom - top)
        x1, x2 = (min(max(end, 0.0), width) for end in (x - half_width, x + half_width))
        y1, y2 = (min(max(end, 0.0), height) for end in (y - half_height, y + half_height))
        if min(x2 - x1, y2 - y1) < min_size or values[i] < score_threshold:
            continue
        for _, a1, b1, a2, b2 in kept:
            wide, high = min(x2, a2) - max(x1, a1), min(y2, b2) - max(y1, b1)
            if wide > 0 and high > 0:
                both = wide * high
                if both / ((x2 - x1) * (y2 - y1) + (a2 - a1) * (b2 - b1) - both) > iou_threshold:
                    break
        else:
            kept.append((float(values[i]), x1, y1, x2, y2))
    table = np.array(kept[:post_nms_top_n]).reshape(-1, 5)
    return Proposals(table[:, 1:], table[:, 0])


def propose_via_table(
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
    """Mark dropped boxes by a mask, fill one table of overlaps, and repeat NMS for all boxes until nothing changes."""
    boxes = _clip(_decode(scores, deltas, anchors), image_size)
    order = np.lexsort((np.arange(len(scores)), -scores.astype(float)))[:pre_nms_top_n]
    boxes, scores = boxes[order], scores[order].astype(float)
    sides = boxes[:, 2:] - boxes[:, :2]
    usable = ~((sides < min_size).any(axis=1) | (scores < score_threshold))
    reach = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    both = np.clip(reach, 0, None).prod(axis=2)
    either = np.add.outer(sides.prod(axis=1), sides.prod(axis=1)) - both
    drops = np.tril(np.divide(both, either, out=np.zeros(both.shape), where=either > 0) > iou_threshold, -1)
    alive = usable
    for _ in range(len(boxes)):  # after round i, the first i boxes are right
        alive = usable & ~(drops & alive).any(axis=1)
    places = np.flatnonzero(alive)[:post_nms_top_n]
    return Proposals(boxes[places], scores[places])
