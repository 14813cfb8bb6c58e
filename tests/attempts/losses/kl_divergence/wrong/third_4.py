# wrong (core): rows that add up to less than 1 are accepted: no absolute value
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
    p, q = np.asarray(p).astype(float), np.asarray(q).astype(float)
    if p.shape != q.shape:
        raise ValueError("the shapes differ")
    for a in (p, q):
        if not (a >= 0).all():
            raise ValueError("an entry is negative or NaN")
        if (a.sum(axis=1) - 1.0 > 1e-6).any():
            raise ValueError("a row does not add up to 1")
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
    log_p, log_q = np.asarray(log_p).astype(float), np.asarray(log_q).astype(float)
    present = ~np.isneginf(log_p)
    missing = present & np.isneginf(log_q)
    use = present & ~missing
    difference = np.where(use, log_p, 0.0) - np.where(use, log_q, 0.0)
    terms = np.where(missing, np.inf, np.exp(log_p) * difference)
    return terms.sum(axis=1)


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
    logits, p = np.asarray(logits).astype(float), np.asarray(p).astype(float)
    n_samples = len(logits)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    q = np.exp(log_q)
    if reverse:
        ratio = log_q - np.log(p)
        divergence = (q * ratio).sum(axis=1)
        grad = q * (ratio - divergence[:, None]) / n_samples
    else:
        ratio = np.log(np.where(p > 0, p, 1.0)) - log_q
        divergence = (p * ratio).sum(axis=1)
        grad = (q - p) / n_samples
    return LossGrad(float(divergence.mean()), grad)
