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

import math
from itertools import starmap
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
    if not anchor.shape == positive.shape == negative.shape:
        raise ValueError(f"shapes differ: {anchor.shape}, {positive.shape} and {negative.shape}")
    anchor = anchor.astype(float)  # differences of small integers would overflow
    near, to_positive = _distance(anchor - positive)
    far, to_negative = _distance(anchor - negative)
    slack = near - far + margin
    weight = (slack > 0)[:, np.newaxis] / len(anchor)
    return TripletLoss(
        float(np.maximum(slack, 0).mean()),
        weight * (to_positive - to_negative),
        -weight * to_positive,
        weight * to_negative,
    )


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
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    n_samples = len(a)
    norm_a, norm_b = (np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    u, v = a / norm_a, b / norm_b
    s = u @ v.T / temperature
    by_row, by_column = _log_softmax(s, axis=1), _log_softmax(s, axis=0)
    loss = -np.trace(by_row + by_column) / (2 * n_samples)
    grad_s = (np.exp(by_row) + np.exp(by_column) - 2 * np.eye(n_samples)) / (2 * n_samples)
    grad_u, grad_v = grad_s @ v / temperature, grad_s.T @ u / temperature
    return PairLoss(float(loss), _through_norm(grad_u, u, norm_a), _through_norm(grad_v, v, norm_b))


def _distance(difference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the length of each row, and its gradient: the unit vector, or 0 where the length is 0."""
    length = np.linalg.norm(difference, axis=1)
    return length, difference / np.maximum(length, np.finfo(float).tiny)[:, np.newaxis]


def _log_softmax(s: np.ndarray, axis: int) -> np.ndarray:
    shifted = s - s.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _through_norm(grad: np.ndarray, unit: np.ndarray, norm: np.ndarray) -> np.ndarray:
    # A unit vector does not change if its row becomes longer: the part of the gradient along the row is lost.
    return (grad - (grad * unit).sum(axis=1, keepdims=True) * unit) / norm


def triplet_loss_via_incidence(
    anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0
) -> TripletLoss:
    """See the two distances of a triplet as edges of a graph: the gradients go back through its incidence matrix."""
    arrays = np.stack([anchor, positive, negative])  # which checks their shapes
    incidence = [[1.0, -1.0, 0.0], [1.0, 0.0, -1.0]]
    edges = np.einsum("en,nij->eij", incidence, arrays)
    lengths = np.sqrt(np.einsum("eij,eij->ei", edges, edges))
    slack = np.clip(lengths[0] - lengths[1] + margin, 0, None)
    with np.errstate(invalid="ignore"):
        units = np.nan_to_num(edges / lengths[:, :, np.newaxis])
    grads = np.einsum("en,ei,eij->nij", incidence, [[1.0], [-1.0]] * np.sign(slack) / len(anchor), units)
    return TripletLoss(float(np.average(slack)), *grads)


def triplet_loss_via_loop(
    anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0
) -> TripletLoss:
    """Treat one triplet at a time, in plain Python."""
    if anchor.shape != positive.shape or anchor.shape != negative.shape:
        raise ValueError("shapes differ")
    losses, grads = [], [np.zeros(anchor.shape) for _ in range(3)]
    for row, (a, p, n) in enumerate(zip(anchor.tolist(), positive.tolist(), negative.tolist(), strict=True)):
        near, far = math.dist(a, p), math.dist(a, n)
        losses.append(max(near - far + margin, 0.0))
        if not losses[-1]:
            continue
        for place, (x, y, z) in enumerate(zip(a, p, n, strict=True)):
            pull, push = (x - y) / near if near else 0.0, (x - z) / far if far else 0.0
            for grad, value in zip(grads, (pull - push, -pull, push), strict=True):
                grad[row, place] = value / len(anchor)
    return TripletLoss(math.fsum(losses) / len(losses), *grads)


def info_nce_via_cosines(a: np.ndarray, b: np.ndarray, temperature: float = 0.07) -> PairLoss:
    """Differentiate each cosine with respect to its two rows, and sum over all pairs."""
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    a, b = a.astype(float), b.astype(float)
    squares_a, squares_b = np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b)
    lengths = np.sqrt(np.multiply.outer(squares_a, squares_b))
    cosine = np.inner(a, b) / lengths
    s = cosine / temperature
    log_rows, log_columns = np.logaddexp.reduce(s, axis=1), np.logaddexp.reduce(s)
    loss = (log_rows + log_columns - 2 * np.diagonal(s)).mean() / 2
    weight = np.exp(s - log_rows[:, np.newaxis]) + np.exp(s - log_columns)
    np.fill_diagonal(weight, weight.diagonal() - 2)
    weight /= 2 * len(a) * temperature
    # The slope of x.y / (|x| |y|) with respect to x is y / (|x| |y|) - cosine * x / |x|^2.
    drawn, kept = weight / lengths, weight * cosine
    grad_a = drawn @ b - a * (kept.sum(axis=1) / squares_a)[:, np.newaxis]
    grad_b = drawn.T @ a - b * (kept.sum(axis=0) / squares_b)[:, np.newaxis]
    return PairLoss(float(loss), grad_a, grad_b)


def info_nce_via_loop(a: np.ndarray, b: np.ndarray, temperature: float = 0.07) -> PairLoss:
    """Ask each row in turn which row of the other array is its own, in plain Python."""
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    rows = [a.tolist(), b.tolist()]
    norms = [[math.hypot(*row) for row in side] for side in rows]
    units = [
        [[x / norm for x in row] for row, norm in zip(side, lengths, strict=True)]
        for side, lengths in zip(rows, norms, strict=True)
    ]
    losses, grads = [], [np.zeros(a.shape), np.zeros(b.shape)]
    for asking, asked in ((0, 1), (1, 0)):
        for own, unit in enumerate(units[asking]):
            s = [math.fsum(starmap(float.__mul__, zip(unit, other, strict=True))) for other in units[asked]]
            powers = [math.exp((cosine - max(s)) / temperature) for cosine in s]
            losses.append(math.log(sum(powers)) - (s[own] - max(s)) / temperature)
            for other, power in enumerate(powers):
                slope = (power / sum(powers) - (other == own)) / (2 * len(a) * temperature)
                for side, place, along in ((asking, own, units[asked][other]), (asked, other, unit)):
                    self = units[side][place]
                    for k, (x, y) in enumerate(zip(self, along, strict=True)):
                        grads[side][place, k] += slope * (y - s[other] * x) / norms[side][place]
    return PairLoss(math.fsum(losses) / len(losses), *grads)
