# wrong (core): triplet gradients divided by the number of active triplets instead of all
"""Losses on embeddings, the triplet loss and InfoNCE, with the gradients.

Row i of each array is the embedding of one sample. Similar samples should come to lie near each other:

    triplet loss  mean over i of max(0, d(a_i, p_i) - d(a_i, n_i) + margin)
                  d(x, y) = ||x - y||                                 Euclidean, not squared, no eps

    InfoNCE       u_i = a_i / ||a_i||      v_j = b_j / ||b_j||      s_ij = u_i . v_j / temperature
                  mean over i of (CE(row i of s, i) + CE(column i of s, i)) / 2
                  CE(z, i) = -log(exp(z_i) / sum_j exp(z_j))

In InfoNCE a_i and b_i are a pair, and all other rows of the batch are negatives. Gradients are with respect to the
arrays as given, before they are normalised.

Source: Schroff et al., FaceNet (2015), section 3.1, with squared distances; Radford et al., Learning Transferable
Visual Models From Natural Language Supervision (2021), section 2.3.

Strict
------
- Distances of 1e-6 and norms of 1e-5 count in full.
- ValueError if the arrays of a call differ in shape.
"""

from typing import NamedTuple

import numpy as np


class TripletLoss(NamedTuple):
    """The mean loss, and its gradients, each in the shape of its array."""

    loss: float
    grad_anchor: np.ndarray
    grad_positive: np.ndarray
    grad_negative: np.ndarray


class PairLoss(NamedTuple):
    """The mean loss, and its gradients, each in the shape of its array."""

    loss: float
    grad_a: np.ndarray
    grad_b: np.ndarray


def triplet_loss(anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0) -> TripletLoss:
    """Return the triplet loss and its gradients.

    A triplet whose difference plus margin is at most 0 has gradients of 0, but counts in the mean. A distance of 0 has
    the gradient 0.

    Parameters
    ----------
    anchor, positive, negative : arrays of shape (n_samples, n_features)
    margin : float
        At least 0.

    Examples
    --------
    >>> a, p, n = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]), np.array([[0.0, 2.0]])
    >>> step = triplet_loss(a, p, n, margin=1.0)
    >>> step.loss, step.grad_anchor, step.grad_positive, step.grad_negative
    (4.0, array([[-0.6,  0.2]]), array([[0.6, 0.8]]), array([[ 0., -1.]]))
    """
    anchor, positive, negative = (np.asarray(z, dtype=float) for z in (anchor, positive, negative))
    if not anchor.shape == positive.shape == negative.shape:
        raise ValueError("shapes differ")
    n = len(anchor)
    to_p, to_n = anchor - positive, anchor - negative
    d_p = np.linalg.norm(to_p, axis=1, keepdims=True)
    d_n = np.linalg.norm(to_n, axis=1, keepdims=True)
    hinge = d_p - d_n + margin
    active = hinge > 0
    unit_p = to_p / np.where(d_p > 0, d_p, 1)
    unit_n = to_n / np.where(d_n > 0, d_n, 1)
    loss = float(np.where(active, hinge, 0).mean())
    weight = active / max(active.sum(), 1)
    return TripletLoss(loss, weight * (unit_p - unit_n), -weight * unit_p, weight * unit_n)


def info_nce(a: np.ndarray, b: np.ndarray, temperature: float = 0.07) -> PairLoss:
    """Return the symmetric InfoNCE loss and its gradients.

    Parameters
    ----------
    a, b : arrays of shape (n_samples, n_features)
        No row is 0.
    temperature : float
        Above 0. It may be as small as 1e-3.

    Examples
    --------
    >>> loss, grad_a, grad_b = info_nce(np.array([[2.0, 0.0], [0.0, 1.0]]), np.eye(2), temperature=1 / np.log(3))
    >>> round(loss, 4)  # log(4 / 3)
    0.2877
    >>> grad_a.round(4)
    array([[0.    , 0.0687],
           [0.1373, 0.    ]])
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    n = len(a)
    norm_a = np.linalg.norm(a, axis=1, keepdims=True)
    norm_b = np.linalg.norm(b, axis=1, keepdims=True)
    u, v = a / norm_a, b / norm_b
    s = u @ v.T / temperature
    rows = s - s.max(axis=1, keepdims=True)
    rows = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    columns = s - s.max(axis=0, keepdims=True)
    columns = columns - np.log(np.exp(columns).sum(axis=0, keepdims=True))
    loss = float(-(np.diag(rows) + np.diag(columns)).mean() / 2)
    grad_s = (np.exp(rows) + np.exp(columns) - 2 * np.eye(n)) / (2 * n)
    grad_u = grad_s @ v / temperature
    grad_v = grad_s.T @ u / temperature
    grad_a = (grad_u - u * (u * grad_u).sum(axis=1, keepdims=True)) / norm_a
    grad_b = (grad_v - v * (v * grad_v).sum(axis=1, keepdims=True)) / norm_b
    return PairLoss(loss, grad_a, grad_b)
