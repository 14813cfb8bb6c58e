# different style; both bars
import math
from typing import NamedTuple

import numpy as np

LOG2 = math.log(2.0)


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _term(p, q):
    if p == 0.0:
        return 0.0
    if q == 0.0:
        return math.inf
    mp, ep = math.frexp(p)
    mq, eq = math.frexp(q)
    if abs(ep - eq) <= 1:
        return p * math.log1p((math.ldexp(mp, ep - eq) - mq) / mq)
    return p * (math.log(mp / mq) + (ep - eq) * LOG2)


def _add(terms):
    return math.inf if math.inf in terms else math.fsum(terms)


def kl_divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    p, q = np.asarray(p), np.asarray(q)
    if p.shape != q.shape:
        raise ValueError("the shapes differ")
    rows_p, rows_q = p.astype(float).tolist(), q.astype(float).tolist()
    for row in rows_p + rows_q:
        # `not all(>=)` is also true for NaN
        if not all(x >= 0.0 for x in row) or not abs(_add(row) - 1.0) <= 1e-6:
            raise ValueError("each row must be a distribution")
    return np.array([_add([_term(x, y) for x, y in zip(r, s)]) for r, s in zip(rows_p, rows_q)], dtype=float)


def kl_from_log_probs(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    log_p, log_q = np.asarray(log_p, dtype=float), np.asarray(log_q, dtype=float)
    # p * d = sign(d) * exp(log p + log |d|), over the classes that are possible under both
    both = np.isfinite(log_p) & np.isfinite(log_q)
    d = np.subtract(log_p, log_q, out=np.zeros_like(log_p), where=both)
    log_d = np.log(np.abs(d), out=np.full_like(d, -np.inf), where=d != 0)
    out = np.einsum("ij,ij->i", np.sign(d), np.exp(log_p + log_d))
    out[np.any(np.isneginf(log_q) & ~np.isneginf(log_p), axis=1)] = np.inf
    return out


def kl_loss(logits: np.ndarray, p: np.ndarray, reverse: bool = False) -> LossGrad:
    z = np.asarray(logits, dtype=float)
    p = np.asarray(p, dtype=float)
    n = z.shape[0]
    z = z - np.max(z, axis=1)[:, None]
    log_q = z - np.logaddexp.reduce(z, axis=1)[:, None]
    q = np.exp(log_q)
    if reverse:
        # q_k * (r_k - sum_j q_j r_j) = sum_j q_k q_j (r_k - r_j)
        r = log_q - np.log(p)
        loss = np.einsum("ik,ik->", q, r) / n
        pairs = np.einsum("ik,ij,ikj->ikj", q, q, r[:, :, None] - r[:, None, :])
    else:
        # cross-entropy minus entropy; q_k sum_j p_j - p_k = sum_j (q_k p_j - p_k q_j)
        entropy = -np.sum(p * np.log(p, out=np.zeros_like(p), where=p > 0))
        loss = (-np.sum(p * log_q) - entropy) / n
        outer = np.einsum("ik,ij->ikj", q, p)
        pairs = outer - outer.transpose(0, 2, 1)
    return LossGrad(float(loss), pairs.sum(axis=2) / n)
