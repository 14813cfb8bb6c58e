# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- anchor_assignment
"""Assign ground truths to anchors: what each anchor of a detector learns in one image.

For each anchor, let best be its largest IoU with any ground truth:

    best >= high          the anchor is positive, and learns that ground truth
    low <= best < high    the anchor is ignored: -2
    best < low            the anchor is background: -1

    IoU(A, B) = area(A and B) / area(A or B)

A ground truth may reach high with no anchor. So its best anchors are positive, too, whatever their IoU.

Sources: Ren et al., Faster R-CNN: towards real-time object detection with region proposal networks (2015), section
3.1.2, for the algorithm; the Matcher of torchvision for the codes -1 and -2.

Strict
------
- IoU is 0 if both areas are 0. IoUs are compared exactly.
- Coordinates may be integers of any type.
- ValueError if low is not above 0, or high is above 1.
"""

import numpy as np


def assign_anchors(anchors: np.ndarray, truths: np.ndarray, low: float = 0.3, high: float = 0.7) -> np.ndarray:
    """Return for each anchor the index of the ground truth that it learns, or -1, or -2.

    A positive anchor learns the ground truth with which its own IoU is largest; the lower index on a tie.

    The best anchors of a ground truth are those with the largest IoU with it: all of them on a tie, and none if that
    IoU is 0. Such an anchor also learns its own best ground truth, which may be another one.

    Parameters
    ----------
    anchors, truths : arrays of shape (n, 4) and (m, 4)
        Rows x1, y1, x2, y2. n or m may be 0. Without ground truths, all anchors are background.

    Raises
    ------
    ValueError
        If low > high.

    Examples
    --------
    >>> anchors = np.array([[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 1.0, 1.0], [8.0, 0.0, 9.0, 9.0]])
    >>> assign_anchors(anchors, np.array([[0.0, 0.0, 4.0, 4.0], [6.0, 0.0, 9.0, 9.0]]))
    array([ 0, -2, -1,  1])
    """
    raise NotImplementedError
