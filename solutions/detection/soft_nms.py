"""Soft non-maximum suppression: lower the scores of boxes that overlap a better one, rather than remove them.

Take the box with the highest score. Multiply the score of each box that is left by a factor f of its IoU with the one
just taken. Repeat with the new scores:

    f = exp(-IoU**2 / sigma)                               "gaussian"
    f = 1 - IoU if IoU >= linear_threshold, and 1 else     "linear"

    IoU(A, B) = area(A and B) / area(A or B)

Source: Bodla et al., Soft-NMS: improving object detection with one line of code (2017), section 4.

Strict
------
- IoU is 0 if both areas are 0. IoUs are compared exactly, also those of boxes as small as 1e-3.
- Arrays may hold integers of any type.
- ValueError if lengths differ, a score is negative or NaN, or sigma is not above 0.
"""

import math
from typing import NamedTuple

import numpy as np


class Kept(NamedTuple):
    """The indices of the boxes in the order in which they are taken, and their scores at that time."""

    indices: np.ndarray
    scores: np.ndarray


def soft_nms(
    boxes: np.ndarray,
    scores: np.ndarray,
    method: str = "gaussian",
    sigma: float = 0.5,
    linear_threshold: float = 0.3,
    min_score: float = 0.001,
) -> Kept:
    """Return the boxes that are taken, each with its score when it is taken.

    A tie goes to the lower index. The end is reached if no box is left, or none whose score is at least min_score.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        Rows x1, y1, x2, y2. n may be 0.
    scores : array of shape (n,)
        Not negative. They may be above 1.
    method : str
        "gaussian" or "linear".

    Raises
    ------
    ValueError
        If method is any other.

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 3.0], [4.0, 0.0, 8.0, 4.0]])
    >>> soft_nms(boxes, np.array([0.75, 0.5, 0.25]), "linear")
    Kept(indices=array([0, 2, 1]), scores=array([0.75 , 0.25 , 0.125]))
    """
    _check(boxes, scores, method, sigma)
    boxes, current = boxes.astype(np.float64), scores.astype(np.float64)
    left, kept = np.arange(len(boxes)), np.array([], dtype=int)
    while len(left):
        best = left[current[left].argmax()]
        if current[best] < min_score:
            break
        kept = np.append(kept, best)
        left = left[left != best]
        current[left] *= _factor(_iou(boxes[best], boxes[left]), method, sigma, linear_threshold)
    return Kept(kept, current[kept])


def _check(boxes: np.ndarray, scores: np.ndarray, method: str, sigma: float) -> None:
    if method not in ("gaussian", "linear"):
        raise ValueError(f"method is {method!r}, and has to be 'gaussian' or 'linear'")
    if len(boxes) != len(scores):
        raise ValueError(f"there are {len(boxes)} boxes and {len(scores)} scores")
    if not (scores >= 0).all():
        raise ValueError("a score is negative or NaN")
    if not sigma > 0:
        raise ValueError(f"sigma is {sigma}, and has to be above 0")


def _factor(iou: np.ndarray, method: str, sigma: float, linear_threshold: float) -> np.ndarray:
    """Return what scores are multiplied by."""
    if method == "gaussian":
        return np.exp(-(iou**2) / sigma)
    return np.where(iou >= linear_threshold, 1 - iou, 1)


def _iou(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the IoU of one box with each of the others."""
    both = _area(np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:]))
    either = _area(box[:2], box[2:]) + _area(others[:, :2], others[:, 2:]) - both
    return both / np.where(either > 0, either, 1)


def _area(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return the area between two corners, which is 0 where a side is negative."""
    return np.maximum(upper - lower, 0).prod(axis=-1)


def soft_nms_via_moving_to_the_front(
    boxes: np.ndarray,
    scores: np.ndarray,
    method: str = "gaussian",
    sigma: float = 0.5,
    linear_threshold: float = 0.3,
    min_score: float = 0.001,
) -> Kept:
    """Move each box that is taken to the front, and read the factors off a table of all pairs."""
    _check(boxes, scores, method, sigma)
    boxes, current, order = boxes.astype(np.float64), scores.astype(np.float64), np.arange(len(boxes))
    table = np.array([_factor(_iou(box, boxes), method, sigma, linear_threshold) for box in boxes])
    for place in range(len(order)):
        found = place + current[order[place:]].argmax()
        best = order[found]
        if current[best] < min_score:
            order = order[:place]
            break
        order[place : found + 1] = np.roll(order[place : found + 1], 1)
        rest = order[place + 1 :]
        current[rest] *= table[best, rest]
    return Kept(order, current[order])


def soft_nms_via_lists(
    boxes: np.ndarray,
    scores: np.ndarray,
    method: str = "gaussian",
    sigma: float = 0.5,
    linear_threshold: float = 0.3,
    min_score: float = 0.001,
) -> Kept:
    """Sort (score, index, box) anew after each step, in plain Python."""
    _check(boxes, scores, method, sigma)
    rows = [
        (-score, index, box) for index, (score, box) in enumerate(zip(scores.tolist(), boxes.tolist(), strict=True))
    ]
    indices, values = [], []
    while rows:
        (score, index, box), *rest = sorted(rows)
        if -score < min_score:
            break
        indices.append(index)
        values.append(-score)
        rows = []
        for other_score, other, other_box in rest:
            overlap = _overlap(box, other_box)
            if method == "gaussian":
                factor = math.exp(-overlap * overlap / sigma)
            else:
                factor = 1 - overlap if overlap >= linear_threshold else 1
            rows.append((other_score * factor, other, other_box))
    return Kept(np.array(indices, dtype=int), np.array(values))


def _overlap(a: list, b: list) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height)
