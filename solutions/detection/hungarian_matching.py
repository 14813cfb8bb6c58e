"""Bipartite matching of predictions and objects, as in DETR.

DETR predicts a fixed number of boxes, called queries. Each object is matched with one query of its own, so that no
non-maximum suppression is needed. The matching has the least total cost:

    minimise sum_k cost[rows[k], columns[k]]        no row and no column occurs twice

Sources: Carion et al., End-to-end object detection with transformers (2020), section 3.1; Kuhn, The Hungarian method
for the assignment problem (1955); scipy.optimize.linear_sum_assignment for the conventions.
"""

from typing import NamedTuple

import numpy as np


class Matching(NamedTuple):
    """Matched pairs: row rows[k] goes with column columns[k]."""

    rows: np.ndarray
    columns: np.ndarray


def detr_cost(
    probs: np.ndarray,
    pred_boxes: np.ndarray,
    labels: np.ndarray,
    boxes: np.ndarray,
    class_cost: float = 1.0,
    bbox_cost: float = 5.0,
    giou_cost: float = 2.0,
) -> np.ndarray:
    """Return the cost of each query i for each object j.

        cost[i, j] = - class_cost * probs[i, labels[j]]
                     + bbox_cost * sum |pred_boxes[i] - boxes[j]|
                     - giou_cost * GIoU(pred_boxes[i], boxes[j])

        GIoU(A, B) = IoU(A, B) - (area(C) - area(A or B)) / area(C)       C: the smallest box that holds A and B

    Parameters
    ----------
    probs : array of shape (n_queries, n_classes)
    pred_boxes, boxes : arrays of shapes (n_queries, 4) and (n_objects, 4)
        Rows: centre x, centre y, width, height. The second term compares these four numbers.
    labels : integer array of shape (n_objects,)

    Strict
    ------
    - Boxes may be as small as 1e-3. A fraction whose denominator is 0 counts as 0.
    - Boxes may be integers of any type.
    - ValueError if a label is not in 0, ..., n_classes - 1, or a width or height is negative.

    Examples
    --------
    >>> probs, label = np.array([[0.5, 0.3, 0.2]]), np.array([1])
    >>> detr_cost(probs, np.array([[4.0, 4.0, 2.0, 2.0]]), label, np.array([[5.0, 4.0, 2.0, 2.0]])).round(3)
    array([[4.033]])
    """
    _check(probs, pred_boxes, labels, boxes)
    a, b = pred_boxes[:, None].astype(float), boxes
    distance = np.abs(a - b).sum(axis=-1)
    return bbox_cost * distance - class_cost * probs[:, labels] - giou_cost * _giou(_corners(a), _corners(b))


def match(cost: np.ndarray) -> Matching:
    """Return a matching of least total cost. If there are several, any of them.

    Rows are in ascending order. Of n rows and m columns, min(n, m) pairs are matched. Costs may be negative.

    Parameters
    ----------
    cost : array of shape (n, m)
        n or m may be 0. The core rules have at most 6 rows and 6 columns: there you may try all matchings.

    Strict
    ------
    - 200 rows and columns: O(n**3) time.
    - Costs may be integers of any type.
    - ValueError if a cost is not finite.

    Examples
    --------
    >>> match(np.array([[1.0, 2.0, 9.0], [2.0, 9.0, 9.0]]))
    Matching(rows=array([0, 1]), columns=array([1, 0]))
    """
    table = _wide(cost)
    n, m = table.shape
    owner, u, v = np.full(m, -1), np.empty(n), np.zeros(m)
    for row in range(n):
        # Dijkstra's shortest path from the row to a free column, over costs less potentials, which are never negative.
        distance, previous, done = table[row] - v, np.full(m, -1), np.zeros(m, dtype=bool)
        for _ in range(m):
            column = int(np.argmin(np.where(done, np.inf, distance)))
            if owner[column] < 0:
                break
            done[column], at = True, owner[column]
            through = distance[column] + table[at] - u[at] - v
            closer = ~done & (through < distance)
            distance[closer], previous[closer] = through[closer], column
        u[row] = distance[column]
        u[owner[done]] += distance[column] - distance[done]
        v[done] -= distance[column] - distance[done]
        _shift(owner, previous, column, row)
    return _matching(owner, cost)


