# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    """What arrives at each array of parameters, in its shape."""

    encoder: np.ndarray
    label_head: np.ndarray
    domain_head: np.ndarray


def reversal_strength(progress: float, gamma: float = 10.0) -> float:
    """Return 2 / (1 + exp(-gamma * progress)) - 1."""
    progress = float(progress)
    if progress < 0 or progress > 1 or math.isnan(progress):
        raise ValueError("expected 0 <= progress <= 1")
    fall = math.expm1(-float(gamma) * progress)  # from 0 to -1
    return -fall / (2 + fall)


def _slope(logit, is_one):
    """Return the derivative of the cross-entropy by the logit."""
    if is_one:
        return -_slope(-logit, False)
    return math.exp(min(0.0, logit)) / (1 + math.exp(-abs(logit)))


def _dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


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

    As features are linear in X, the gradients need only what the rows of X sum to, weighted by the slopes of each loss.
    """
    x_columns = np.asarray(X).astype(np.float64).T.tolist()
    w = np.asarray(encoder).astype(np.float64)
    w_rows, w_columns = w.tolist(), w.T.tolist()
    label = [float(v) for v in label_head]
    domain = [float(v) for v in domain_head]
    targets = [bool(v) for v in is_target]
    n = len(targets)
    n_source = n - sum(targets)
    by_label, by_domain = [], []  # the slopes of each row
    for i in range(n):
        row = [column[i] for column in x_columns]
        features = [_dot(row, column) for column in w_columns]
        slope = 0.0 if targets[i] else _slope(_dot(features, label), y[i] == 1)
        by_label.append(slope)
        by_domain.append(_slope(_dot(features, domain), targets[i]))
    pull = [_dot(column, by_label) / (n_source or 1) for column in x_columns]  # (d,)
    push = [_dot(column, by_domain) / (n or 1) for column in x_columns]
    return Gradients(
        np.array([[p * a - strength * q * b for a, b in zip(label, domain)] for p, q in zip(pull, push)]).reshape(w.shape),
        np.array([_dot(pull, column) for column in w_columns]),
        np.array([_dot(push, column) for column in w_columns]),
    )
