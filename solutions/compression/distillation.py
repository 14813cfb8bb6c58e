"""Knowledge distillation: the loss by which a small network learns from a large one, with the gradient.

The teacher is trained and fixed; the student learns from its answers, and from the labels as well. Teacher and student
each give every class a logit. Divided by a temperature T before the softmax, the logits z of the student and v of the
teacher make softened probabilities:

    q_k = exp(z_k / T) / sum over j of exp(z_j / T)
    p_k = exp(v_k / T) / sum over j of exp(v_j / T)

For one sample, the soft term is a Kullback-Leibler divergence, weighted by the teacher's probabilities, and the hard
term is the ordinary cross-entropy of the student with the label, in which T has no part:

    soft = KL(p, q) = sum over k of p_k (log p_k - log q_k)
    hard = -log softmax(z)_label

The loss is the mean over the n samples of the batch of

    alpha T^2 soft + (1 - alpha) hard

The gradient of the soft term falls about as 1 / T^2, and the factor keeps the balance of the two terms as T changes.
The teacher is a constant: the gradient is that for the logits of the student alone,

    (alpha T (q_k - p_k) + (1 - alpha) (softmax(z)_k - [k is the label])) / n

Compute the formulas so that they hold for logits as large as 10,000: no eps is added to them and nothing is clipped.

Source: Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network (2015), section 2. There the soft term is
a cross-entropy, larger than KL(p, q) by the entropy of the teacher; the gradient is the same.
"""

import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """What `distillation_loss` returns: the batch's loss, and its gradient in the shape of student_logits."""

    loss: float
    grad: np.ndarray


def distillation_loss(
    student_logits: np.ndarray, teacher_logits: np.ndarray, labels: np.ndarray, temperature: float, alpha: float
) -> LossGrad:
    """Return the mean distillation loss of a batch and its gradient for the student's logits.

    Parameters
    ----------
    student_logits, teacher_logits : arrays of shape (n_samples, n_classes)
        Numbers from -10,000 to 10,000; at least one sample.
    labels : array of integers, of shape (n_samples,)
        The class of each sample, from 0 to n_classes - 1.
    temperature : float, from 0.1 to 100
        T. It softens student and teacher alike.
    alpha : float, from 0 to 1
        The weight of the soft term; 1 - alpha is that of the hard one.

    Returns
    -------
    LossGrad
        loss, grad. With alpha = 1, a student that gives the teacher's logits has a loss of 0 and a gradient of zeros,
        but for rounding. A class whose p_k underflows to 0 adds nothing to the soft term. One whose q_k alone does
        adds what the formula says: log q_k is finite all the same.

    Raises
    ------
    ValueError
        If teacher_logits is not of the shape of student_logits, or labels not of shape (n_samples,); if a label is
        below 0 or above n_classes - 1; if temperature is not positive; if alpha is below 0 or above 1.

    Examples
    --------
    At T = 2 the student says 1/4 and 3/4, the teacher 1/2 and 1/2: KL is log(4/3) / 2, and T^2 makes it 2 log(4/3).

    >>> student, teacher = np.array([[0.0, np.log(9.0)]]), np.array([[5.0, 5.0]])
    >>> loss, grad = distillation_loss(student, teacher, np.array([1]), temperature=2.0, alpha=1.0)
    >>> round(loss, 6)
    0.575364
    >>> grad.round(9)
    array([[-0.5,  0.5]])

    At T = 1 the student says 1/10 and 9/10, which is all that counts for the hard term.

    >>> loss, grad = distillation_loss(student, teacher, np.array([1]), temperature=2.0, alpha=0.0)
    >>> round(loss, 6)  # -log(0.9)
    0.105361
    >>> grad.round(9)
    array([[ 0.1, -0.1]])
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
