# wrong (strict): sums are checked by isclose, whose rtol of 1e-5 is added to the 1e-6
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _log(a):
    with np.errstate(divide="ignore"):
        return np.log(a)


def _from_logs(p, log_p, log_q):
    inside = log_p > -np.inf
    gap = np.subtract(log_p, log_q, out=np.zeros(log_p.shape), where=inside)
    terms = np.multiply(p, gap, out=np.zeros(log_p.shape), where=inside & (gap < np.inf))
    return np.where(gap == np.inf, np.inf, terms).sum(axis=1)


def _check(a):
    if np.any(~(a >= 0)) or not np.allclose(a.sum(axis=1), 1, atol=1e-6):
        raise ValueError("not a distribution")


def kl_divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    p = np.asarray(p, dtype=float)
    q = np.asarray(q, dtype=float)
    if p.shape != q.shape:
        raise ValueError("shapes differ")
    _check(p)
    _check(q)
    return _from_logs(p, _log(p), _log(q))


def kl_from_log_probs(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    log_p = np.asarray(log_p, dtype=float)
    log_q = np.asarray(log_q, dtype=float)
    return _from_logs(np.exp(log_p), log_p, log_q)


def kl_loss(logits: np.ndarray, p: np.ndarray, reverse: bool = False) -> LossGrad:
    logits = np.asarray(logits, dtype=float)
    p = np.asarray(p, dtype=float)
    n = len(p)
    z = logits - logits.max(axis=1, keepdims=True)
    log_q = z - _log(np.exp(z).sum(axis=1, keepdims=True))
    q = np.exp(log_q)
    log_p = _log(p)
    if reverse:
        kl = _from_logs(q, log_q, log_p)
        grad = q * (log_q - log_p - kl[:, None])
    else:
        kl = _from_logs(p, log_p, log_q)
        grad = q - p
    return LossGrad(float(kl.mean()), grad / n)
