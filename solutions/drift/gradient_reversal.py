"""Gradient reversal: features that predict the label, but not whether a row is from the source or the target domain.

The network is linear. Two heads read the same features, and p = 1 / (1 + exp(-logit)) is what a head predicts:

    features = X @ encoder
    L_label  = cross-entropy of features @ label_head and y, mean over the source rows
    L_domain = cross-entropy of features @ domain_head and is_target, mean over all rows

A gradient reversal layer stands between the features and the domain head. Forward, it changes nothing. Backward, it
multiplies the gradient by -strength. So the domain head learns to tell the domains apart, and the encoder to hide them.

Source: Ganin and Lempitsky, Unsupervised domain adaptation by backpropagation (2015), section 3.
"""

import math
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
    if not 0 <= progress <= 1:
        raise ValueError(f"progress is a share between 0 and 1, not {progress}")
    return math.tanh(gamma * progress / 2)


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
    features = X @ encoder
    label_errors = _errors(features @ label_head, y)
    label_errors = np.where(is_target, 0, label_errors) / max(np.sum(~is_target), 1)
    domain_errors = _errors(features @ domain_head, is_target) / len(X)
    into_features = np.outer(label_errors, label_head) - strength * np.outer(domain_errors, domain_head)
    return Gradients(X.T @ into_features, features.T @ label_errors, features.T @ domain_errors)


def _errors(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return p - truth. It is p or -(1 - p), so no digits cancel."""
    sign = 1 - 2 * truth.astype(float)
    return sign * np.exp(-np.logaddexp(0, -sign * logits))


def reversal_strength_via_expm1(progress: float, gamma: float = 10.0) -> float:
    """Bring it over one denominator: (1 - e) / (1 + e) with e = exp(-gamma * progress)."""
    if progress < 0 or progress > 1:
        raise ValueError("progress has to be between 0 and 1")
    return -math.expm1(-gamma * progress) / (1 + math.exp(-gamma * progress))


def reversal_strength_via_doubling(progress: float, gamma: float = 10.0) -> float:
    """Double the progress, which takes s to 2 s / (1 + s**2), from where s is a straight line."""
    if min(progress, 1 - progress) < 0:
        raise ValueError("progress has to be between 0 and 1")
    strength = min(gamma * progress, 80.0) / 2 / 2**30
    for _ in range(30):
        strength = 2 * strength / (1 + strength**2)
    return strength


def adversarial_gradients_via_rows(
    X: np.ndarray,
    y: np.ndarray,
    is_target: np.ndarray,
    encoder: np.ndarray,
    label_head: np.ndarray,
    domain_head: np.ndarray,
    strength: float,
) -> Gradients:
    """Go backward row by row, with a share of the mean for each."""
    grads = Gradients(np.zeros(encoder.shape), np.zeros(len(label_head)), np.zeros(len(domain_head)))
    n_source = len(X) - np.count_nonzero(is_target)
    for row, label, target in zip(X, y.tolist(), is_target.tolist(), strict=True):
        features = row @ encoder
        error = float(_errors(features @ domain_head, np.array(target))) / len(X)
        grads.domain_head[:] += error * features
        grads.encoder[:] -= strength * error * row[:, None] * domain_head
        if not target:
            error = float(_errors(features @ label_head, np.array(label))) / n_source
            grads.label_head[:] += error * features
            grads.encoder[:] += error * row[:, None] * label_head
    return grads


def adversarial_gradients_via_scores(
    X: np.ndarray,
    y: np.ndarray,
    is_target: np.ndarray,
    encoder: np.ndarray,
    label_head: np.ndarray,
    domain_head: np.ndarray,
    strength: float,
) -> Gradients:
    """Write a logit as X @ (encoder @ head): take the gradient by that product, then by either factor."""
    source = np.flatnonzero(~is_target)
    by_label, by_domain = np.zeros(X.shape[1]), X.T @ _errors(X @ (encoder @ domain_head), is_target) / len(X)
    if len(source):
        by_label = X[source].T @ _errors(X[source] @ (encoder @ label_head), y[source]) / len(source)
    by_encoder = np.column_stack([by_label, by_domain]) @ np.stack([label_head, -strength * domain_head])
    return Gradients(by_encoder, by_label @ encoder, by_domain @ encoder)
