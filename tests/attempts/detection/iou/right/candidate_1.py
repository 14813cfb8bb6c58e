# candidate, par time, from the stub alone
import numpy as np


def _check(boxes):
    if np.any(boxes[:, 2:] < boxes[:, :2]):
        raise ValueError("a box has x2 < x1 or y2 < y1")


def _area(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _divide(a, b):
    return np.where(b > 0, a / np.where(b > 0, b, 1.0), 0.0)


def _iou_union(a, b):
    _check(a)
    _check(b)
    lo = np.maximum(a[:, None, :2], b[None, :, :2])
    hi = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(hi - lo, 0, None).prod(axis=-1)
    union = _area(a)[:, None] + _area(b)[None, :] - inter
    return _divide(inter, union), union


def pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    return _iou_union(boxes_a, boxes_b)[0]


def pairwise_giou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    iou, union = _iou_union(boxes_a, boxes_b)
    lo = np.minimum(boxes_a[:, None, :2], boxes_b[None, :, :2])
    hi = np.maximum(boxes_a[:, None, 2:], boxes_b[None, :, 2:])
    hull = (hi - lo).prod(axis=-1)
    return iou - _divide(hull - union, hull)
