"""The hinge loss for two classes and for many, with gradients.

Scores are raw, not probabilities. For labels y of -1 and 1,

    hinge = mean over the samples of max(0, 1 - y * score)

For more classes, in the form of Crammer and Singer, the score of the label has to lead the best of the others by 1:

    multiclass_hinge = mean over the samples of max(0, 1 + max_{k != label} s_k - s_label)

(PyTorch's multi_margin_loss is another loss, that of Weston and Watkins: it adds up over all k != label.)

The gradient is that of the mean with respect to the scores. At a corner of the loss it is fixed: a sample that leads by
exactly 1 has the gradient 0, and of several best others the one of lowest index counts.

Source: Crammer and Singer, On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines (2001).

Strict
------
- ValueError if shapes do not fit, or a label of multiclass_hinge is not from 0 to n_classes - 1.
- Scores and labels may be integers of any type.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of the scores."""

    loss: float
    grad: np.ndarray


def hinge(score: np.ndarray, y: np.ndarray) -> LossGrad:
    """Return the mean hinge loss of two classes, and its gradient with respect to the scores.

    Parameters
    ----------
    score : array of shape (n_samples,)
    y : array of shape (n_samples,)
        Labels -1 and 1.

    Raises
    ------
    ValueError
        If a label is neither -1 nor 1. (With 0 for a negative the loss would ignore its score.)

    Examples
    --------
    The second sample is on the right side, but does not lead by 1.

    >>> hinge(np.array([-2.0, 0.5, -1.0, 3.0]), np.array([1, 1, -1, 1]))
    LossGrad(loss=0.875, grad=array([-0.25, -0.25,  0.  ,  0.  ]))
    """
    if score.shape != y.shape:
        raise ValueError(f"scores of shape {score.shape} need labels of the same, not of {y.shape}")
    if not ((y == 1) | (y == -1)).all():
        raise ValueError("y has a label that is neither -1 nor 1")
    sign = y.astype(float)
    short = 1 - sign * score
    return LossGrad(float(np.maximum(short, 0).mean()), np.where(short > 0, -sign, 0) / score.size)


def multiclass_hinge(scores: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Return the mean hinge loss of Crammer and Singer, and its gradient with respect to the scores.

    Parameters
    ----------
    scores : array of shape (n_samples, n_classes)
        At least two classes.
    labels : array of int of shape (n_samples,)
        From 0 to n_classes - 1.

    Examples
    --------
    Both samples have class 0. In the first, class 2 is the best other.

    >>> loss, grad = multiclass_hinge(np.array([[3.0, 2.5, 4.0], [3.0, 2.0, 0.0]]), np.array([0, 0]))
    >>> loss
    1.0
    >>> grad
    array([[-0.5,  0. ,  0.5],
           [ 0. ,  0. ,  0. ]])
    """
    n_samples, n_classes = scores.shape
    if labels.shape != (n_samples,):
        raise ValueError(f"{n_samples} samples need as many labels, not an array of shape {labels.shape}")
    if not ((labels >= 0) & (labels < n_classes)).all():
        raise ValueError(f"labels go from 0 to {n_classes - 1}")
    rows = np.arange(n_samples)
    others = scores.astype(float)
    others[rows, labels] = -np.inf
    rival = others.argmax(axis=1)
    short = 1 + others[rows, rival] - scores[rows, labels]
    pull = (short > 0) / n_samples
    grad = np.zeros(scores.shape)
    grad[rows, rival] = pull
    grad[rows, labels] -= pull
    return LossGrad(float(np.maximum(short, 0).mean()), grad)


def hinge_via_classes(score: np.ndarray, y: np.ndarray) -> LossGrad:
    """Add up how far positives are below 1, and how far negatives are above -1."""
    if np.shape(score) != np.shape(y) or not np.isin(y, [-1, 1]).all():
        raise ValueError("score and y differ in shape, or a label is neither -1 nor 1")
    positive = y == 1
    low, high = positive & (score < 1), ~positive & (score > -1)
    loss = (low.sum() - score[low].sum() + high.sum() + score[high].sum()) / len(y)
    return LossGrad(float(loss), (1.0 * high - low) / len(y))


def hinge_via_loop(score: np.ndarray, y: np.ndarray) -> LossGrad:
    """Treat one sample at a time, in plain Python."""
    if score.shape != y.shape:
        raise ValueError("score and y differ in shape")
    losses, grad = [], []
    for each, label in zip(score.tolist(), y.tolist(), strict=True):
        if label not in (-1, 1):
            raise ValueError(f"{label} is no label")
        losses.append(max(0.0, 1 - label * each))
        grad.append(-label / len(y) if label * each < 1 else 0.0)
    return LossGrad(math.fsum(losses) / len(losses), np.array(grad))


def multiclass_hinge_via_order(scores: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Order the classes by score: the rival is the first, or the second where the first is the label."""
    if len(labels) != len(scores) or not np.isin(labels, range(scores.shape[1])).all():
        raise ValueError("labels do not fit the samples or the classes")
    order = np.argsort(-scores.astype(float), kind="stable")
    rival = np.where(order[:, 0] == labels, order[:, 1], order[:, 0])
    own = np.eye(scores.shape[1])[labels]
    direction = np.eye(scores.shape[1])[rival] - own
    lead = -(direction * scores).sum(axis=1)
    active = (lead < 1) / len(lead)
    return LossGrad(float(active @ (1 - lead)), active[:, np.newaxis] * direction)


def multiclass_hinge_via_loop(scores: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Treat one sample at a time, in plain Python."""
    losses, grad = [], np.zeros(scores.shape)
    for i, (row, label) in enumerate(zip(scores.tolist(), labels.tolist(), strict=True)):
        if label not in range(len(row)):
            raise ValueError(f"{label} is no class")
        rival = max((k for k in range(len(row)) if k != label), key=row.__getitem__)
        losses.append(max(0.0, 1 + row[rival] - row[label]))
        if losses[-1]:
            grad[i, rival], grad[i, label] = 1 / len(labels), -1 / len(labels)
    return LossGrad(math.fsum(losses) / len(losses), grad)
