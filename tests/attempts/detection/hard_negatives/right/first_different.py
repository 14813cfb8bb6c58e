# different style; both bars
import heapq
import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def hard_negative_mask(loss: np.ndarray, is_positive: np.ndarray, ratio: int = 3) -> np.ndarray:
    """Return True for the negatives that count: in each image those with the largest loss."""
    if ratio < 0:
        raise ValueError("expected ratio >= 0")
    loss = np.asarray(loss)
    marks = [[False] * loss.shape[1] for _ in range(loss.shape[0])]
    for row, values, positives in zip(marks, loss.tolist(), np.asarray(is_positive).tolist()):
        room = int(ratio) * sum(map(bool, positives))
        negatives = ((-v, j) for j, (v, p) in enumerate(zip(values, positives)) if not p)  # Python numbers: exact
        for _, j in heapq.nsmallest(min(room, len(values)), negatives):
            row[j] = True
    return np.array(marks, dtype=bool).reshape(loss.shape)


def _log_sum_exp(z):
    top = max(z, default=-math.inf)
    return top + math.log(math.fsum(math.exp(v - top) for v in z)) if z else top


def mined_cross_entropy(logits: np.ndarray, labels: np.ndarray, ratio: int = 3) -> LossGrad:
    """Return the loss of a batch, with its gradient.

    Of an anchor, all is told by its margin: log of the odds against its label. Cross-entropy is log(1 + exp(margin)); the
    order of the margins is that of the cross-entropies, also where those are rounded to the same number.
    """
    logits = np.asarray(logits).astype(np.float64)
    labels = np.asarray(labels)
    margins = np.full(labels.shape, -np.inf)
    for i, (rows, classes) in enumerate(zip(logits.tolist(), labels.tolist())):
        for j, (z, c) in enumerate(zip(rows, classes)):
            margins[i, j] = _log_sum_exp([v - z[c] for k, v in enumerate(z) if k != c])
    positive = labels != 0
    n = int(np.count_nonzero(positive))
    chosen = hard_negative_mask(margins, positive, ratio) | positive
    grad = np.zeros(logits.shape)
    terms = []
    if n:
        for i, j in zip(*(axis.tolist() for axis in np.nonzero(chosen))):
            z, c, margin = logits[i, j].tolist(), int(labels[i, j]), float(margins[i, j])
            terms.append(max(margin, 0.0) + math.log1p(math.exp(-abs(margin))))
            total = _log_sum_exp(z)
            grad[i, j] = [math.exp(v - total) / n for v in z]
            grad[i, j, c] = -math.exp(min(margin, 0.0)) / (1 + math.exp(-abs(margin))) / n
    return LossGrad(math.fsum(terms) / max(n, 1), grad)
