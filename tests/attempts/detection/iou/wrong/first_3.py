# wrong (core): GIoU is 0 wherever the union is 0, without the penalty
"""Intersection over union (IoU) of boxes, and its generalised form (GIoU).

    IoU(A, B)  = area(A and B) / area(A or B)
    GIoU(A, B) = IoU(A, B) - (area(C) - area(A or B)) / area(C)

C is the smallest box that holds A and B. A fraction whose denominator is 0 counts as 0. Coordinates are continuous: a
box from x1 to x2 has the width x2 - x1.

Source: Rezatofighi et al., Generalized intersection over union: a metric and a loss for bounding box regression (2019).

Strict
------
- Nothing is added to a denominator: boxes may be as small as 1e-3.
- ValueError if an array is not of shape (n, 4).
"""

import numpy as np


def _check(boxes):
    boxes = np.asarray(boxes, dtype=float)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError("boxes must have the shape (n, 4)")
    if np.any(boxes[:, 2] < boxes[:, 0]) or np.any(boxes[:, 3] < boxes[:, 1]):
        raise ValueError("x2 < x1 or y2 < y1")
    return boxes


def _ratio(num, den):
    return np.divide(num, den, out=np.zeros(den.shape), where=den > 0)


def _parts(boxes_a, boxes_b):
    a, b = _check(boxes_a), _check(boxes_b)
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    size = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    inter = np.maximum(size, 0).prod(axis=2)
    union = area_a[:, None] + area_b[None, :] - inter
    hull = (np.maximum(a[:, None, 2:], b[None, :, 2:]) - np.minimum(a[:, None, :2], b[None, :, :2])).prod(axis=2)
    return _ratio(inter, union), union, hull


def pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the IoU of each box of boxes_a with each box of boxes_b.

    Parameters
    ----------
    boxes_a, boxes_b : arrays of shapes (n_a, 4) and (n_b, 4)
        Rows x1, y1, x2, y2. n_a or n_b may be 0.

    Returns
    -------
    array of shape (n_a, n_b)

    Raises
    ------
    ValueError
        If a box has x2 < x1 or y2 < y1.

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0], [2.0, 0.0, 4.0, 3.0]])
    >>> pairwise_iou(boxes[:1], boxes).round(3)
    array([[1.   , 0.333, 0.   ]])
    """
    return _parts(boxes_a, boxes_b)[0]


def pairwise_giou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the GIoU of each box of boxes_a with each box of boxes_b: parameters and errors as in pairwise_iou.

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0], [4.0, 0.0, 6.0, 3.0]])
    >>> pairwise_giou(boxes[:1], boxes).round(3)
    array([[ 1.   ,  0.333, -0.333]])
    """
    iou, union, hull = _parts(boxes_a, boxes_b)
    return np.where(union > 0, iou - _ratio(hull - union, hull), 0.0)
