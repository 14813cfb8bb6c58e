# different style; both bars
from math import exp, expm1, fsum, inf, log, log1p, nan
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss of the batch, and its gradient in the shape of student_logits."""

    loss: float
    grad: np.ndarray


def _log_shares(row):
    """log softmax of a list; log1p keeps what lies next to 0."""
    top = max(row)
    first = row.index(top)
    rest = log1p(fsum(exp(z - top) for k, z in enumerate(row) if k != first))
    return [(z - top) - rest for z in row]


def _excess(d):
    """d + exp(-d) - 1 for small d, by its series."""
    term, total, k = d * d / 2.0, 0.0, 2
    while abs(term) > 1e-18 * abs(total):
        total += term
        k += 1
        term *= -d / k
    return total


def _compare(log_p, log_q):
    """KL(p, q), as a sum of terms that are not negative, and q - p."""
    terms, gaps = [], []
    for a, b in zip(log_p, log_q):
        p, q = exp(a), exp(b)
        if p == 0.0:
            terms.append(q)
            gaps.append(q)
            continue
        d = a - b
        if abs(d) < 0.5:
            terms.append(p * _excess(d))
            gaps.append(p * expm1(-d))
        else:
            terms.append(p * d + (q - p))
            gaps.append(q - p)
    return fsum(terms), gaps


def distillation_loss(
    student_logits: np.ndarray, teacher_logits: np.ndarray, labels: np.ndarray, temperature: float, alpha: float
) -> LossGrad:
    student, teacher, labels = np.asarray(student_logits), np.asarray(teacher_logits), np.asarray(labels)
    if student.ndim != 2 or student.shape != teacher.shape or labels.shape != student.shape[:1]:
        raise ValueError("the shapes do not fit")
    t, alpha = float(temperature), float(alpha)
    if not 0 < t < inf:
        raise ValueError("temperature must be positive")
    if not 0 <= alpha <= 1:
        raise ValueError("alpha must be in [0, 1]")
    n, n_classes = student.shape
    labels = labels.tolist()
    if not all(0 <= label < n_classes and label == int(label) for label in labels):
        raise ValueError("a label is not a class")
    losses, grad = [], np.zeros((n, n_classes))
    for i, (z, v, label) in enumerate(zip(student.tolist(), teacher.tolist(), labels)):
        z, v, label = [float(a) for a in z], [float(a) for a in v], int(label)
        if alpha > 0:
            soft, gaps = _compare(_log_shares([a / t for a in v]), _log_shares([a / t for a in z]))
            losses.append(alpha * t * t * soft)
            grad[i] += [alpha * t * gap / n for gap in gaps]
        if alpha < 1:
            logs = _log_shares(z)
            losses.append((1 - alpha) * -logs[label])
            slope = [exp(a) for a in logs]
            slope[label] = -fsum(slope[:label] + slope[label + 1 :])
            grad[i] += [(1 - alpha) * s / n for s in slope]
    return LossGrad(fsum(losses) / n if n else nan, grad)
