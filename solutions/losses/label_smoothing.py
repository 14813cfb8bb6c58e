"""Cross-entropy with label smoothing, with the gradient.

Smoothing replaces the one-hot target of a sample by a mixture with the uniform distribution. With C classes and the
smoothing s, the target q of a sample with the given label is

    q_k = (1 - s) * [k = label] + s / C                     for all C classes, that of the label too

    p_k  = exp(z_k) / sum_j exp(z_j)
    loss = mean over the samples of -sum_k q_k * log(p_k)

Logits z are finite and may be as large as 1e4. No eps and no clipping: loss and gradient follow the formula.

Source: Szegedy et al., Rethinking the Inception Architecture for Computer Vision (2016), section 7.

Strict
------
- ValueError if labels do not have the shape (n_samples,), or a label is not from 0 to n_classes - 1.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss of the batch, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def smoothed_cross_entropy(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> LossGrad:
    """Return the mean loss and its gradient with respect to the logits.

    Parameters
    ----------
    logits : array of shape (n_samples, n_classes)
        At least two classes.
    labels : array of int of shape (n_samples,)
        From 0 to n_classes - 1.
    smoothing : float
        From 0, which is plain cross-entropy, to 1, where every target is uniform.

    Examples
    --------
    The target is (0.1, 0.9). The probabilities of the two samples are (0.5, 0.5) and, in effect, (0, 1).

    >>> loss, grad = smoothed_cross_entropy(np.array([[0.0, 0.0], [-1000.0, 0.0]]), np.array([1, 1]), 0.2)
    >>> round(loss, 4)  # the mean of log(2) and 100
    50.3466
    >>> grad
    array([[ 0.2 , -0.2 ],
           [-0.05,  0.05]])
    """
    n_samples, n_classes = logits.shape
    if labels.shape != (n_samples,):
        raise ValueError(f"{n_samples} samples need as many labels, not an array of shape {labels.shape}")
    if not ((labels >= 0) & (labels < n_classes)).all():
        raise ValueError(f"labels go from 0 to {n_classes - 1}")
    logits = logits.astype(float)  # differences of small integers would overflow
    targets = np.full(logits.shape, smoothing / n_classes)
    targets[np.arange(n_samples), labels] += 1 - smoothing
    # Every class has a share in the loss: none of the logarithms may be taken of a probability that has become 0.
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return LossGrad(float(-(targets * log_p).sum() / n_samples), (np.exp(log_p) - targets) / n_samples)


def smoothed_cross_entropy_via_two_losses(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> LossGrad:
    """Mix two losses: the cross-entropy of the label, and the mean over what it would be for each class."""
    n_samples, n_classes = logits.shape
    if len(labels) != n_samples:
        raise ValueError("there are not as many labels as samples")
    own = labels[:, np.newaxis] == np.arange(n_classes)
    if not own.any(axis=1).all():
        raise ValueError("a label is no class")
    logits = logits.astype(float)
    log_total = np.logaddexp.reduce(logits, axis=1)
    plain, uniform = (log_total - logits[own]).mean(), log_total.mean() - logits.mean()
    p = np.exp(logits - log_total[:, np.newaxis])
    grad = (1 - smoothing) * (p - own) + smoothing * (p - 1 / n_classes)
    return LossGrad(float((1 - smoothing) * plain + smoothing * uniform), grad / n_samples)


def smoothed_cross_entropy_via_label_noise(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> LossGrad:
    """Take the expected cross-entropy if a label is redrawn, from all classes alike, with probability s."""
    n_samples, n_classes = logits.shape
    if len(labels) != n_samples:
        raise ValueError("there are not as many labels as samples")
    if not np.isin(labels, range(n_classes)).all():
        raise ValueError("a label is no class")
    logits = logits.astype(float)
    top = np.max(logits, axis=1)
    powers = np.exp(logits.T - top)
    total = powers.sum(axis=0)
    loss, grad = 0.0, powers / total
    for drawn in range(n_classes):
        chance = smoothing / n_classes + (1 - smoothing) * (labels == drawn)
        loss += (chance * (np.log(total) + top - logits[:, drawn])).sum() / n_samples
        grad[drawn] -= chance
    return LossGrad(float(loss), grad.T / n_samples)


def smoothed_cross_entropy_via_loop(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> LossGrad:
    """Treat one sample at a time, in plain Python."""
    n_samples, n_classes = logits.shape
    if len(labels) != n_samples:
        raise ValueError("there are not as many labels as samples")
    losses, grad = [], []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        if label not in range(n_classes):
            raise ValueError(f"{label} is no class")
        top = max(row)
        log_total = math.log(sum(math.exp(z - top) for z in row))
        target = [smoothing / n_classes + (1 - smoothing if k == label else 0.0) for k in range(n_classes)]
        losses += [q * (log_total - (z - top)) for q, z in zip(target, row, strict=True)]
        grad.append([math.exp(z - top - log_total) - q for q, z in zip(target, row, strict=True)])
    return LossGrad(math.fsum(losses) / n_samples, np.array(grad) / n_samples)
