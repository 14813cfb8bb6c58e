# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- iou
"""Intersection over union of boxes, and its generalised form.

How well does one box cover another? The intersection over union, or Jaccard index, is the area that both
cover, as a share of the area that at least one of them covers:

    IoU(A, B) = |A and B| / |A or B|                            |A or B| = |A| + |B| - |A and B|

It is 1 for equal boxes that have an area, and 0 for any two that do not overlap, however far apart they are. The
generalised form looks at the smallest box C that holds both, and subtracts the share of C that neither covers:

    GIoU(A, B) = IoU(A, B) - (|C| - |A or B|) / |C|

It is at most the IoU, and falls towards -1 as the boxes move apart.

Coordinates are continuous: a box from x1 to x2 is x2 - x1 wide. (Where coordinates are pixel indices and x2 is the
last pixel, the width would be one more.) A box may have a width or a height of 0, and then it has no area. Wherever a
denominator is 0, its fraction counts as 0: so two boxes without area have an IoU of 0, even if they are equal. Nothing
is added to a denominator, so the unit of the coordinates does not matter, as long as areas are neither too small nor
too large for a float.

Source: Rezatofighi et al., Generalized intersection over union: a metric and a loss for bounding box regression (2019).
"""

import numpy as np


def pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the IoU of every box of boxes_a with every box of boxes_b.

    Parameters
    ----------
    boxes_a : array of shape (n_a, 4)
        One box a row: x1, y1, x2, y2 with x1 <= x2 and y1 <= y2. Finite numbers of either sign, floats or integers,
        small and unsigned ones too, whose areas need not fit in the type that they come in. There may be no box at all,
        which is the shape (0, 4).
    boxes_b : array of shape (n_b, 4)
        Likewise.

    Returns
    -------
    array of shape (n_a, n_b)
        Entry [i, j] is the IoU of boxes_a[i] and boxes_b[j], from 0 to 1.

    Raises
    ------
    ValueError
        If an array is not of shape (n, 4); if a box has x2 < x1 or y2 < y1; if a coordinate is NaN or infinite.

    Examples
    --------
    A box, one that shares half of its area with it, and one that only touches it.

    >>> boxes = np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0], [2.0, 0.0, 4.0, 3.0]])
    >>> pairwise_iou(boxes[:1], boxes).round(3)
    array([[1.   , 0.333, 0.   ]])
    >>> pairwise_iou(boxes, np.empty((0, 4))).shape
    (3, 0)
    """
    raise NotImplementedError


def pairwise_giou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Return the generalised IoU of every box of boxes_a with every box of boxes_b.

    Parameters
    ----------
    boxes_a, boxes_b : arrays of shapes (n_a, 4) and (n_b, 4)
        As `pairwise_iou` takes them.

    Returns
    -------
    array of shape (n_a, n_b)
        Entry [i, j] is the GIoU of boxes_a[i] and boxes_b[j], from -1 to 1.

    Raises
    ------
    ValueError
        Where `pairwise_iou` does.

    Examples
    --------
    Of the box that holds the first and the last one, a third lies between them.

    >>> boxes = np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0], [2.0, 0.0, 4.0, 3.0], [4.0, 0.0, 6.0, 3.0]])
    >>> pairwise_giou(boxes[:1], boxes).round(3)
    array([[ 1.   ,  0.333,  0.   , -0.333]])
    """
    raise NotImplementedError
