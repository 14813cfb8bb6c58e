# wrong (core): nan_to_num for 0 * inf also turns an infinite divergence into 1.8e308
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _terms(p, log_p, log_q):
    """p * (log p - log q), 0 where log p is -inf, inf where only log q is."""
    some = log_p > -np.inf
    never = some & (log_q == -np.inf)
    ok = some & ~never
    out = np.zeros(p.shape)
    out[ok] = p[ok] * (log_p[ok] - log_q[ok])
    out[never] = np.inf
    return out


def _log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def kl_divergence(p, q):
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if p.shape != q.shape:
        raise ValueError("shapes differ")
    if not (np.all(p >= 0) and np.all(q >= 0)):
        raise ValueError("negative or NaN entry")
    for d in (p, q):
        if np.any(np.abs(d.sum(axis=1) - 1) > 1e-6):
            raise ValueError("a row does not add up to 1")
    return _terms(p, _log(p), _log(q)).sum(axis=1)


def kl_from_log_probs(log_p, log_q):
    log_p, log_q = np.asarray(log_p, dtype=np.float64), np.asarray(log_q, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.exp(log_p) * (log_p - log_q)).sum(axis=1)


def kl_loss(logits, p, reverse=False):
    logits, p = np.asarray(logits, dtype=np.float64), np.asarray(p, dtype=np.float64)
    n = len(logits)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    q = np.exp(log_q)
    log_p = _log(p)
    if reverse:
        rows = _terms(q, log_q, log_p).sum(axis=1)
        loss = rows.mean()
        grad = q * (log_q - log_p - rows[:, None]) / n
    else:
        loss = _terms(p, log_p, log_q).sum(axis=1).mean()
        grad = (q - p) / n
    return LossGrad(float(loss), grad)
