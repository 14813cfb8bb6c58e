# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class DpoLoss(NamedTuple):
    loss: float
    grad_chosen: np.ndarray
    grad_rejected: np.ndarray


def sequence_logps(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    logits = logits[:, :-1]
    labels = labels[:, 1:]
    z = logits - logits.max(axis=-1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    mask = labels != -100
    index = np.where(mask, labels, 0)
    token_logp = np.take_along_axis(logp, index[..., None], axis=-1)[..., 0]
    return np.where(mask, token_logp, 0.0).sum(axis=1)


def dpo_loss(
    policy_chosen_logps: np.ndarray,
    policy_rejected_logps: np.ndarray,
    reference_chosen_logps: np.ndarray,
    reference_rejected_logps: np.ndarray,
    beta: float = 0.1,
) -> DpoLoss:
    h = beta * (policy_chosen_logps - reference_chosen_logps - (policy_rejected_logps - reference_rejected_logps))
    loss = float(np.mean(np.logaddexp(0.0, -h)))
    # d/dh -log sigmoid(h) = -sigmoid(-h)
    grad = -beta * np.exp(-np.logaddexp(0.0, h)) / len(h)
    return DpoLoss(loss, grad, -grad)
