# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- label_smoothing
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
    raise NotImplementedError
