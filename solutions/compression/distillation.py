"""The loss of knowledge distillation, with its gradient.

A small student network learns from a fixed teacher and from the labels. The student's logits are z, the teacher's v:

    q = softmax(z / T)        p = softmax(v / T)        T: temperature
    soft = KL(p, q) = sum_k p_k * (log p_k - log q_k)
    hard = -log softmax(z)_label
    loss = mean over the samples of alpha * T**2 * soft + (1 - alpha) * hard

The factor T**2 keeps the balance of the two terms when T changes.

Logits may be as large as 1e4. No eps and no clipping: probabilities may underflow to 0, their logarithms do not.

Source: Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network (2015), section 2.

Strict
------
- ValueError if the shapes do not fit, a label is not a class, temperature is not positive, or alpha is not in [0, 1].
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The loss of the batch, and its gradient in the shape of student_logits."""

    loss: float
    grad: np.ndarray


def distillation_loss(
    student_logits: np.ndarray, teacher_logits: np.ndarray, labels: np.ndarray, temperature: float, alpha: float
) -> LossGrad:
    """Return the loss and its gradient with respect to the student's logits.

    Parameters
    ----------
    student_logits, teacher_logits : arrays of shape (n_samples, n_classes)
    labels : array of int of shape (n_samples,)
        From 0 to n_classes - 1.
    temperature : float
        T, the same for student and teacher.
    alpha : float
        From 0 to 1.

    Examples
    --------
    At T = 2 the student says 1/4 and 3/4, the teacher 1/2 and 1/2, so T**2 * KL = 2 * log(4 / 3).

    >>> student, teacher = np.array([[0.0, np.log(9.0)]]), np.array([[5.0, 5.0]])
    >>> loss, grad = distillation_loss(student, teacher, np.array([1]), temperature=2.0, alpha=1.0)
    >>> round(loss, 6)
    0.575364
    >>> grad.round(9)
    array([[-0.5,  0.5]])
    """
    _check(student_logits, teacher_logits, labels, temperature, alpha)
    n_samples = len(student_logits)
    log_q = _log_softmax(student_logits / temperature)
    log_p = _log_softmax(teacher_logits / temperature)
    log_own = _log_softmax(student_logits)
    own = np.arange(n_samples), labels
    soft = (np.exp(log_p) * (log_p - log_q)).sum() / n_samples
    hard = -log_own[own].mean()
    soft_grad = (np.exp(log_q) - np.exp(log_p)) / temperature
    hard_grad = np.exp(log_own)
    hard_grad[own] -= 1
    weight = alpha * temperature**2
    grad = (weight * soft_grad + (1 - alpha) * hard_grad) / n_samples
    return LossGrad(float(weight * soft + (1 - alpha) * hard), grad)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithms of the probabilities without going by the probabilities, which may be too small."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _check(student: np.ndarray, teacher: np.ndarray, labels: np.ndarray, temperature: float, alpha: float) -> None:
    n_samples, n_classes = student.shape
    if teacher.shape != student.shape:
        raise ValueError(f"the student's logits are of shape {student.shape}, the teacher's of {teacher.shape}")
    if labels.shape != (n_samples,):
        raise ValueError(f"{n_samples} samples need as many labels, not an array of shape {labels.shape}")
    if not ((labels >= 0) & (labels < n_classes)).all():
        raise ValueError(f"labels go from 0 to {n_classes - 1}")
    if temperature <= 0:
        raise ValueError(f"the temperature must be positive, not {temperature}")
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha goes from 0 to 1; it is {alpha}")


def distillation_loss_via_cross_entropies(
    student_logits: np.ndarray, teacher_logits: np.ndarray, labels: np.ndarray, temperature: float, alpha: float
) -> LossGrad:
    """Take both terms for cross-entropies with a target each, and the teacher's entropy off the first."""
    _check(student_logits, teacher_logits, labels, temperature, alpha)
    log_p = teacher_logits / temperature
    log_p = log_p - np.logaddexp.reduce(log_p, axis=1, keepdims=True)
    p = np.exp(log_p)
    entropy = -(p * log_p).sum(axis=1)
    total, grad = -alpha * temperature**2 * entropy, 0.0
    one_hot = labels[:, np.newaxis] == np.arange(student_logits.shape[1])
    for target, divisor, weight in [(p, temperature, alpha * temperature**2), (one_hot, 1.0, 1 - alpha)]:
        z = student_logits / divisor
        log_total = np.logaddexp.reduce(z, axis=1)
        total = total + weight * (log_total - (target * z).sum(axis=1))
        grad = grad + weight / divisor * (np.exp(z - log_total[:, np.newaxis]) - target)
    return LossGrad(float(total.mean()), grad / len(labels))


def distillation_loss_via_loop(
    student_logits: np.ndarray, teacher_logits: np.ndarray, labels: np.ndarray, temperature: float, alpha: float
) -> LossGrad:
    """Treat one sample at a time, in plain Python."""
    _check(student_logits, teacher_logits, labels, temperature, alpha)

    def log_softmax(logits: list[float], divisor: float) -> list[float]:
        top = max(logits)
        log_total = math.log(sum(math.exp((z - top) / divisor) for z in logits))
        return [(z - top) / divisor - log_total for z in logits]

    loss, grad = 0.0, []
    for student, teacher, label in zip(student_logits.tolist(), teacher_logits.tolist(), labels.tolist(), strict=True):
        soft, row = 0.0, []
        hard = log_softmax(student, 1.0)
        softened = zip(log_softmax(teacher, temperature), log_softmax(student, temperature), strict=True)
        for k, (log_p, log_q) in enumerate(softened):
            soft += math.exp(log_p) * (log_p - log_q)
            pull = alpha * temperature * (math.exp(log_q) - math.exp(log_p))
            row.append((pull + (1 - alpha) * (math.exp(hard[k]) - (k == label))) / len(labels))
        loss += (alpha * temperature**2 * soft - (1 - alpha) * hard[label]) / len(labels)
        grad.append(row)
    return LossGrad(loss, np.array(grad))
