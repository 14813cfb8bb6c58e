# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- nms
"""Non-maximum suppression (NMS): keep the best of each group of boxes that overlap.

Take the box with the highest score, remove every other box whose IoU with it is above the threshold, and repeat with
the boxes that are left until there is none.

    IoU(A, B) = area(A and B) / area(A or B)

Sources: Girshick et al., Rich feature hierarchies for accurate object detection and semantic segmentation (2014), for
the algorithm; torchvision.ops.nms for the conventions.

Strict
------
- IoU is 0 if both areas are 0. IoUs are compared exactly.
- ValueError if lengths differ or iou_threshold is not in [0, 1].
"""

import numpy as np


def nms(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """Return the indices of the boxes that are kept, from the highest score to the lowest.

    A box whose IoU equals the threshold stays. Tied scores go by the lower index.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        Rows x1, y1, x2, y2. n may be 0.
    scores : array of shape (n,)
    iou_threshold : float

    Examples
    --------
    >>> boxes = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], [3.0, 0.0, 5.0, 2.0]])
    >>> scores = np.array([0.8, 0.9, 0.7])
    >>> nms(boxes, scores, 0.3)
    array([1, 2])
    >>> nms(boxes, scores, 0.4)
    array([1, 0, 2])
    """
    raise NotImplementedError