def _check(probs: np.ndarray, pred_boxes: np.ndarray, labels: np.ndarray, boxes: np.ndarray) -> None:
    """Refuse labels that are no class, and negative sizes."""
    if ((labels < 0) | (labels >= probs.shape[1])).any():
        raise ValueError(f"a label is not in 0, ..., {probs.shape[1] - 1}")
    if (pred_boxes[:, 2:] < 0).any() or (boxes[:, 2:] < 0).any():
        raise ValueError("a width or a height is negative")


def _corners(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper corners."""
    centre, size = boxes[..., :2], boxes[..., 2:]
    return centre - size / 2, centre + size / 2


def _giou(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the GIoU of boxes that are given by their corners."""
    both = np.maximum(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0).prod(axis=-1)
    either = (a[1] - a[0]).prod(axis=-1) + (b[1] - b[0]).prod(axis=-1) - both
    around = (np.maximum(a[1], b[1]) - np.minimum(a[0], b[0])).prod(axis=-1)
    return _share(both, either) - _share(around - either, around)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, by 1 where the whole is nothing: then so is its part."""
    return part / np.where(whole > 0, whole, 1)


def _wide(cost: np.ndarray) -> np.ndarray:
    """Return the costs with no more rows than columns."""
    if not np.isfinite(cost).all():
        raise ValueError("a cost is not finite")
    return cost if len(cost) <= cost.shape[1] else cost.T


def _shift(owner: np.ndarray, previous: np.ndarray, column: int, row: int) -> None:
    """Give the column to the owner of the column before it on the path, and so on; the first one to the new row."""
    while previous[column] >= 0:
        owner[column] = owner[previous[column]]
        column = previous[column]
    owner[column] = row


def _matching(owner: np.ndarray, cost: np.ndarray) -> Matching:
    """Return the pairs, given the owner of each column of the wide table or -1."""
    columns = np.flatnonzero(owner >= 0)
    rows = owner[columns]
    if len(cost) > cost.shape[1]:
        return Matching(columns, rows)
    order = np.argsort(rows)
    return Matching(rows[order], columns[order])


def detr_cost_via_loop(
    probs: np.ndarray,
    pred_boxes: np.ndarray,
    labels: np.ndarray,
    boxes: np.ndarray,
    class_cost: float = 1.0,
    bbox_cost: float = 5.0,
    giou_cost: float = 2.0,
) -> np.ndarray:
    """Go pair by pair, in plain Python."""
    _check(probs, pred_boxes, labels, boxes)
    table = np.empty((len(pred_boxes), len(boxes)))
    for i, a in enumerate(pred_boxes.tolist()):
        for j, b in enumerate(boxes.tolist()):
            (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = (
                (x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in (a, b)
            )
            width, height = min(ax2, bx2) - max(ax1, bx1), min(ay2, by2) - max(ay1, by1)
            both = max(width, 0.0) * max(height, 0.0)
            around = (max(ax2, bx2) - min(ax1, bx1)) * (max(ay2, by2) - min(ay1, by1))
            either = a[2] * a[3] + b[2] * b[3] - both
            giou = (both / either if either else 0.0) - ((around - either) / around if around else 0.0)
            distance = sum(abs(p - t) for p, t in zip(a, b, strict=True))
            table[i, j] = bbox_cost * distance - class_cost * probs[i, labels[j]] - giou_cost * giou
    return table


def detr_cost_via_distances(
    probs: np.ndarray,
    pred_boxes: np.ndarray,
    labels: np.ndarray,
    boxes: np.ndarray,
    class_cost: float = 1.0,
    bbox_cost: float = 5.0,
    giou_cost: float = 2.0,
) -> np.ndarray:
    """Without corners: on each axis, overlap and extent follow from the sizes and the distance of the centres."""
    _check(probs, pred_boxes, labels, boxes)
    table = -class_cost * (probs @ np.eye(probs.shape[1])[:, labels])
    both, around, area_a, area_b = 1.0, 1.0, 1.0, 1.0
    for axis in (0, 1):
        a, b = pred_boxes[:, axis].astype(float), boxes[:, axis].astype(float)
        size_a, size_b = pred_boxes[:, axis + 2].astype(float), boxes[:, axis + 2].astype(float)
        apart, half = np.abs(np.subtract.outer(a, b)), np.add.outer(size_a, size_b) / 2
        table += bbox_cost * (apart + np.abs(np.subtract.outer(size_a, size_b)))
        both = both * np.maximum(np.minimum(np.minimum.outer(size_a, size_b), half - apart), 0)
        around = around * np.maximum(np.maximum.outer(size_a, size_b), half + apart)
        area_a, area_b = area_a * size_a, area_b * size_b
    either = np.add.outer(area_a, area_b) - both
    iou = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
    covered = np.divide(either, around, out=np.ones_like(both), where=around > 0)
    return table - giou_cost * (iou + covered - 1)


def match_via_flow(cost: np.ndarray) -> Matching:
    """Extend the matching by one row at a time along a cheapest path, found by Bellman and Ford: no potentials."""
    table = _wide(cost).astype(float)
    n, m = table.shape
    owner = np.full(m, -1)
    for row in range(n):
        distance, previous = table[row].copy(), np.full(m, -1)
        taken = np.flatnonzero(owner >= 0)
        # To take a column from its owner saves its cost, and then costs what the owner takes instead.
        change = table[owner[taken]] - table[owner[taken], taken][:, None]
        for _ in range(len(taken)):
            through = distance[taken, None] + change
            best = through.argmin(axis=0)
            lower = through[best, np.arange(m)]
            better = lower < distance - 1e-15 * np.abs(table).max()
            if not better.any():
                break
            distance[better], previous[better] = lower[better], taken[best[better]]
        column = int(np.argmin(np.where(owner < 0, distance, np.inf)))
        _shift(owner, previous, column, row)
    return _matching(owner, cost)


def match_via_exchanges(cost: np.ndarray) -> Matching:
    """Start from any matching, and let rows exchange their columns in a ring as long as that saves something.

    Rows that cost nothing are added until there are as many as columns: they own what is left.
    """
    wide = _wide(cost)
    n, m = wide.shape
    table = np.concatenate([wide, np.zeros((m - n, m))])
    columns = np.arange(m)
    for _ in range(2_000):
        change = table[:, columns] - table[np.arange(m), columns][:, None]
        ring = _ring(change)
        if not ring or sum(change[ring, [*ring[1:], ring[0]]]) >= 0:
            break
        columns[ring] = columns[[*ring[1:], ring[0]]]
    else:
        raise ValueError("the exchanges do not end")
    owner = np.argsort(columns)
    return _matching(np.where(owner < n, owner, -1), cost)


def _ring(change: np.ndarray) -> list[int]:
    """Return rows in a ring such that it saves something if each takes the column of the next; none if there are none.

    change[i, k] is what it costs if row i takes the column of row k.
    """
    m = len(change)
    saved, following = np.zeros(m), np.full(m, -1)
    for _ in range(m):
        through = change + saved
        best = through.argmin(axis=1)
        lower = through[np.arange(m), best]
        better = lower < saved - 1e-15 * np.abs(change).max()
        saved[better], following[better] = lower[better], best[better]
        # Follow each row m steps: who has not come to an end by then is in a ring.
        ends = np.append(following, -1)
        for _ in range(m.bit_length()):
            ends = ends[ends]
        if (ends >= 0).any():
            ring = [int(ends.max())]
            while following[ring[-1]] != ring[0]:
                ring.append(int(following[ring[-1]]))
            return ring
    return []
