# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def kl_divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    for x in (p, q):
        if np.any(x < 0) or np.any(np.abs(x.sum(axis=1) - 1) > 1e-6):
            raise ValueError("rows must be distributions")
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
    return terms.sum(axis=1)


def kl_from_log_probs(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    p = np.exp(log_p)
    with np.errstate(invalid="ignore"):
        terms = np.where(p > 0, p * (log_p - log_q), 0.0)
    return terms.sum(axis=1)


def kl_loss(logits: np.ndarray, p: np.ndarray, reverse: bool = False) -> LossGrad:
    n = len(logits)
    z = logits - logits.max(axis=1, keepdims=True)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    q = np.exp(log_q)
    if reverse:
        diff = log_q - np.log(p)
        kl = (q * diff).sum(axis=1, keepdims=True)
        grad = q * (diff - kl) / n
    else:
        log_p = np.log(np.where(p > 0, p, 1.0))
        kl = (p * (log_p - log_q)).sum(axis=1)
        grad = (q - p) / n
    return LossGrad(float(kl.mean()), grad)
