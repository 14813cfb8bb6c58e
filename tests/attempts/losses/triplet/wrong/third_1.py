# wrong (core): where one of the two distances is 0, the whole triplet gets gradients of 0
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


def _check(*arrays):
    arrays = [np.asarray(x, dtype=float) for x in arrays]
    if len({x.shape for x in arrays}) > 1:
        raise ValueError("shapes differ")
    return arrays


def _unit(x):
    d = np.linalg.norm(x, axis=1, keepdims=True)
    return d[:, 0], np.divide(x, d, out=np.zeros_like(x), where=d > 0)


def triplet_loss(anchor, positive, negative, margin=1.0):
    anchor, positive, negative = _check(anchor, positive, negative)
    dp, up = _unit(anchor - positive)
    dn, un = _unit(anchor - negative)
    value = dp - dn + margin
    active = value > 0
    active = active & (dp > 0) & (dn > 0)
    w = active[:, None] / len(anchor)
    return TripletLoss(float(np.maximum(value, 0).mean()), w * (up - un), -w * up, w * un)


def _softmax(s):
    """Return the softmax and the log-softmax of each row."""
    z = s - s.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    return e / total, z - np.log(total)


def info_nce(a, b, temperature=0.07):
    a, b = _check(a, b)
    n = len(a)
    na = np.linalg.norm(a, axis=1, keepdims=True)
    nb = np.linalg.norm(b, axis=1, keepdims=True)
    u, v = a / na, b / nb
    s = u @ v.T / temperature
    p, lp = _softmax(s)
    q, lq = _softmax(s.T)
    loss = -(np.trace(lp) + np.trace(lq)) / (2 * n)
    g = (p + q.T - 2 * np.eye(n)) / (2 * n * temperature)
    gu, gv = g @ v, g.T @ u
    grad_a = (gu - (gu * u).sum(axis=1, keepdims=True) * u) / na
    grad_b = (gv - (gv * v).sum(axis=1, keepdims=True) * v) / nb
    return PairLoss(float(loss), grad_a, grad_b)
