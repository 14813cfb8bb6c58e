# wrong (core): hides every class with the score of the label, not the label only
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- hinge_loss
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
    score, y = np.asarray(score).astype(float), np.asarray(y).astype(float)
    if score.ndim != 1 or score.shape != y.shape:
        raise ValueError("shapes do not fit")
    if not np.all((y == -1) | (y == 1)):
        raise ValueError("labels must be -1 or 1")
    margin = 1 - y * score
    grad = np.where(margin > 0, -y, 0.0) / len(y)
    return LossGrad(float(np.mean(np.maximum(0.0, margin))), grad + 0.0)


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
    scores, labels = np.array(scores).astype(float), np.asarray(labels)
    if scores.ndim != 2 or labels.shape != scores.shape[:1] or scores.shape[1] < 2:
        raise ValueError("shapes do not fit")
    n, n_classes = scores.shape
    if np.any(labels < 0) or np.any(labels >= n_classes):
        raise ValueError("labels must be from 0 to n_classes - 1")
    labels = labels.astype(np.int64)
    rows = np.arange(n)
    own = scores[rows, labels]
    others = scores.copy()
    others[others == own[:, None]] = -np.inf
    best = others.argmax(axis=1)
    margin = 1 + others[rows, best] - own
    active = margin > 0
    grad = np.zeros((n, n_classes))
    grad[rows[active], best[active]] = 1 / n
    grad[rows[active], labels[active]] = -1 / n
    return LossGrad(float(np.mean(np.maximum(0.0, margin))), grad)
