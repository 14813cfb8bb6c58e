# different style; both bars
import math
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


def _sigmoid(t):
    if t >= 0:
        return 1.0 / (1.0 + math.exp(-t))
    e = math.exp(t)
    return e / (1.0 + e)


def _exp(t):
    return math.exp(t) if t < 709.0 else float(np.exp(min(t, 800.0)))


def _walk(logits, anchors, stride):
    """Yield each box of a grid and its list of scores, one after the other."""
    rows = np.asarray(logits).astype(np.float64)
    sizes = [[float(v) for v in row] for row in np.asarray(anchors).tolist()]
    channels, height, width = rows.shape
    per_anchor, rest = divmod(channels, len(sizes)) if sizes else (0, 0)
    if rest or per_anchor < 6:
        raise ValueError("expected n_anchors * (5 + n_classes) channels, and a class")
    for a, (anchor_w, anchor_h) in enumerate(sizes):
        mine = rows[a * per_anchor : (a + 1) * per_anchor]
        for r in range(height):
            for c in range(width):
                tx, ty, tw, th, to, *tk = mine[:, r, c].tolist()
                x, y = stride * (c + _sigmoid(tx)), stride * (r + _sigmoid(ty))
                w, h = anchor_w * _exp(tw), anchor_h * _exp(th)
                object_score = _sigmoid(to)
                yield (x - w / 2, y - h / 2, x + w / 2, y + h / 2), [object_score * _sigmoid(t) for t in tk]


def decode_grid(logits: np.ndarray, anchors: np.ndarray, stride: float) -> Decoded:
    """Return the boxes of a grid and their scores. Boxes are not clipped."""
    found = list(_walk(logits, anchors, stride))
    n_classes = len(logits) // len(anchors) - 5
    boxes = np.array([b for b, _ in found], dtype=np.float64).reshape(len(found), 4)
    return Decoded(boxes, np.array([s for _, s in found], dtype=np.float64).reshape(len(found), n_classes))


def detect(grids: list[np.ndarray], anchors: list[np.ndarray], strides: list[float], threshold: float) -> Detections:
    """Return each pair of a box and a class with a score above the threshold, from all grids, highest score first."""
    kept = []
    for logits, sizes, stride in zip(grids, anchors, strides):
        for box, scores in _walk(logits, sizes, stride):
            kept += [(score, box, label) for label, score in enumerate(scores) if score > threshold]
    kept.sort(key=lambda item: -item[0])  # stable
    return Detections(
        np.array([b for _, b, _ in kept], dtype=np.float64).reshape(len(kept), 4),
        np.array([s for s, _, _ in kept], dtype=np.float64),
        np.array([k for _, _, k in kept], dtype=np.int64),
    )
