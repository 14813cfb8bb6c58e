# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- region_proposals
"""Region proposals: the boxes that the first stage of a two-stage detector hands to the second.

Every anchor has a score and four deltas. With its centre (xa, ya), width wa and height ha, its box has

    centre  (xa + dx * wa, ya + dy * ha)
    size    (wa * min(exp(dw), 62.5), ha * min(exp(dh), 62.5))

Boxes and anchors are rows x1, y1, x2, y2 in continuous coordinates: wa = x2 - x1 and xa = (x1 + x2) / 2.

Sources: Ren et al., Faster R-CNN (2015), section 3; torchvision's RegionProposalNetwork for the order of the steps.

Strict
------
- Boxes may be as small as 1e-4: nothing is added to an area.
- The arrays may hold integers of any type.
- ValueError if the lengths of scores, deltas and anchors differ.
"""

from typing import NamedTuple

import numpy as np


class Proposals(NamedTuple):
    """Boxes of shape (m, 4) and scores of shape (m,), from the highest score to the lowest; m may be 0."""

    boxes: np.ndarray
    scores: np.ndarray


def propose(
    scores: np.ndarray,
    deltas: np.ndarray,
    anchors: np.ndarray,
    image_size: tuple[float, float],
    pre_nms_top_n: int,
    post_nms_top_n: int,
    iou_threshold: float = 0.7,
    min_size: float = 1e-3,
    score_threshold: float = 0.0,
) -> Proposals:
    """Return the proposals of one image, by these steps in this order.

    1. Work out the box of every anchor.
    2. Keep the pre_nms_top_n boxes with the highest scores.
    3. Clip them to the image: x to [0, width] and y to [0, height].
    4. Drop a box if its width or its height is below min_size.
    5. Drop a box if its score is below score_threshold.
    6. NMS, by falling score: drop a box if its IoU with a box that NMS has kept is above iou_threshold.
    7. Keep the first post_nms_top_n.

    A tie of scores goes to the lower index. IoU is 0 if both areas are 0.

    Parameters
    ----------
    scores : array of shape (n,)
    deltas : array of shape (n, 4)
        Rows dx, dy, dw, dh.
    anchors : array of shape (n, 4)
    image_size : tuple of two floats
        Height, then width.
    pre_nms_top_n, post_nms_top_n : int
        0 or more.

    Examples
    --------
    The second box is the first one, once both are clipped. The third is tied with the fourth, and it is half as wide.

    >>> anchors = np.array([[0.0, 0.0, 8.0, 4.0], [-8.0, 0.0, 8.0, 4.0], [0.0, 6.0, 4.0, 8.0], [4.0, 6.0, 8.0, 8.0]])
    >>> deltas = np.zeros((4, 4))
    >>> deltas[2, 2] = np.log(0.5)
    >>> boxes, scores = propose(np.array([0.8, 0.9, 0.5, 0.5]), deltas, anchors, (10.0, 20.0), 9, 9)
    >>> boxes
    array([[0., 0., 8., 4.],
           [1., 6., 3., 8.],
           [4., 6., 8., 8.]])
    >>> scores
    array([0.9, 0.5, 0.5])
    """
    raise NotImplementedError
