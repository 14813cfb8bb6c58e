# wrong (core): only the best class of each box is kept, as if a box had one label
"""Decode the output of YOLOv3: from logits on a grid to boxes and scores.

Each cell of a grid predicts one box for each anchor, and for each box whether there is an object (o) and its class (k):

    centre x = stride * (column + sigmoid(t_x))       width  = anchor width * exp(t_w)
    centre y = stride * (row + sigmoid(t_y))          height = anchor height * exp(t_h)
    score of class k = sigmoid(t_o) * sigmoid(t_k)

Rows and columns of the grid count from 0. The stride is the side of a cell and, like anchors and boxes, in pixels.

Source: Redmon and Farhadi, YOLOv3: an incremental improvement (2018), sections 2.1 to 2.3.

Strict
------
- Logits may be of any float or integer type, anchors of any integer type. Results have the precision of float64.
- Scores near 0 keep their relative precision, down to 1e-300.
"""

from typing import NamedTuple

import numpy as np


def _sigmoid(x):
    with np.errstate(over="ignore"):
        return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))



class Decoded(NamedTuple):
    """All boxes of a grid, rows x1, y1, x2, y2, and the score of each box for each class."""

    boxes: np.ndarray
    scores: np.ndarray


class Detections(NamedTuple):
    """Boxes, rows x1, y1, x2, y2, with the score and the class of each."""

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


def decode_grid(logits: np.ndarray, anchors: np.ndarray, stride: float) -> Decoded:
    """Return the boxes of a grid and their scores. Boxes are not clipped.

    Parameters
    ----------
    logits : array of shape (n_anchors * (5 + n_classes), height, width)
        All channels of the first anchor, then those of the next: t_x, t_y, t_w, t_h, t_o, then one for each class.
    anchors : array of shape (n_anchors, 2)
        Rows: width, height.
    stride : float

    Returns
    -------
    Decoded
        Boxes of shape (n_boxes, 4) and scores of shape (n_boxes, n_classes), in the order of anchors, then rows, then
        columns of the grid.

    Strict
    ------
    ValueError if the channels are not n_anchors * (5 + n_classes) for some n_classes of 1 or more.

    Examples
    --------
    >>> decode_grid(np.zeros((6, 1, 2)), np.array([[4.0, 2.0]]), 8.0).boxes
    array([[ 2.,  3.,  6.,  5.],
           [10.,  3., 14.,  5.]])
    """
    logits = np.asarray(logits, dtype=np.float64)
    anchors = np.asarray(anchors, dtype=np.float64)
    n_anchors = len(anchors)
    channels, height, width = logits.shape
    if n_anchors == 0 or channels % n_anchors or channels // n_anchors < 6:
        raise ValueError("channels do not fit the anchors")
    t = logits.reshape(n_anchors, channels // n_anchors, height, width)
    columns = np.arange(width)
    rows = np.arange(height)[:, None]
    x = stride * (columns + _sigmoid(t[:, 0]))
    y = stride * (rows + _sigmoid(t[:, 1]))
    w = anchors[:, 0, None, None] * np.exp(t[:, 2])
    h = anchors[:, 1, None, None] * np.exp(t[:, 3])
    boxes = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=-1).reshape(-1, 4)
    scores = _sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:])
    scores = scores.transpose(0, 2, 3, 1).reshape(-1, t.shape[1] - 5)
    return Decoded(boxes, scores)


def detect(grids: list[np.ndarray], anchors: list[np.ndarray], strides: list[float], threshold: float) -> Detections:
    """Return each pair of a box and a class with a score above the threshold, from all grids, highest score first.

    A box may occur with several classes. Ties are in the order of the grids, then of the boxes, then of the classes.

    Parameters
    ----------
    grids, anchors, strides : lists of equal length
        The arguments of decode_grid for each grid. All have the same classes.
    threshold : float

    Examples
    --------
    >>> logits = np.full((7, 1, 1), 2.0)
    >>> detect([logits, logits + 1], [np.array([[4.0, 2.0]])] * 2, [8.0, 16.0], 0.8).labels
    array([0, 1])
    """
    boxes, scores, labels = [np.zeros((0, 4))], [np.zeros(0)], [np.zeros(0, dtype=int)]
    for g, a, s in zip(grids, anchors, strides):
        decoded = decode_grid(g, a, s)
        box, label = np.nonzero((decoded.scores > threshold) & (np.arange(decoded.scores.shape[1]) == decoded.scores.argmax(1)[:, None]))
        boxes.append(decoded.boxes[box])
        scores.append(decoded.scores[box, label])
        labels.append(label)
    boxes, scores, labels = np.concatenate(boxes), np.concatenate(scores), np.concatenate(labels)
    order = np.argsort(-scores, kind="stable")
    return Detections(boxes[order], scores[order], labels[order])
