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
    _, height, width = logits.shape
    t = logits.astype(np.float64).reshape(len(anchors), -1, height, width)
    if t.shape[1] < 6:
        raise ValueError(f"an anchor has {t.shape[1]} channels, and needs 5 and one for each class")
    x = stride * (np.arange(width) + _sigmoid(t[:, 0]))
    y = stride * (np.arange(height)[:, None] + _sigmoid(t[:, 1]))
    half_width, half_height = (anchors[:, k, None, None] * np.exp(t[:, k + 2]) / 2 for k in (0, 1))
    boxes = np.stack([x - half_width, y - half_height, x + half_width, y + half_height], axis=-1)
    scores = np.moveaxis(_sigmoid(t[:, 4:5]) * _sigmoid(t[:, 5:]), 1, -1)
    return Decoded(boxes.reshape(-1, 4), scores.reshape(-1, scores.shape[-1]))


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
    decoded = [decode_grid(*each) for each in zip(grids, anchors, strides, strict=True)]
    boxes, scores = (np.concatenate(parts) for parts in zip(*decoded, strict=True))
    places, labels = np.nonzero(scores > threshold)
    found = scores[places, labels]
    order = np.argsort(-found, kind="stable")
    return Detections(boxes[places[order]], found[order], labels[order])


def _sigmoid(t: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-t)): an exp that overflows belongs to a sigmoid of 0."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-t))


def decode_grid_via_loop(logits: np.ndarray, anchors: np.ndarray, stride: float) -> Decoded:
    """Go box by box, with channels counted by hand."""
    channels, height, width = logits.shape
    size, left = divmod(channels, len(anchors))
    if left or size < 6:
        raise ValueError(f"{channels} channels are not {len(anchors)} times 5 + n_classes")
    boxes, scores = [], []
    for a, (anchor_width, anchor_height) in enumerate(anchors.tolist()):
        for row in range(height):
            for column in range(width):
                t = logits[a * size : (a + 1) * size, row, column].astype(np.float64)
                shares = _sigmoid(t)
                sides = [anchor_width, anchor_height] * np.exp(t[2:4])
                corner = stride * (np.array([column, row]) + shares[:2]) - sides / 2
                boxes.append([*corner, *(corner + sides)])
                scores.append(shares[4] * shares[5:])
    return Decoded(np.array(boxes), np.array(scores))


def decode_grid_via_rows(logits: np.ndarray, anchors: np.ndarray, stride: float) -> Decoded:
    """Make one row for each box first, and find its cell and its anchor from the number of the row."""
    _, height, width = logits.shape
    parts = np.split(logits.astype(np.float64), len(anchors))
    if len(parts[0]) < 6:
        raise ValueError("there are no classes")
    rows = np.concatenate([part.reshape(len(part), -1).T for part in parts])
    anchor, cell = np.divmod(np.arange(len(rows)), height * width)
    corners = np.column_stack(np.divmod(cell, width)[::-1])
    shares = np.exp(-np.logaddexp(0, -rows))
    halves = np.exp(rows[:, 2:4]) * np.asarray(anchors, dtype=np.float64)[anchor] / 2
    centres = (corners + shares[:, :2]) * stride
    return Decoded(np.concatenate([centres - halves, centres + halves], axis=1), shares[:, 5:] * shares[:, [4]])


def detect_via_loop(
    grids: list[np.ndarray], anchors: list[np.ndarray], strides: list[float], threshold: float
) -> Detections:
    """Collect pairs one by one and sort them: Python's sort is stable."""
    found = []
    for grid, sizes, stride in zip(grids, anchors, strides, strict=True):
        for box, scores in zip(*decode_grid(grid, sizes, stride), strict=True):
            found += [(score, label, box) for label, score in enumerate(scores.tolist()) if score > threshold]
    found.sort(key=lambda each: each[0], reverse=True)
    boxes = np.array([box for _, _, box in found]).reshape(-1, 4)
    return Detections(boxes, np.array([one[0] for one in found]), np.array([one[1] for one in found]))


def detect_via_sort(
    grids: list[np.ndarray], anchors: list[np.ndarray], strides: list[float], threshold: float
) -> Detections:
    """Sort all pairs first, by minus the score and then by place, and cut the list where the threshold is reached."""
    decoded = [decode_grid(*each) for each in zip(grids, anchors, strides, strict=True)]
    scores = np.concatenate([each.scores for each in decoded])
    flat = -scores.ravel()
    order = np.lexsort((np.arange(flat.size), flat))
    order = order[: np.searchsorted(flat[order], -threshold)]
    places, labels = np.divmod(order, scores.shape[1])
    return Detections(np.concatenate([each.boxes for each in decoded])[places], scores.ravel()[order], labels)
