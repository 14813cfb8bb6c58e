# wrong (core): a copy of row i elsewhere in the batch is not counted as a negative of i
from typing import NamedTuple

import numpy as np


class TripletLoss(NamedTuple):
    loss: float
    grad_anchor: np.ndarray
    grad_positive: np.ndarray
    grad_negative: np.ndarray


class PairLoss(NamedTuple):
    loss: float
    grad_a: np.ndarray
    grad_b: np.ndarray


def _distance(x, y):
    diff = x - y
    dist = np.sqrt((diff**2).sum(axis=1))
    unit = diff / np.where(dist > 0, dist, 1.0)[:, None]
    return dist, unit


def triplet_loss(anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0) -> TripletLoss:
    anchor, positive, negative = (np.asarray(v, dtype=float) for v in (anchor, positive, negative))
    if not anchor.shape == positive.shape == negative.shape:
        raise ValueError("shapes differ")
    n = len(anchor)
    d_p, u_p = _distance(anchor, positive)
    d_n, u_n = _distance(anchor, negative)
    hinge = d_p - d_n + margin
    active = hinge > 0
    weight = active[:, None] / n
    return TripletLoss(
        float(np.maximum(hinge, 0.0).sum() / n), weight * (u_p - u_n), weight * -u_p, weight * u_n
    )


def _back(grad, unit, norm):
    return (grad - (grad * unit).sum(axis=1, keepdims=True) * unit) / norm


def info_nce(a: np.ndarray, b: np.ndarray, temperature: float = 0.07) -> PairLoss:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    n = len(a)
    norm_a = np.linalg.norm(a, axis=1, keepdims=True)
    norm_b = np.linalg.norm(b, axis=1, keepdims=True)
    u, v = a / norm_a, b / norm_b
    s = u @ v.T / temperature
    other = ~np.eye(n, dtype=bool)
    same_a = (a[:, None] == a[None]).all(axis=2) & other
    same_b = (b[:, None] == b[None]).all(axis=2) & other
    rows = np.where(same_b, -np.inf, s)
    cols = np.where(same_a, -np.inf, s)
    rows = rows - rows.max(axis=1, keepdims=True)
    cols = cols - cols.max(axis=0, keepdims=True)
    log_rows = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    log_cols = cols - np.log(np.exp(cols).sum(axis=0, keepdims=True))
    loss = -(np.trace(log_rows) + np.trace(log_cols)) / (2 * n)
    grad_s = (np.exp(log_rows) + np.exp(log_cols) - 2 * np.eye(n)) / (2 * n * temperature)
    return PairLoss(float(loss), _back(grad_s @ v, u, norm_a), _back(grad_s.T @ u, v, norm_b))
