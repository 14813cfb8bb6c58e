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

import heapq
import math
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
    if ratio < 0:
        raise ValueError(f"the ratio is 0 or more, not {ratio}")
    kept = np.minimum(ratio * is_positive.sum(axis=1), (~is_positive).sum(axis=1))
    order = np.lexsort((-loss.astype(float), is_positive))
    return np.argsort(order) < kept[:, None]


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
    shifted = logits - logits.max(axis=2, keepdims=True).astype(float)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    is_own = labels[:, :, None] == np.arange(logits.shape[2])
    losses = -log_probs[is_own].reshape(labels.shape)
    is_positive = labels != 0
    counted = is_positive | hard_negative_mask(losses, is_positive, ratio)
    n = max(is_positive.sum(), 1)
    errors = np.exp(log_probs) - is_own
    return LossGrad(float(losses[counted].sum() / n), errors * counted[:, :, None] / n)


def hard_negative_mask_via_heap(loss: np.ndarray, is_positive: np.ndarray, ratio: int = 3) -> np.ndarray:
    """Take the largest losses of each image from a heap, with the index beside each."""
    if ratio < 0:
        raise ValueError("ratio < 0")
    mask = np.zeros(loss.shape, dtype=bool)
    for image, (row, positives) in enumerate(zip(loss.tolist(), is_positive.tolist(), strict=True)):
        negatives = [
            (-value, j) for j, (value, positive) in enumerate(zip(row, positives, strict=True)) if not positive
        ]
        for _, j in heapq.nsmallest(ratio * sum(positives), negatives):
            mask[image, j] = True
    return mask


def hard_negative_mask_via_ranks(loss: np.ndarray, is_positive: np.ndarray, ratio: int = 3) -> np.ndarray:
    """Count, for each anchor, the negatives of its image that go before it."""
    if not ratio >= 0:
        raise ValueError("a negative ratio")
    larger = loss[:, None, :] > loss[:, :, None]
    tied_before = (loss[:, None, :] == loss[:, :, None]) & np.tri(loss.shape[1], k=-1, dtype=bool)
    rank = ((larger | tied_before) & ~is_positive[:, None, :]).sum(axis=2)
    return ~is_positive & (rank < ratio * is_positive.sum(axis=1, keepdims=True))


def mined_cross_entropy_via_anchors(logits: np.ndarray, labels: np.ndarray, ratio: int = 3) -> LossGrad:
    """Go anchor by anchor, and sort the negatives of each image in plain Python."""
    total, grad = 0.0, np.zeros(logits.shape)
    n = int(np.count_nonzero(labels))
    for image, classes in enumerate(labels.tolist()):
        probs, losses = [], []
        for row, label in zip(logits[image].tolist(), classes, strict=True):
            powers = [math.exp(z - max(row)) for z in row]
            probs.append([power / sum(powers) for power in powers])
            losses.append(math.log(sum(powers)) + max(row) - row[label])
        positives = [j for j, label in enumerate(classes) if label != 0]
        negatives = sorted((j for j, label in enumerate(classes) if label == 0), key=lambda j: -losses[j])
        for j in positives + negatives[: ratio * len(positives)]:
            total += losses[j] / n
            grad[image, j] = np.array(probs[j]) / n
            grad[image, j, classes[j]] -= 1 / n
    return LossGrad(total, grad)


def mined_cross_entropy_via_margins(logits: np.ndarray, labels: np.ndarray, ratio: int = 3) -> LossGrad:
    """Measure each logit from that of the label: the loss is the logarithm of a sum of exp."""
    own = np.eye(logits.shape[2])[labels]
    margins = logits - (logits * own).sum(axis=2, keepdims=True)
    losses = np.logaddexp.reduce(margins, axis=2)
    weights = (labels > 0) + hard_negative_mask_via_ranks(losses, labels > 0, ratio)
    weights = weights / max(np.sum(labels > 0), 1)
    return LossGrad(float(np.vdot(losses, weights)), (np.exp(margins - losses[:, :, None]) - own) * weights[:, :, None])
