# wrong (core): below h = -10 the loss is taken as -h, which leaves out log(1 + exp(h)), up to 4.5e-5
"""Direct preference optimisation (DPO): the loss, with its gradient.

People preferred the answer y_w (chosen) to the answer y_l (rejected) for the prompt x. The policy pi is trained on such
pairs; the reference pi_ref is fixed, usually a copy of the policy before training:

    log pi(y | x) = sum over the tokens of the answer of log softmax(logits)_token
    h    = beta * (log pi(y_w | x) - log pi_ref(y_w | x) - (log pi(y_l | x) - log pi_ref(y_l | x)))
    loss = mean over the pairs of -log sigmoid(h)

Logits and h may be as large as 1e4. No eps and no clipping.

Source: Rafailov et al., Direct Preference Optimization (2023), section 4, equation 7.

Strict
------
- A small loss is right to nine digits, and not 0: exp(-40) at h = 40.
- ValueError if labels do not have the shape (n, length), or the arrays of dpo_loss differ in shape.
"""

from typing import NamedTuple

import numpy as np


class DpoLoss(NamedTuple):
    """The loss of the batch, and its gradients for the log-probabilities of the policy."""

    loss: float
    grad_chosen: np.ndarray
    grad_rejected: np.ndarray


def sequence_logps(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the log-probability of each answer: the sum over its tokens.

    The logits at position t predict the token at position t + 1.

    Parameters
    ----------
    logits : array of shape (n, length, vocab_size)
    labels : array of int of shape (n, length)
        The token at each position, or -100 at a prompt or padding token, which does not count. The token at position 0
        is never predicted.

    Returns
    -------
    array of shape (n,)
        0 for a row without tokens that count.

    Examples
    --------
    >>> logits = np.log([[[1.0, 3.0], [3.0, 1.0], [1.0, 1.0]]])
    >>> np.exp(sequence_logps(logits, np.array([[-100, 1, 0]])))  # 3/4 * 3/4
    array([0.5625])
    """
    logits = np.asarray(logits, dtype=float)[:, :-1]
    targets = np.asarray(labels)[:, 1:]
    mask = targets != -100
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    picked = np.take_along_axis(logp, np.where(mask, targets, 0)[..., None], axis=-1)[..., 0]
    return np.where(mask, picked, 0.0).sum(axis=1)


def dpo_loss(
    policy_chosen_logps: np.ndarray,
    policy_rejected_logps: np.ndarray,
    reference_chosen_logps: np.ndarray,
    reference_rejected_logps: np.ndarray,
    beta: float = 0.1,
) -> DpoLoss:
    """Return the loss and its gradients with respect to policy_chosen_logps and policy_rejected_logps.

    Parameters
    ----------
    policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps : arrays of shape (n,)
        Log-probabilities of whole answers. n is at least 1.
    beta : float
        Positive.

    Examples
    --------
    The policy still finds the rejected answer likelier, but less so than the reference does: h = 0.5 * (2 - 0) = 1.

    >>> chosen, rejected = np.array([-30.0]), np.array([-20.0])
    >>> step = dpo_loss(chosen, rejected, np.array([-32.0]), np.array([-20.0]), beta=0.5)
    >>> round(step.loss, 4), step.grad_chosen.round(4)
    (0.3133, array([-0.1345]))
    """
    h = beta * ((policy_chosen_logps - reference_chosen_logps) - (policy_rejected_logps - reference_rejected_logps))
    n = len(h)
    losses = np.where(h < -10, -h, np.log1p(np.exp(-np.maximum(h, -10))))
    e = np.exp(-np.abs(h))
    weight = np.where(h >= 0, e / (1 + e), 1 / (1 + e))
    grad = -beta * weight / n
    return DpoLoss(float(np.mean(losses)), grad, -grad)
