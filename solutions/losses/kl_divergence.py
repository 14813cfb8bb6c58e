"""The Kullback-Leibler divergence of discrete distributions, and both directions as a loss.

    KL(p, q) = sum_k p_k * log(p_k / q_k)        natural logarithm

A class with p_k = 0 adds 0, also if q_k is 0. The divergence is inf if q_k = 0 for a class with p_k > 0. KL(p, q) and
KL(q, p) differ. No eps and no clipping: results follow the formula.

Arrays have the shape (n_samples, n_classes), with one distribution in each row.

Source: Cover and Thomas, Elements of Information Theory (2006), section 2.3.

Strict
------
- Probabilities as small as 1e-310 count as they are. Arrays may hold integers.
- kl_from_log_probs: inf if log_q is -inf and log_p is not, even if exp(log_p) rounds to 0.
- kl_divergence: ValueError if the shapes differ, an entry is NaN, or a sum is more than 1e-6 away from 1.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def kl_divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return KL(p, q) of each row, an array of shape (n_samples,).

    Raises
    ------
    ValueError
        If an entry is negative, or a row of p or q does not add up to 1. Rounding is allowed for.

    Examples
    --------
    >>> p, q = np.array([[0.5, 0.5, 0.0]]), np.array([[0.25, 0.5, 0.25]])
    >>> kl_divergence(p, q).round(6)  # log(2) / 2
    array([0.346574])
    >>> kl_divergence(q, p)
    array([inf])
    """
    if p.shape != q.shape:
        raise ValueError(f"p of shape {p.shape} needs a q of the same, not of {q.shape}")
    for name, rows in (("p", p), ("q", q)):
        if not (rows >= 0).all():
            raise ValueError(f"{name} has an entry that is no probability")
        if not (np.abs(rows.sum(axis=1) - 1) <= 1e-6).all():
            raise ValueError(f"{name} has a row whose sum is not 1")
    with np.errstate(divide="ignore"):
        return kl_from_log_probs(np.log(p), np.log(q))


