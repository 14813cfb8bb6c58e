# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- nms
"""Non-maximum suppression.

A detector finds most objects several times over. Non-maximum suppression keeps the best of each group: it takes the box
with the highest score, removes every other box that overlaps it too much, takes the best of what is left, and so on
until none is left.

How much two boxes overlap is their intersection over union,

    IoU(A, B) = |A and B| / |A or B|                            |A or B| = |A| + |B| - |A and B|

Coordinates are continuous: a box from x1 to x2 is x2 - x1 wide. Where |A or B| is 0 the IoU counts as 0. So a box
without area has an IoU of 0 with every box: it is never removed, and removes nothing.

Three conventions make the result unique.

- A box is removed where its IoU with a box that is kept is above the threshold, strictly: a box whose IoU equals it
  stays.
- Only a box that is kept removes others. A removed box removes nothing.
- Of boxes with equal scores, the one of lower index goes first.

Source: Girshick et al., Rich feature hierarchies for accurate object detection and semantic segmentation (2014), for
the greedy form, and torchvision.ops.nms for strictness and the order of the result.
"""

import numpy as np


def nms(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Return the indices of the boxes that are kept, from the highest score to the lowest.

    Parameters
    ----------
    boxes : array of shape (n_boxes, 4)
        One box a row: x1, y1, x2, y2 with x1 <= x2 and y1 <= y2. Finite floats or integers, small and unsigned ones
        too, whose areas need not fit in the type that they come in. There may be no box, which is the shape (0, 4).
    scores : array of shape (n_boxes,)
        Finite numbers of any sign and size, floats or integers, unsigned ones too. Scores are tied when they are equal;
        close is not tied.
    iou_threshold : float, from 0 to 1
        At 0 no two boxes that are kept overlap; at 1 every box is kept, even copies.

    Returns
    -------
    array of int of shape (n_kept,)
        Indices into `boxes`, in the order in which they were taken: by falling score, and by rising index where scores
        are equal.

    Raises
    ------
    ValueError
        If boxes and scores differ in length; if a score is NaN or infinite; if iou_threshold is below 0, above 1 or
        NaN.

    Examples
    --------
    Box 1 has the highest score and shares half of box 0's area, box 2 only touches it.

    >>> boxes = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], [3.0, 0.0, 5.0, 2.0]])
    >>> scores = np.array([0.8, 0.9, 0.7])
    >>> nms(boxes, scores, 0.3)
    array([1, 2])
    >>> nms(boxes, scores, 0.4)
    array([1, 0, 2])
    """
    raise NotImplementedError
