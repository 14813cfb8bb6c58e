# wrong (core): the overlap is clipped after the product of its sides, so two negative sides give a positive area
"""Bipartite matching of predictions and objects, as in DETR."""

from itertools import permutations
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
    """Return the cost of each query i for each object j."""
    pred = np.asarray(pred_boxes, dtype=float)[:, None, :]
    true = np.asarray(boxes, dtype=float)[None, :, :]
    if (labels < 0).any() or (labels >= probs.shape[1]).any():
        raise ValueError("label out of range")
    if (pred[..., 2:] < 0).any() or (true[..., 2:] < 0).any():
        raise ValueError("negative width or height")
    low_p, high_p = pred[..., :2] - pred[..., 2:] / 2, pred[..., :2] + pred[..., 2:] / 2
    low_t, high_t = true[..., :2] - true[..., 2:] / 2, true[..., :2] + true[..., 2:] / 2
    overlap = np.minimum(high_p, high_t) - np.maximum(low_p, low_t)
    inter = np.clip(overlap.prod(axis=-1), 0, None)
    union = pred[..., 2:].prod(axis=-1) + true[..., 2:].prod(axis=-1) - inter
    hull = (np.maximum(high_p, high_t) - np.minimum(low_p, low_t)).prod(axis=-1)
    iou = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
    giou = iou - np.divide(hull - union, hull, out=np.zeros_like(inter), where=hull > 0)
    l1 = np.abs(pred - true).sum(axis=-1)
    return -class_cost * probs[:, labels] + bbox_cost * l1 - giou_cost * giou


def match(cost: np.ndarray) -> Matching:
    """Return a matching of least total cost."""
    cost = np.asarray(cost, dtype=float)
    if not np.isfinite(cost).all():
        raise ValueError("costs must be finite")
    n, m = cost.shape
    if n > m:
        columns, rows = match(cost.T)
        order = np.argsort(rows)
        return Matching(rows[order], columns[order])
    best, best_columns = np.inf, ()
    for columns in permutations(range(m), n):
        total = sum(cost[i, j] for i, j in enumerate(columns))
        if total < best:
            best, best_columns = total, columns
    return Matching(np.arange(n), np.array(best_columns, dtype=int))
