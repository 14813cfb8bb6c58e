"""Non-maximum suppression (NMS): keep the best of each group of boxes that overlap.

Take the box with the highest score, remove every other box whose IoU with it is above the threshold, and repeat with
the boxes that are left until there is none.

    IoU(A, B) = area(A and B) / area(A or B)

Sources: Girshick et al., Rich feature hierarchies for accurate object detection and semantic segmentation (2014), for
the algorithm; torchvision.ops.nms for the conventions.

Strict
------
- IoU is 0 if both areas are 0. IoUs are compared exactly.
- ValueError if lengths differ or iou_threshold is not in [0, 1].
"""

import numpy as np


def nms(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Return the indices of the boxes that are kept, from the highest score to the lowest.

    A box whose IoU equals the threshold stays. Tied scores go by the lower index.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        Rows x1, y1, x2, y2. n may be 0.
    scores : array of shape (n,)
    iou_threshold : float

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], [3.0, 0.0, 5.0, 2.0]])
    >>> scores = np.array([0.8, 0.9, 0.7])
    >>> nms(boxes, scores, 0.3)
    array([1, 2])
    >>> nms(boxes, scores, 0.4)
    array([1, 0, 2])
    """
    _check(boxes, scores, iou_threshold)
    boxes, kept = boxes.astype(np.float64), []
    left = _by_score(scores)
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[_iou(boxes[best], boxes[left]) <= iou_threshold]
    return np.array(kept, dtype=int)


def _check(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> None:
    """Refuse what there is no answer for."""
    if len(boxes) != len(scores):
        raise ValueError(f"there are {len(boxes)} boxes and {len(scores)} scores")
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"iou_threshold is a number from 0 to 1, not {iou_threshold}")


def _by_score(scores: np.ndarray) -> np.ndarray:
    """Return the indices by falling score, ties by lower index."""
    return np.argsort(-scores.astype(np.float64), kind="stable")


def _iou(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the IoU of one box with each of the others."""
    both = _area(np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:]))
    either = _area(box[:2], box[2:]) + _area(others[:, :2], others[:, 2:]) - both
    return both / np.where(either > 0, either, 1)


def _area(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the area between two corners, which is 0 where a side is negative."""
    return np.maximum(upper - lower, 0).prod(axis=-1)


def nms_via_crossing_off(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Sort the boxes, and let each one that is not crossed off cross off those behind it."""
    _check(boxes, scores, iou_threshold)
    order = _by_score(scores)
    sorted_boxes = boxes[order].astype(np.float64)
    alive = np.ones(len(boxes), dtype=bool)
    for place, box in enumerate(sorted_boxes):
        if alive[place]:
            alive[place + 1 :] &= _iou(box, sorted_boxes[place + 1 :]) <= iou_threshold
    return order[alive]


def nms_via_fixed_point(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Keep whatever no kept box before it excludes, for all boxes at once, until that changes nothing."""
    _check(boxes, scores, iou_threshold)
    order = _by_score(scores)
    sorted_boxes = boxes[order].astype(np.float64)
    excludes = np.zeros((len(boxes), len(boxes)), dtype=bool)
    for place, box in enumerate(sorted_boxes):
        excludes[place, place + 1 :] = _iou(box, sorted_boxes[place + 1 :]) > iou_threshold
    kept, before = np.ones(len(boxes), dtype=bool), None
    while not np.array_equal(kept, before):
        kept, before = ~excludes[kept].any(axis=0), kept
    return order[kept]


def nms_via_loop(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Hold each box, best first, against those kept so far, in plain Python and without a division."""
    _check(boxes, scores, iou_threshold)
    rows, values, kept = boxes.tolist(), scores.tolist(), []
    for index in sorted(range(len(rows)), key=values.__getitem__, reverse=True):
        x1, y1, x2, y2 = rows[index]
        for other in kept:
            left, bottom, right, top = rows[other]
            both = max(min(x2, right) - max(x1, left), 0) * max(min(y2, top) - max(y1, bottom), 0)
            either = (x2 - x1) * (y2 - y1) + (right - left) * (top - bottom) - both
            if both > iou_threshold * either:
                break
        else:
            kept.append(index)
    return np.array(kept, dtype=int)
