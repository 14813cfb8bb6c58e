# wrong (core): sizes are limited from below too, at 1 / max_scale of the anchor
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

import numpy as np


def _boxes(values, name):
    out = np.asarray(values, dtype=np.float64)
    if out.ndim != 2 or out.shape[1] != 4 or not np.isfinite(out).all():
        raise ValueError(f"{name} must be finite, of shape (n, 4)")
    return out


def _weights(weights):
    w = np.asarray(weights, dtype=np.float64)
    if w.shape != (4,) or not (w > 0).all():
        raise ValueError("weights must be positive")
    return w


def _centre(b, name):
    w = b[:, 2] - b[:, 0]
    h = b[:, 3] - b[:, 1]
    if (w <= 0).any() or (h <= 0).any():
        raise ValueError(f"{name} must have positive sides")
    return (b[:, 0] + b[:, 2]) / 2, (b[:, 1] + b[:, 3]) / 2, w, h


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
    b, a = _boxes(boxes, "boxes"), _boxes(anchors, "anchors")
    if len(b) != len(a):
        raise ValueError("lengths differ")
    w = _weights(weights)
    x, y, bw, bh = _centre(b, "boxes")
    xa, ya, wa, ha = _centre(a, "anchors")
    return np.stack([(x - xa) / wa, (y - ya) / ha, np.log(bw / wa), np.log(bh / ha)], axis=1) * w


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
    d, a = _boxes(deltas, "deltas"), _boxes(anchors, "anchors")
    if len(d) != len(a):
        raise ValueError("lengths differ")
    if not max_scale > 0:
        raise ValueError("max_scale must be positive")
    d = d / _weights(weights)
    xa, ya, wa, ha = _centre(a, "anchors")
    x = d[:, 0] * wa + xa
    y = d[:, 1] * ha + ya
    limit = np.log(max_scale)
    w = np.exp(np.clip(d[:, 2], -limit, limit)) * wa
    h = np.exp(np.clip(d[:, 3], -limit, limit)) * ha
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1)
