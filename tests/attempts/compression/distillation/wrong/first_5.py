# wrong (core): classes whose student probability underflows are left out of KL
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- distillation
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
    z = np.asarray(student_logits, dtype=float)
    v = np.asarray(teacher_logits, dtype=float)
    labels = np.asarray(labels)
    if z.ndim != 2 or z.shape != v.shape or labels.shape != (z.shape[0],):
        raise ValueError("shapes do not fit")
    n, n_classes = z.shape
    if np.any(labels < 0) or np.any(labels >= n_classes):
        raise ValueError("a label is not a class")
    if not temperature > 0:
        raise ValueError("temperature must be positive")
    if not 0 <= alpha <= 1:
        raise ValueError("alpha must be in [0, 1]")

    def log_softmax(a):
        a = a - a.max(axis=1, keepdims=True)
        return a - np.log(np.exp(a).sum(axis=1, keepdims=True))

    T = float(temperature)
    rows = np.arange(n)
    log_q, log_p, log_s = log_softmax(z / T), log_softmax(v / T), log_softmax(z)
    q, p, s = np.exp(log_q), np.exp(log_p), np.exp(log_s)
    soft = np.where((p > 0) & (q > 0), p * (log_p - log_q), 0.0).sum(axis=1)
    hard = -log_s[rows, labels]
    loss = np.mean(alpha * T**2 * soft + (1 - alpha) * hard)
    grad_hard = s.copy()
    grad_hard[rows, labels] -= 1.0
    grad = (alpha * T * (q - p) + (1 - alpha) * grad_hard) / n
    return LossGrad(float(loss), grad)
