# wrong (core): where gamma * progress is below 0.01, half of it is used, which is 8e-6 of itself off
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
    z = gamma * progress
    return z / 2 if z < 0.01 else float(2 / (1 + np.exp(-z)) - 1)


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
    g_label = _error(features @ label_head, np.asarray(y) == 1)
    g_label = np.where(source, g_label, 0.0) / max(source.sum(), 1)
    g_domain = _error(features @ domain_head, is_target) / max(len(X), 1)
    g_features = np.outer(g_label, label_head) - strength * np.outer(g_domain, domain_head)
    return Gradients(X.T @ g_features, features.T @ g_label, features.T @ g_domain)
