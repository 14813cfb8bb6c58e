# wrong (core): the default sort of numpy is not stable: tied pairs are in any order
from typing import NamedTuple

import numpy as np


class Decoded(NamedTuple):
    """All boxes of a grid, rows x1, y1, x2, y2, and the score of each box for each class."""

    boxes: np.ndarray
    scores: np.ndarray


class Detections(NamedTuple):
    """Boxes, rows x1, y1, x2, y2, with the score and the class of each."""

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def decode_grid(logits: np.ndarray, anchors: np.ndarray, stride: float) -> Decoded:
    """Return the boxes of a grid and their scores. Boxes are not clipped."""
    logits = np.asarray(logits, dtype=float)
    anchors = np.asarray(anchors, dtype=float)
    a = len(anchors)
    channels, h, w = logits.shape
    if a == 0 or channels % a or channels // a < 6:
        raise ValueError("channels must be n_anchors * (5 + n_classes)")
    t = logits.reshape(a, channels // a, h, w).transpose(0, 2, 3, 1)
    xy = np.stack(np.meshgrid(np.arange(w), np.arange(h)), axis=-1)
    centre = stride * (xy + _sigmoid(t[..., :2]))
    size = anchors[:, None, None, :] * np.exp(t[..., 2:4])
    boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=-1)
    scores = _sigmoid(t[..., 4:5]) * _sigmoid(t[..., 5:])
    n = a * h * w
    return Decoded(boxes.reshape(n, 4), scores.reshape(n, channels // a - 5))


def detect(grids: list[np.ndarray], anchors: list[np.ndarray], strides: list[float], threshold: float) -> Detections:
    """Return each pair of a box and a class with a score above the threshold, from all grids, highest score first."""
    decoded = [decode_grid(*args) for args in zip(grids, anchors, strides)]
    if not decoded:
        return Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, dtype=int))
    boxes = np.concatenate([d.boxes for d in decoded])
    scores = np.concatenate([d.scores for d in decoded])
    box, label = np.nonzero(scores > threshold)
    score = scores[box, label]
    order = np.argsort(-score)
    return Detections(boxes[box[order]], score[order], label[order])
