"""Boxes as offsets from anchors: what a detector with anchors learns to predict.

A box has the centre (x, y), the width w and the height h; its anchor has xa, ya, wa, ha. The four deltas are

    dx = (x - xa) / wa      dw = log(w / wa)
    dy = (y - ya) / ha      dh = log(h / ha)

each times its weight. Deltas do not depend on the unit or on where the anchor lies. Boxes and anchors are rows x1, y1,
x2, y2. Coordinates are continuous: w = x2 - x1 and x = (x1 + x2) / 2. Row i belongs to anchor i.

Source: Girshick et al., Rich feature hierarchies for accurate object detection and semantic segmentation (2014),
appendix C.

Strict
------
- Boxes and anchors may be integers of any type.
- ValueError if an array is not of shape (n, 4), n differs, or a value is not finite.
- ValueError if a weight or max_scale is not positive.
"""

import math

import numpy as np


def encode(
    boxes: np.ndarray, anchors: np.ndarray, weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
) -> np.ndarray:
    """Return the deltas of each box from its anchor: rows dx, dy, dw, dh.

    Parameters
    ----------
    boxes, anchors : arrays of shape (n, 4)
        n may be 0.
    weights : tuple of four floats
        The factors of dx, dy, dw and dh.

    Raises
    ------
    ValueError
        If a width or a height, of a box or an anchor, is 0 or negative.

    Examples
    --------
    >>> encode(np.array([[1.0, 2.0, 9.0, 10.0]]), np.array([[0.0, 0.0, 4.0, 8.0]])).round(3)
    array([[0.75 , 0.25 , 0.693, 0.   ]])
    """
    _check(boxes, anchors)
    (centres, sizes), (anchor_centres, anchor_sizes) = _centred(boxes), _centred(anchors)
    offsets = (centres - anchor_centres) / anchor_sizes
    return np.hstack([offsets, np.log(sizes / anchor_sizes)]) * _positive(weights)


def decode(
    deltas: np.ndarray,
    anchors: np.ndarray,
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    max_scale: float = 62.5,
) -> np.ndarray:
    """Return the boxes that have these deltas: rows x1, y1, x2, y2. The inverse of encode, but for max_scale.

    Parameters
    ----------
    deltas, anchors, weights
        As in encode.
    max_scale : float
        A width is at most max_scale * wa, a height at most max_scale * ha, around the centre that dx and dy give. Small
        sizes have no limit.

    Raises
    ------
    ValueError
        If a width or a height of an anchor is 0 or negative.

    Examples
    --------
    >>> decode(np.array([[0.75, 0.25, np.log(2), 0.0], [0.0, 0.0, 99.0, 0.0]]), np.array([[0.0, 0.0, 4.0, 8.0]] * 2))
    array([[   1.,    2.,    9.,   10.],
           [-123.,    0.,  127.,    8.]])
    """
    _check(deltas, anchors)
    (anchor_centres, anchor_sizes), deltas = _centred(anchors), deltas / _positive(weights)
    centres = anchor_centres + deltas[:, :2] * anchor_sizes
    sizes = anchor_sizes * np.exp(np.minimum(deltas[:, 2:], np.log(_positive(max_scale))))
    return np.hstack([centres - sizes / 2, centres + sizes / 2])


