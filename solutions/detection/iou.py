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
    return _share(intersection, union)


def pairwise_giou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the GIoU of each box of boxes_a with each box of boxes_b: parameters and errors as in pairwise_iou.

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0], [4.0, 0.0, 6.0, 3.0]])
    >>> pairwise_giou(boxes[:1], boxes).round(3)
    array([[ 1.   ,  0.333, -0.333]])
    """
    intersection, union, hull = _areas(boxes_a, boxes_b)
    return _share(intersection, union) - _share(hull - union, hull)


def _areas(boxes_a: np.ndarray, boxes_b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, for every pair, the areas of intersection, union and smallest box around both."""
    a, b = _checked(boxes_a)[:, None], _checked(boxes_b)
    (lower_a, upper_a), (lower_b, upper_b) = (a[..., :2], a[..., 2:]), (b[..., :2], b[..., 2:])
    intersection = _area(np.maximum(lower_a, lower_b), np.minimum(upper_a, upper_b))
    hull = _area(np.minimum(lower_a, lower_b), np.maximum(upper_a, upper_b))
    return intersection, _area(lower_a, upper_a) + _area(lower_b, upper_b) - intersection, hull


def _area(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the area between two corners: none where one side is negative, and none where both are."""
    return np.maximum(upper - lower, 0).prod(axis=-1)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, by 1 where the whole is nothing: then so is its part."""
    return part / np.where(whole > 0, whole, 1)


def _checked(boxes: np.ndarray) -> np.ndarray:
    """Return boxes in double precision, once they are found to be boxes."""
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes have the shape (n, 4), not {boxes.shape}")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ValueError("a box ends before it begins: x2 < x1 or y2 < y1")
    return boxes.astype(np.float64)


def pairwise_iou_via_loop(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Go pair by pair, in plain Python."""
    table = np.zeros((len(boxes_a), len(boxes_b)))
    columns = _checked(boxes_b).tolist()
    for i, (x1, y1, x2, y2) in enumerate(_checked(boxes_a).tolist()):
        for j, (left, bottom, right, top) in enumerate(columns):
            width, height = min(x2, right) - max(x1, left), min(y2, top) - max(y1, bottom)
            if width > 0 and height > 0:
                both = width * height
                table[i, j] = both / ((x2 - x1) * (y2 - y1) + (right - left) * (top - bottom) - both)
    return table


def pairwise_iou_via_lengths(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """On each axis, two intervals overlap by as much as their lengths exceed the distance between the outer ends."""
    a, b = _checked(boxes_a), _checked(boxes_b)
    both, area_a, area_b = 1.0, 1.0, 1.0
    for axis in (0, 1):
        length_a, length_b = a[:, axis + 2] - a[:, axis], b[:, axis + 2] - b[:, axis]
        reach = np.maximum.outer(a[:, axis + 2], b[:, axis + 2]) - np.minimum.outer(a[:, axis], b[:, axis])
        both = both * np.clip(np.add.outer(length_a, length_b) - reach, 0, None)
        area_a, area_b = area_a * length_a, area_b * length_b
    either = np.add.outer(area_a, area_b) - both
    return both / np.where(either == 0, 1, either)


def pairwise_giou_via_loop(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Go pair by pair, in plain Python."""
    table = np.empty((len(boxes_a), len(boxes_b)))
    columns = _checked(boxes_b).tolist()
    for i, (x1, y1, x2, y2) in enumerate(_checked(boxes_a).tolist()):
        for j, (left, bottom, right, top) in enumerate(columns):
            both = max(min(x2, right) - max(x1, left), 0) * max(min(y2, top) - max(y1, bottom), 0)
            either = (x2 - x1) * (y2 - y1) + (right - left) * (top - bottom) - both
            around = (max(x2, right) - min(x1, left)) * (max(y2, top) - min(y1, bottom))
            table[i, j] = (both / either if either else 0) - ((around - either) / around if around else 0)
    return table


def pairwise_giou_via_covered_share(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Add to the IoU the share of the box around both that is covered, less 1; that box by sorting the coordinates."""
    a, b = np.broadcast_arrays(_checked(boxes_a)[:, None], _checked(boxes_b)[None])
    edges_x = np.sort(np.concatenate([a[..., 0::2], b[..., 0::2]], axis=-1))
    edges_y = np.sort(np.concatenate([a[..., 1::2], b[..., 1::2]], axis=-1))
    around = (edges_x[..., 3] - edges_x[..., 0]) * (edges_y[..., 3] - edges_y[..., 0])
    iou = pairwise_iou(boxes_a, boxes_b)
    sizes = [(box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1]) for box in (a, b)]
    # Of I = IoU * U and U = |A| + |B| - I follows U = (|A| + |B|) / (1 + IoU).
    either = sum(sizes) / (1 + iou)
    return iou + np.divide(either, around, out=np.ones(iou.shape), where=around > 0) - 1
