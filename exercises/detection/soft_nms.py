# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- soft_nms
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
    raise NotImplementedError