def _centred(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres and the sizes of boxes, as rows x, y and w, h."""
    boxes = boxes.astype(np.float64)
    sizes = boxes[:, 2:] - boxes[:, :2]
    if not (sizes > 0).all():
        raise ValueError("a box or an anchor has a width or a height of 0, or a negative one")
    return (boxes[:, :2] + boxes[:, 2:]) / 2, sizes


def _check(rows: np.ndarray, anchors: np.ndarray) -> None:
    """Refuse arrays that are no rows of four finite numbers, as many as there are anchors."""
    if rows.ndim != 2 or rows.shape[1] != 4 or rows.shape != anchors.shape:
        raise ValueError(f"expected two arrays of one shape (n, 4), not {rows.shape} and {anchors.shape}")
    if not (np.isfinite(rows).all() and np.isfinite(anchors).all()):
        raise ValueError("a value is not finite")


def _positive(value: float | tuple[float, float, float, float]) -> np.ndarray:
    """Return factors as an array, once they are found to be positive."""
    factors = np.asarray(value)
    if not (factors > 0).all():
        raise ValueError(f"a weight and max_scale are positive, not {value}")
    return factors


def encode_via_loop(
    boxes: np.ndarray, anchors: np.ndarray, weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
) -> np.ndarray:
    """Go box by box, in plain Python: a difference of logarithms for the logarithm of a ratio."""
    _check(boxes, anchors)
    wx, wy, ww, wh = _positive(weights).tolist()
    rows = []
    for (x1, y1, x2, y2), (left, top, right, bottom) in zip(boxes.tolist(), anchors.tolist(), strict=True):
        w, h, wa, ha = x2 - x1, y2 - y1, right - left, bottom - top
        if min(w, h, wa, ha) <= 0:
            raise ValueError("a box or an anchor has a width or a height of 0, or a negative one")
        dx, dy = (x1 + w / 2 - left - wa / 2) / wa, (y1 + h / 2 - top - ha / 2) / ha
        rows.append([wx * dx, wy * dy, ww * (math.log(w) - math.log(wa)), wh * (math.log(h) - math.log(ha))])
    return np.array(rows).reshape(-1, 4)


def encode_via_moved_edges(
    boxes: np.ndarray, anchors: np.ndarray, weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
) -> np.ndarray:
    """Take how far each edge lies from the anchor's: the mean moves the centre, the difference changes the size."""
    _check(boxes, anchors)
    anchor_sizes = _centred(anchors)[1]
    moved = boxes.astype(np.float64) - anchors
    low, high = moved[:, :2] / anchor_sizes, moved[:, 2:] / anchor_sizes
    if (high - low <= -1).any():
        raise ValueError("a box has a width or a height of 0, or a negative one")
    return np.hstack([(low + high) / 2, np.log1p(high - low)]) * _positive(weights)


def decode_via_loop(
    deltas: np.ndarray,
    anchors: np.ndarray,
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    max_scale: float = 62.5,
) -> np.ndarray:
    """Go side by side, in plain Python, from its low end to its high end."""
    _check(deltas, anchors)
    wx, wy, ww, wh = _positive(weights).tolist()
    limit = math.log(max_scale)  # which refuses 0 and below
    rows = []
    for (dx, dy, dw, dh), (left, top, right, bottom) in zip(deltas.tolist(), anchors.tolist(), strict=True):
        sides = []
        for low, high, move, change in [(left, right, dx / wx, dw / ww), (top, bottom, dy / wy, dh / wh)]:
            if low >= high:
                raise ValueError("an anchor has a width or a height of 0, or a negative one")
            length = (high - low) * math.exp(min(change, limit))
            start = low + (high - low) * (0.5 + move) - length / 2
            sides.append((start, start + length))
        rows.append([sides[0][0], sides[1][0], sides[0][1], sides[1][1]])
    return np.array(rows).reshape(-1, 4)


def decode_via_unit_boxes(
    deltas: np.ndarray,
    anchors: np.ndarray,
    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    max_scale: float = 62.5,
) -> np.ndarray:
    """Decode as if each anchor reached from 0 to 1 on both axes, then stretch and move all four coordinates alike."""
    _check(deltas, anchors)
    sizes = np.tile(_centred(anchors)[1], 2)
    moves, logs = np.split(deltas / _positive(weights), 2, axis=1)
    half = np.power(2.0, np.minimum(logs / np.log(2), np.log2(_positive(max_scale)))) / 2
    units = 0.5 + np.hstack([moves - half, moves + half])
    return np.tile(anchors[:, :2], 2) + units * sizes
