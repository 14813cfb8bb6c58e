# wrong (core): only a box with both x2 < x1 and y2 < y1 raises
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


def _boxes(boxes):
    boxes = np.asarray(boxes, dtype=np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError("boxes must be of shape (n, 4)")
    if ((boxes[:, 2] < boxes[:, 0]) & (boxes[:, 3] < boxes[:, 1])).any():
        raise ValueError("a box has x2 < x1 or y2 < y1")
    return boxes


def _divide(a, b):
    return np.divide(a, b, out=np.zeros(b.shape), where=b > 0)


def _areas(boxes_a, boxes_b):
    a, b = _boxes(boxes_a)[:, None], _boxes(boxes_b)[None]
    inner = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    outer = np.maximum(a[..., 2:], b[..., 2:]) - np.minimum(a[..., :2], b[..., :2])
    intersection = np.maximum(inner, 0).prod(axis=-1)
    area_a = (a[..., 2:] - a[..., :2]).prod(axis=-1)
    area_b = (b[..., 2:] - b[..., :2]).prod(axis=-1)
    return intersection, area_a + area_b - intersection, outer.prod(axis=-1)


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
    intersection, union, _ = _areas(boxes_a, boxes_b)
    return _divide(intersection, union)


def pairwise_giou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the GIoU of each box of boxes_a with each box of boxes_b: parameters and errors as in pairwise_iou.

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0], [4.0, 0.0, 6.0, 3.0]])
    >>> pairwise_giou(boxes[:1], boxes).round(3)
    array([[ 1.   ,  0.333, -0.333]])
    """
    intersection, union, hull = _areas(boxes_a, boxes_b)
    return _divide(intersection, union) - _divide(hull - union, hull)
