# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- distillation
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
    raise NotImplementedError
