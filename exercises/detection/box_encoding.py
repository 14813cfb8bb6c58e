# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- box_encoding
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
    raise NotImplementedError


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
    raise NotImplementedError
