# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- gradient_reversal
"""Gradient reversal: features that predict the label, but not whether a row is from the source or the target domain.

The network is linear. Two heads read the same features, and p = 1 / (1 + exp(-logit)) is what a head predicts:

    features = X @ encoder
    L_label  = cross-entropy of features @ label_head and y, mean over the source rows
    L_domain = cross-entropy of features @ domain_head and is_target, mean over all rows

A gradient reversal layer stands between the features and the domain head. Forward, it changes nothing. Backward, it
multiplies the gradient by -strength. So the domain head learns to tell the domains apart, and the encoder to hide them.

Source: Ganin and Lempitsky, Unsupervised domain adaptation by backpropagation (2015), section 3.
"""

from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    """What arrives at each array of parameters, in its shape."""

    encoder: np.ndarray
    label_head: np.ndarray
    domain_head: np.ndarray


def reversal_strength(progress: float, gamma: float = 10.0) -> float:
    """Return 2 / (1 + exp(-gamma * progress)) - 1.

    Parameters
    ----------
    progress : float
        The share of the training that is done.
    gamma : float
        0 or more.

    Raises
    ------
    ValueError
        If progress is not between 0 and 1, both included.

    Strict
    ------
    - A result near 0 is exact to 1e-9 of itself.

    Examples
    --------
    >>> round(reversal_strength(0.1), 4)
    0.4621
    """
    raise NotImplementedError


def adversarial_gradients(
    X: np.ndarray,
    y: np.ndarray,
    is_target: np.ndarray,
    encoder: np.ndarray,
    label_head: np.ndarray,
    domain_head: np.ndarray,
    strength: float,
) -> Gradients:
    """Return what one backward pass from L_label + L_domain gives each array of parameters.

    Parameters
    ----------
    X : array of shape (n, d)
    y : array of shape (n,)
        Labels, 0 or 1. What stands there for a target row has no meaning: -1, for example.
    is_target : boolean array of shape (n,)
        A batch without source rows has L_label = 0.
    encoder, label_head, domain_head : arrays of shapes (d, k), (k,) and (k,)
    strength : float
        0 or more.

    Strict
    ------
    - Confident predictions keep their digits: the gradient of L_label by a logit of 40 is -4.2e-18, not 0, if y is 1.
    - X and y may hold integers of any type.
    - y may be NaN for target rows.

    Examples
    --------
    Both logits are 0, so the errors are -1/2 for the label and 1/2 for the domain.

    >>> X, y, is_target = np.array([[1.0]]), np.array([1]), np.array([False])
    >>> encoder, label_head, domain_head = np.array([[1.0, -1.0]]), np.array([1.0, 1.0]), np.array([2.0, 2.0])
    >>> adversarial_gradients(X, y, is_target, encoder, label_head, domain_head, 0.5).encoder
    array([[-1., -1.]])
    """
    raise NotImplementedError
