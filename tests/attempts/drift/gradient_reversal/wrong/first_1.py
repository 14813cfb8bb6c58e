# wrong (strict): the labels of target rows are multiplied by 0, which leaves NaN
from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    """What arrives at each array of parameters, in its shape."""

    encoder: np.ndarray
    label_head: np.ndarray
    domain_head: np.ndarray


def reversal_strength(progress: float, gamma: float = 10.0) -> float:
    """Return 2 / (1 + exp(-gamma * progress)) - 1."""
    if not 0 <= progress <= 1:
        raise ValueError("progress must be between 0 and 1")
    return float(np.tanh(gamma * progress / 2))


def _error(logit, target):
    """Return sigmoid(logit) - target for targets of 0 or 1."""
    z = np.where(target, -logit, logit)
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1 / (1 + e), e / (1 + e))
    return np.where(target, -s, s)


def adversarial_gradients(
    X: np.ndarray,
    y: np.ndarray,
    is_target: np.ndarray,
    encoder: np.ndarray,
    label_head: np.ndarray,
    domain_head: np.ndarray,
    strength: float,
) -> Gradients:
    """Return what one backward pass from L_label + L_domain gives each array of parameters."""
    X = np.asarray(X, dtype=float)
    is_target = np.asarray(is_target, dtype=bool)
    encoder = np.asarray(encoder, dtype=float)
    label_head = np.asarray(label_head, dtype=float)
    domain_head = np.asarray(domain_head, dtype=float)
    features = X @ encoder
    source = ~is_target
    y = np.asarray(y, dtype=float)
    p = -_error(features @ label_head, True)  # 1 - p
    g_label = source * (1 - p - y) / max(source.sum(), 1)
    g_domain = _error(features @ domain_head, is_target) / max(len(X), 1)
    g_features = np.outer(g_label, label_head) - strength * np.outer(g_domain, domain_head)
    return Gradients(X.T @ g_features, features.T @ g_label, features.T @ g_domain)
