"""Softmax and cross-entropy, with the gradient.

Softmax turns the logits z of a sample into probabilities, and the loss of n samples is a mean:

    p_k  = exp(z_k) / sum_j exp(z_j)
    loss = mean over the samples of -log p_label

Logits may be as large as 1e4. No eps and no clipping: loss and gradient follow the formula.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 4.1 and 6.2.2.3.

Strict
------
- A probability as small as exp(-700) is right to nine digits.
- The loss is inf if the logit of a label is -inf. The gradient is finite all the same.
- ValueError if labels do not have the shape (n_samples,), or a label is not from 0 to n_classes - 1.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss of the batch, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn logits into probabilities that sum to 1 along an axis.

    Parameters
    ----------
    logits : array of any shape with at least one axis
        -inf rules a class out: its probability is 0. At least one logit of a slice is finite.
    axis : int
        The axis of the classes.

    Examples
    --------
    >>> softmax(np.array([0.0, 0.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    >>> softmax(np.array([[10000.0, -3.0], [10000.0, -3.0]]), axis=0)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Return the mean cross-entropy and its gradient with respect to the logits.

    Parameters
    ----------
    logits : array of shape (n_samples, n_classes)
    labels : array of int of shape (n_samples,)
        From 0 to n_classes - 1.

    Examples
    --------
    >>> logits = np.array([[10000.0, 0.0], [3.0, 3.0]])
    >>> loss, grad = cross_entropy(logits, np.array([1, 0]))
    >>> round(loss, 4)  # the mean of 10000 and log(2)
    5000.3466
    >>> grad
    array([[ 0.5 , -0.5 ],
           [-0.25,  0.25]])
    """
    n_samples, n_classes = logits.shape
    if labels.shape != (n_samples,):
        raise ValueError(f"{n_samples} samples need as many labels, not an array of shape {labels.shape}")
    if not ((labels >= 0) & (labels < n_classes)).all():
        raise ValueError(f"labels go from 0 to {n_classes - 1}")
    own = np.arange(n_samples), labels
    # Taking a logarithm of the probability would make -inf of a small one: it is taken of the sum alone, which is >= 1.
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1)
    grad = powers / total[:, np.newaxis]
    grad[own] -= 1
    return LossGrad(float((np.log(total) - shifted[own]).mean()), grad / n_samples)


def softmax_via_logarithms(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Add the powers up in logarithms, two at a time, and subtract before going back."""
    return np.exp(logits - np.expand_dims(np.logaddexp.reduce(logits, axis=axis), axis))


def softmax_via_loop(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Treat one slice at a time, in plain Python."""

    def one(values: np.ndarray) -> list[float]:
        top = max(values.tolist())
        powers = [math.exp(value - top) for value in values.tolist()]
        return [power / sum(powers) for power in powers]

    return np.apply_along_axis(lambda values: np.array(one(values)), axis, logits)


def cross_entropy_via_one_hot(logits: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Compare each label with each class, and pick by the mask."""
    n_samples, n_classes = logits.shape
    if len(labels) != n_samples:
        raise ValueError("there are not as many labels as samples")
    own = labels[:, np.newaxis] == np.arange(n_classes)
    if not own.any(axis=1).all():
        raise ValueError("a label is no class")
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    # Not a product with the mask: 0 times -inf is NaN.
    return LossGrad(float(-log_p[own].sum() / n_samples), (np.exp(log_p) - own) / n_samples)


def cross_entropy_via_loop(logits: np.ndarray, labels: np.ndarray) -> LossGrad:
    """Treat one sample at a time, in plain Python."""
    n_samples, n_classes = logits.shape
    if len(labels) != n_samples:
        raise ValueError("there are not as many labels as samples")
    losses, grad = [], []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        if label not in range(n_classes):
            raise ValueError(f"{label} is no class")
        top = max(row)
        log_total = top + math.log(sum(math.exp(z - top) for z in row))
        losses.append(log_total - row[label])
        grad.append([(math.exp(z - log_total) - (k == label)) / n_samples for k, z in enumerate(row)])
    return LossGrad(math.fsum(losses) / n_samples, np.array(grad))
