# wrong (core): coordinates are sorted by score, but the areas stay in the original order
"""Non-maximum suppression (NMS): keep the best of each group of boxes that overlap."""

import numpy as np


def nms(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Return the indices of the boxes that are kept, from the highest score to the lowest.

    >>> boxes = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], [3.0, 0.0, 5.0, 2.0]])
    >>> scores = np.array([0.8, 0.9, 0.7])
    >>> nms(boxes, scores, 0.3)
    array([1, 2])
    >>> nms(boxes, scores, 0.4)
    array([1, 0, 2])
    """
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    scores = np.asarray(scores)
    if len(boxes) != len(scores):
        raise ValueError("lengths differ")
    if not 0 <= iou_threshold <= 1:
        raise ValueError("iou_threshold must be in [0, 1]")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.array(sorted(range(len(scores)), key=lambda i: scores[i], reverse=True), dtype=int)
    x1, y1, x2, y2 = boxes[order].T
    alive = np.arange(len(order))  # positions in the sorted order
    keep = []
    while len(alive):
        i, rest = alive[0], alive[1:]
        keep.append(order[i])
        w = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        h = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        inter = np.maximum(w, 0) * np.maximum(h, 0)
        union = areas[i] + areas[rest] - inter
        iou = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
        alive = rest[iou <= iou_threshold]
    return np.array(keep, dtype=int)
