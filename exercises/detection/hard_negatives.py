# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- hard_negatives
"""Hard negative mining: train a detector on its positives and on the negatives that it finds hardest.

An image has thousands of anchors, and few of them match an object. Those few are the positives; all others are
negatives, and most are easy. In each image, the loss counts all positives and only the hardest negatives, at most
`ratio` for each positive of that image:

    loss = sum over the counted anchors of -log softmax(logits)[label] / N

N is the number of positives in the whole batch. The loss is 0 if N = 0. The choice of anchors is a constant for the
gradient.

Source: Liu et al., SSD: single shot multibox detector (2016), section 2.2.

Strict
------
- loss, logits and labels may hold integers of any type.
- Logits may be as large as 1e4.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def hard_negative_mask(loss: np.ndarray, is_positive: np.ndarray, ratio: int = 3) -> np.ndarray:
    """Return True for the negatives that count: in each image those with the largest loss.

    Parameters
    ----------
    loss : array of shape (n_images, n_anchors)
        Any finite numbers, also below 0. Only their order matters.
    is_positive : boolean array of shape (n_images, n_anchors)
    ratio : int

    Returns
    -------
    boolean array of shape (n_images, n_anchors)
        A tie goes to the lower anchor index. A positive is never marked. An image with few negatives marks them all.

    Raises
    ------
    ValueError
        If ratio is negative.

    Examples
    --------
    >>> is_positive = np.array([[True, False, False, False, False]])
    >>> hard_negative_mask(np.array([[9.0, 1.0, 3.0, 3.0, 2.0]]), is_positive, ratio=1)
    array([[False, False,  True, False, False]])
    """
    raise NotImplementedError


def mined_cross_entropy(logits: np.ndarray, labels: np.ndarray, ratio: int = 3) -> LossGrad:
    """Return the loss of a batch, with its gradient.

    A negative is as hard as its own cross-entropy is large.

    Parameters
    ----------
    logits : array of shape (n_images, n_anchors, n_classes)
    labels : integer array of shape (n_images, n_anchors)
        Classes. 0 is the background: those anchors are the negatives.
    ratio : int

    Examples
    --------
    The second anchor is an easy negative, and the third a hard one.

    >>> logits = np.array([[[0.0, 0.0], [9.0, 0.0], [0.0, 0.0]]])
    >>> loss, grad = mined_cross_entropy(logits, np.array([[1, 0, 0]]), ratio=1)
    >>> round(loss, 6)
    1.386294
    >>> grad[0, [0, 2]]
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    raise NotImplementedError
