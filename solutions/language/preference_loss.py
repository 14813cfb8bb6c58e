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

import math
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
    if labels.shape != logits.shape[:2]:
        raise ValueError(f"logits of shape {logits.shape} need labels of shape {logits.shape[:2]}, not {labels.shape}")
    logits, labels = logits[:, :-1], labels[:, 1:]
    counts = labels != -100
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    own = np.take_along_axis(log_p, (labels * counts)[..., np.newaxis], axis=-1).squeeze(axis=-1)
    return np.where(counts, own, 0.0).sum(axis=1)


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
    answers = policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps
    if any(logps.shape != policy_chosen_logps.shape for logps in answers):
        raise ValueError(f"the shapes differ: {[logps.shape for logps in answers]}")
    chosen, rejected = policy_chosen_logps - reference_chosen_logps, policy_rejected_logps - reference_rejected_logps
    h = beta * (chosen - rejected)
    # The derivative of -log sigmoid(h) is -sigmoid(-h), here as the exponential of its stable logarithm.
    grad = -beta * np.exp(-np.logaddexp(0, h)) / len(h)
    return DpoLoss(float(np.logaddexp(0, -h).mean()), grad, -grad)


def sequence_logps_via_loop(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Go from token to token, in plain Python."""
    if labels.shape != logits.shape[:2]:
        raise ValueError("labels do not fit the logits")
    logps = []
    for rows, tokens in zip(logits.tolist(), labels.tolist(), strict=True):
        total = 0.0
        for row, token in zip(rows[:-1], tokens[1:], strict=True):
            if token != -100:
                top = max(row)
                total += row[token] - top - math.log(sum(math.exp(z - top) for z in row))
        logps.append(total)
    return np.array(logps)


def sequence_logps_via_selection(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Pick the positions that count first, and treat no other; then add up what belongs to the same answer."""
    if logits.ndim != labels.ndim + 1 or labels.shape != logits.shape[:2]:
        raise ValueError("labels do not fit the logits")
    rows, places = np.nonzero(labels[:, 1:] != -100)
    chosen = logits[rows, places]
    own = chosen[np.arange(len(rows)), labels[rows, places + 1]]
    return np.bincount(rows, weights=own - np.logaddexp.reduce(chosen, axis=-1), minlength=len(logits))


def dpo_loss_via_loop(
    policy_chosen_logps: np.ndarray,
    policy_rejected_logps: np.ndarray,
    reference_chosen_logps: np.ndarray,
    reference_rejected_logps: np.ndarray,
    beta: float = 0.1,
) -> DpoLoss:
    """Treat one pair at a time, and keep every exponential at or below 1."""
    if not policy_chosen_logps.shape == policy_rejected_logps.shape == reference_chosen_logps.shape:
        raise ValueError("the shapes differ")
    if policy_chosen_logps.shape != reference_rejected_logps.shape:
        raise ValueError("the shapes differ")
    losses, grad = [], []
    for w, l, ref_w, ref_l in zip(  # noqa: E741
        policy_chosen_logps.tolist(),
        policy_rejected_logps.tolist(),
        reference_chosen_logps.tolist(),
        reference_rejected_logps.tolist(),
        strict=True,
    ):
        h = beta * ((w - l) - (ref_w - ref_l))
        power = math.exp(-abs(h))
        losses.append(max(-h, 0.0) + math.log1p(power))
        grad.append(-beta * math.exp(min(-h, 0.0)) / (1 + power) / len(policy_chosen_logps))
    return DpoLoss(math.fsum(losses) / len(losses), np.array(grad), -np.array(grad))


def dpo_loss_via_two_classes(
    policy_chosen_logps: np.ndarray,
    policy_rejected_logps: np.ndarray,
    reference_chosen_logps: np.ndarray,
    reference_rejected_logps: np.ndarray,
    beta: float = 0.1,
) -> DpoLoss:
    """Take the two rewards for logits of two classes, of which the first is right: a cross-entropy."""
    shape = policy_chosen_logps.shape
    if {policy_rejected_logps.shape, reference_chosen_logps.shape, reference_rejected_logps.shape} != {shape}:
        raise ValueError("the shapes differ")
    policy = np.stack([policy_chosen_logps, policy_rejected_logps])
    rewards = beta * (policy - np.stack([reference_chosen_logps, reference_rejected_logps]))
    rewards -= rewards.max(axis=0)
    powers = np.exp(rewards)
    # log(1 + the smaller power) keeps digits that log(sum) would lose.
    losses = np.log1p(powers.min(axis=0)) - rewards[0]
    grad = beta * (powers / powers.sum(axis=0) - [[1.0], [0.0]]) / len(rewards[0])
    # p - 1 loses the digits of a small gradient: it is the other class's p, negated.
    return DpoLoss(float(losses.mean()), -grad[1], grad[1])