def kl_from_log_probs(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """Return KL(p, q) of each row from the logarithms of p and q.

    The rows are distributions and are not checked. A logarithm may be -inf, or so low that the probability rounds to
    0, such as -1e4.

    Examples
    --------
    >>> kl_from_log_probs(np.array([[0.0, -np.inf]]), np.array([[-10000.0, 0.0]]))
    array([10000.])
    """
    with np.errstate(invalid="ignore"):
        gap = log_p - log_q
        # A class that q lacks is decided by the gap: its probability under p may round to 0.
        terms = np.where(gap == np.inf, np.inf, np.exp(log_p) * gap)
    return np.where(log_p > -np.inf, terms, 0).sum(axis=1)


def kl_loss(logits: np.ndarray, p: np.ndarray, reverse: bool = False) -> LossGrad:
    """Return the mean divergence between p and q = softmax(logits), and its gradient with respect to the logits.

    Parameters
    ----------
    logits : array of shape (n_samples, n_classes)
        As large as 1e4.
    p : array of shape (n_samples, n_classes)
        Fixed distributions, not checked. No entry is 0 if reverse is True.
    reverse : bool
        The loss is the mean over the samples of KL(p, q), or of KL(q, p) if reverse is True.

    Examples
    --------
    >>> logits, p = np.array([[0.0, 0.0]]), np.array([[0.2, 0.8]])
    >>> loss, grad = kl_loss(logits, p)
    >>> round(loss, 6), grad.round(6)
    (0.192745, array([[ 0.3, -0.3]]))
    >>> loss, grad = kl_loss(logits, p, reverse=True)
    >>> round(loss, 6), grad.round(6)
    (0.223144, array([[ 0.346574, -0.346574]]))
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    q = np.exp(log_q)
    with np.errstate(divide="ignore"):
        log_p = np.log(p)
    if not reverse:
        return LossGrad(float(kl_from_log_probs(log_p, log_q).mean()), (q - p) / len(p))
    # q sums to 1, so what all classes have in common in the slope of q * (log q - log p) falls out.
    gap = log_q - log_p
    each = (q * gap).sum(axis=1, keepdims=True)
    return LossGrad(float(each.mean()), q * (gap - each) / len(p))


def kl_divergence_via_cross_entropy(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Subtract the entropy of p from the cross-entropy, row by row over the classes that p has."""
    if p.shape != q.shape or not all(_is_distribution(rows) for rows in (p, q)):
        raise ValueError("p and q are no distributions over the same classes")
    found = []
    for mine, theirs in zip(p, q, strict=True):
        kept = mine > 0
        with np.errstate(divide="ignore"):
            found.append(mine[kept] @ np.log(mine[kept]) - mine[kept] @ np.log(theirs[kept]))
    return np.array(found)


def _is_distribution(rows: np.ndarray) -> bool:
    return bool(rows.min() >= 0 and np.allclose(rows.sum(axis=1), 1, rtol=0, atol=1e-6))


def kl_divergence_via_loop(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Treat one class at a time, in plain Python."""
    found = []
    for mine, theirs in zip(p.tolist(), q.tolist(), strict=True):
        for row in (mine, theirs):
            if not (all(each >= 0 for each in row) and abs(math.fsum(row) - 1) <= 1e-6):
                raise ValueError(f"{row} is no distribution")
        terms = [
            (math.inf if there == 0 else here * (math.log(here) - math.log(there)))
            for here, there in zip(mine, theirs, strict=True)
            if here > 0
        ]
        found.append(math.fsum(terms))
    return np.array(found)


def kl_from_log_probs_via_cross_entropy(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """Subtract the entropy of p from the cross-entropy, row by row over the classes that p has."""
    found = np.full(len(log_p), np.inf)
    for i, (mine, theirs) in enumerate(zip(log_p, log_q, strict=True)):
        kept = ~np.isneginf(mine)
        if not np.isneginf(theirs[kept]).any():
            weights = np.exp(mine[kept])
            found[i] = weights @ mine[kept] - weights @ theirs[kept]
    return found


def kl_from_log_probs_via_loop(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """Treat one class at a time, in plain Python."""
    found = []
    for mine, theirs in zip(log_p.tolist(), log_q.tolist(), strict=True):
        total = 0.0
        for here, there in zip(mine, theirs, strict=True):
            if here > -math.inf:
                total += math.exp(here) * (here - there) if there > -math.inf else math.inf
        found.append(total)
    return np.array(found)


def kl_loss_via_jacobian(logits: np.ndarray, p: np.ndarray, reverse: bool = False) -> LossGrad:
    """Multiply the slope for log q or for q by the derivative of the softmax, one sample at a time."""
    losses, grad = [], []
    for row, target in zip(logits, p, strict=True):
        log_q = row - np.logaddexp.reduce(row)
        q = np.exp(log_q)
        if reverse:
            losses.append(q @ (log_q - np.log(target)))
            # The slope for q is 1 more everywhere, which the matrix maps to 0.
            grad.append((np.diag(q) - np.outer(q, q)) @ (log_q - np.log(target)))
        else:
            kept = target > 0
            losses.append(target[kept] @ (np.log(target[kept]) - log_q[kept]))
            grad.append(target @ (q - np.eye(len(q))))
    return LossGrad(float(np.average(losses)), np.array(grad) / len(grad))


def kl_loss_via_loop(logits: np.ndarray, p: np.ndarray, reverse: bool = False) -> LossGrad:
    """Treat one sample at a time, in plain Python."""
    losses, grad = [], []
    for row, target in zip(logits.tolist(), p.tolist(), strict=True):
        top = max(row)
        log_total = top + math.log(math.fsum(math.exp(z - top) for z in row))
        log_q = [z - log_total for z in row]
        if reverse:
            gaps = [mine - math.log(theirs) for mine, theirs in zip(log_q, target, strict=True)]
            losses.append(math.fsum(math.exp(mine) * gap for mine, gap in zip(log_q, gaps, strict=True)))
            slopes = [math.exp(mine) * (gap - losses[-1]) for mine, gap in zip(log_q, gaps, strict=True)]
        else:
            pairs = list(zip(target, log_q, strict=True))
            losses.append(math.fsum(theirs * (math.log(theirs) - mine) for theirs, mine in pairs if theirs))
            slopes = [math.exp(mine) - theirs for theirs, mine in pairs]
        grad.append([slope / len(p) for slope in slopes])
    return LossGrad(math.fsum(losses) / len(losses), np.array(grad))
