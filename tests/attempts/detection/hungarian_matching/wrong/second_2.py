# wrong (core): row minima are subtracted first, as in the square Hungarian method, which changes the optimum if there are more rows than columns
"""Bipartite matching of predictions and objects, as in DETR.

DETR predicts a fixed number of boxes, called queries. Each object is matched with one query of its own, so that no
non-maximum suppression is needed. The matching has the least total cost:

    minimise sum_k cost[rows[k], columns[k]]        no row and no column occurs twice

Sources: Carion et al., End-to-end object detection with transformers (2020), section 3.1; Kuhn, The Hungarian method
for the assignment problem (1955); scipy.optimize.linear_sum_assignment for the conventions.
"""

from typing import NamedTuple

import numpy as np
import itertools


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
    P = np.asarray(pred_boxes, float)
    B = np.asarray(boxes, float)
    c = -class_cost * np.asarray(probs, float)[:, labels]
    l1 = np.abs(P[:, None] - B[None]).sum(-1)
    alo, ahi = P[:, None, :2] - P[:, None, 2:] / 2, P[:, None, :2] + P[:, None, 2:] / 2
    blo, bhi = B[None, :, :2] - B[None, :, 2:] / 2, B[None, :, :2] + B[None, :, 2:] / 2
    side = np.minimum(ahi, bhi) - np.maximum(alo, blo)
    inter = np.maximum(side, 0).prod(-1)
    union = P[:, None, 2:].prod(-1) + B[None, :, 2:].prod(-1) - inter
    hull = (np.maximum(ahi, bhi) - np.minimum(alo, blo)).prod(-1)
    iou = np.divide(inter, union, out=np.zeros_like(inter), where=union != 0)
    gap = np.divide(hull - union, hull, out=np.zeros_like(inter), where=hull != 0)
    giou = iou - gap
    return c + bbox_cost * l1 - giou_cost * giou


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
    C = np.asarray(cost, float)
    n, m = C.shape
    if m:
        C = C - C.min(axis=1, keepdims=True)
    flip = n > m
    W = C.T if flip else C
    best, arg = np.inf, ()
    for p in itertools.permutations(range(W.shape[1]), W.shape[0]):
        total = sum(W[i, j] for i, j in enumerate(p))
        if total < best:
            best, arg = total, p
    a = np.arange(W.shape[0])
    b = np.array(arg, dtype=int)
    if flip:
        a, b = b, a
    order = np.argsort(a)
    return Matching(a[order], b[order])
