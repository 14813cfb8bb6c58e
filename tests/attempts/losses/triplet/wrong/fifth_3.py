# wrong (core): softmax shifted by the maximum of the whole matrix, underflows at a small temperature
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


def triplet_loss(anchor, positive, negative, margin=1.0):
    a, p, n = (np.asarray(v, dtype=np.float64) for v in (anchor, positive, negative))
    if not a.shape == p.shape == n.shape:
        raise ValueError("shapes differ")
    dp = np.linalg.norm(a - p, axis=1, keepdims=True)
    dn = np.linalg.norm(a - n, axis=1, keepdims=True)
    value = dp - dn + margin
    active = value > 0
    count = len(a)
    up = np.where(active, (a - p) / np.where(dp > 0, dp, 1.0), 0.0) / count
    un = np.where(active, (a - n) / np.where(dn > 0, dn, 1.0), 0.0) / count
    return TripletLoss(float(np.mean(np.maximum(value, 0.0))), up - un, -up, un)


def _log_softmax(z, axis):
    z = z - z.max()
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def info_nce(a, b, temperature=0.07):
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    n = len(a)
    na = np.linalg.norm(a, axis=1, keepdims=True)
    nb = np.linalg.norm(b, axis=1, keepdims=True)
    u, v = a / na, b / nb
    s = u @ v.T / temperature
    rows, cols = _log_softmax(s, 1), _log_softmax(s, 0)
    loss = -(np.trace(rows) + np.trace(cols)) / (2 * n)
    gs = (np.exp(rows) + np.exp(cols) - 2 * np.eye(n)) / (2 * n * temperature)
    gu, gv = gs @ v, gs.T @ u
    ga = (gu - u * (gu * u).sum(axis=1, keepdims=True)) / na
    gb = (gv - v * (gv * v).sum(axis=1, keepdims=True)) / nb
    return PairLoss(float(loss), ga, gb)
