# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def distillation_loss(
    student_logits: np.ndarray, teacher_logits: np.ndarray, labels: np.ndarray, temperature: float, alpha: float
) -> LossGrad:
    n = len(labels)
    rows = np.arange(n)
    T = temperature

    log_q = _log_softmax(student_logits / T)
    log_p = _log_softmax(teacher_logits / T)
    log_s = _log_softmax(student_logits)
    p, q, s = np.exp(log_p), np.exp(log_q), np.exp(log_s)

    soft = np.sum(p * (log_p - log_q), axis=1)
    hard = -log_s[rows, labels]
    loss = np.mean(alpha * T**2 * soft + (1 - alpha) * hard)

    grad_hard = s.copy()
    grad_hard[rows, labels] -= 1
    # d soft / dz = (q - p) / T
    grad = (alpha * T * (q - p) + (1 - alpha) * grad_hard) / n
    return LossGrad(float(loss), grad)
