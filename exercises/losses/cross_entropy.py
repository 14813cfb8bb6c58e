# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- cross_entropy
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
    raise NotImplementedError


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
    raise NotImplementedError
