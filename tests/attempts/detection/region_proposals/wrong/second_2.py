# wrong (core): small boxes and low scores are dropped before the pre-NMS top n, so the places of dropped boxes are refilled
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
    scores = np.asarray(scores, dtype=float)
    deltas = np.asarray(deltas, dtype=float).reshape(-1, 4)
    anchors = np.asarray(anchors, dtype=float).reshape(-1, 4)
    if not len(scores) == len(deltas) == len(anchors):
        raise ValueError("lengths differ")
    height, width = image_size
    wa = anchors[:, 2] - anchors[:, 0]
    ha = anchors[:, 3] - anchors[:, 1]
    xa = (anchors[:, 0] + anchors[:, 2]) / 2
    ya = (anchors[:, 1] + anchors[:, 3]) / 2
    x = xa + deltas[:, 0] * wa
    y = ya + deltas[:, 1] * ha
    w = wa * np.exp(np.minimum(deltas[:, 2], np.log(62.5)))
    h = ha * np.exp(np.minimum(deltas[:, 3], np.log(62.5)))
    boxes = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1)
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    boxes[:, 0::2] = np.clip(boxes[:, 0::2], 0, width)
    boxes[:, 1::2] = np.clip(boxes[:, 1::2], 0, height)
    size = boxes[:, 2:] - boxes[:, :2]
    keep = (size >= min_size).all(axis=1)
    keep &= scores >= score_threshold
    boxes, scores = boxes[keep][:pre_nms_top_n], scores[keep][:pre_nms_top_n]
    kept = []
    for i in range(len(boxes)):
        if all(_iou(boxes[i], boxes[j]) <= iou_threshold for j in kept):
            kept.append(i)
    kept = np.array(kept[:post_nms_top_n], dtype=int)
    return Proposals(boxes[kept], scores[kept])


def _iou(a, b):
    w = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0)
    h = max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
    inter = w * h
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return inter / union if union > 0 else 0.0
