# different style; both bars
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def hinge(score: np.ndarray, y: np.ndarray) -> LossGrad:
    score, y = np.asarray(score), np.asarray(y)
    if score.ndim != 1 or score.shape != y.shape:
        raise ValueError("score and y must be of the same shape (n_samples,)")
    positive = y == 1
    if any(label not in (-1, 1) for label in y.tolist()):
        raise ValueError("labels are -1 and 1")
    # Two classes, of which the negative one has the score 0.
    score = score.astype(np.float64)
    loss, grad = multiclass_hinge(np.column_stack([np.zeros_like(score), score]), positive.astype(int))
    return LossGrad(loss, grad[:, 1].copy())


def multiclass_hinge(scores: np.ndarray, labels: np.ndarray) -> LossGrad:
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or labels.ndim != 1 or len(scores) != len(labels) or scores.shape[1] < 2:
        raise ValueError("scores must be (n_samples, n_classes), labels (n_samples,)")
    n, n_classes = scores.shape
    for label in labels.tolist():
        if not 0 <= label < n_classes:
            raise ValueError("label out of range")
    scores = scores.astype(np.float64)
    labels = labels.astype(np.int64)[:, None]
    # Column c of others is class c before the label and class c + 1 from there on.
    column = np.arange(n_classes - 1)
    others = column + (column >= labels)
    rivals = np.take_along_axis(scores, others, axis=1)
    best = np.take_along_axis(others, rivals.argmax(axis=1)[:, None], axis=1)
    gap = 1 + rivals.max(axis=1) - np.take_along_axis(scores, labels, axis=1)[:, 0]
    active = (gap > 0)[:, None]
    eye = np.eye(n_classes)
    grad = np.where(active, eye[best[:, 0]] - eye[labels[:, 0]], 0.0) / n
    return LossGrad(float(np.sum(gap[gap > 0]) / n), grad)
