# wrong (core): hardness is 1 - p of the background, which is rounded to 1 for very hard negatives
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def hard_negative_mask(loss: np.ndarray, is_positive: np.ndarray, ratio: int = 3) -> np.ndarray:
    """Return True for the negatives that count: in each image those with the largest loss."""
    if ratio < 0:
        raise ValueError("ratio must not be negative")
    loss = np.asarray(loss, dtype=float)
    is_positive = np.asarray(is_positive, dtype=bool)
    mask = np.zeros(loss.shape, dtype=bool)
    for i in range(len(loss)):
        negatives = np.flatnonzero(~is_positive[i])
        k = ratio * int(is_positive[i].sum())
        order = np.argsort(-loss[i, negatives], kind="stable")
        mask[i, negatives[order[:k]]] = True
    return mask


def mined_cross_entropy(logits: np.ndarray, labels: np.ndarray, ratio: int = 3) -> LossGrad:
    """Return the loss of a batch, with its gradient."""
    logits = np.asarray(logits, dtype=float)
    labels = np.asarray(labels).astype(int)
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    ce = -np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    positive = labels > 0
    n = int(positive.sum())
    counted = hard_negative_mask(1 - np.exp(log_p[..., 0]), positive, ratio) | positive
    if n == 0:
        return LossGrad(0.0, np.zeros(logits.shape))
    one_hot = labels[..., None] == np.arange(logits.shape[-1])
    grad = (np.exp(log_p) - one_hot) * counted[..., None] / n
    return LossGrad(float(ce[counted].sum() / n), grad)
