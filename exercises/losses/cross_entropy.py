# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- cross_entropy
"""Softmax and cross-entropy, with the gradient.

A classifier gives each class a score, its logit z. Softmax makes probabilities of them:

    p_k = exp(z_k) / sum over j of exp(z_j)

The cross-entropy of a batch of n samples is the mean of -log p_label, where p_label is the probability of a sample's
own class. Its gradient for the logits is (p - 1) / n at the label of each sample and p / n at all other classes.

Compute the formulas so that they hold for logits as large as 10,000: no eps is added to them and nothing is clipped.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), sections 4.1 and 6.2.2.3.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """What `cross_entropy` returns: the batch's loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn logits into probabilities that sum to 1 along an axis.

    Parameters
    ----------
    logits : array of any shape with at least one axis
        Numbers from -10,000 to 10,000, or -inf for a class that is ruled out. Along the axis, at least one is finite.
    axis : int
        The axis of the classes. A negative one counts from the last.

    Returns
    -------
    array of the shape of logits
        Probabilities, right in relative terms even where they are as small as exp(-700). A logit of -inf gets 0, and
        the others are as if it were not there.

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
    """Return the mean cross-entropy of a batch and its gradient for the logits.

    Parameters
    ----------
    logits : array of shape (n_samples, n_classes)
        As `softmax` takes them, the classes along the last axis; at least one sample.
    labels : array of integers, of shape (n_samples,)
        The class of each sample, from 0 to n_classes - 1.

    Returns
    -------
    LossGrad
        loss, grad. A sample that gives its label a logit 20,000 below another class costs 20,000. Where the logit of a
        label is -inf the loss is inf; the gradient is by the same formula, with p = 0. A loss need only be right to an
        absolute 1e-12 where it is small.

    Raises
    ------
    ValueError
        If labels is not of shape (n_samples,), or if a label is below 0 or above n_classes - 1.

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
