# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class DpoLoss(NamedTuple):
    loss: float
    grad_chosen: np.ndarray
    grad_rejected: np.ndarray


def _log_softmax_at(row: list[float], token: int) -> float:
    """Minus the log of the sum of exp(z_j - z_token), with the term 1 taken out for log1p."""
    top = max(range(len(row)), key=lambda j: (row[j], j == token))  # the token itself among equals
    rest = math.fsum(math.exp(z - row[top]) for j, z in enumerate(row) if j != top)
    return row[token] - row[top] - math.log1p(rest)


def sequence_logps(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    logits = np.asarray(logits, dtype=np.float64)
    labels = np.asarray(labels)
    if logits.ndim != 3 or labels.shape != logits.shape[:2]:
        raise ValueError("labels must have the shape (n, length)")
    sums = []
    for sequence, tokens in zip(logits.tolist(), labels.tolist(), strict=True):
        pairs = zip(sequence, tokens[1:], strict=False)  # the last logits predict nothing
        sums.append(math.fsum(_log_softmax_at(row, int(token)) for row, token in pairs if token != -100))
    return np.array(sums, dtype=np.float64)


def dpo_loss(
    policy_chosen_logps: np.ndarray,
    policy_rejected_logps: np.ndarray,
    reference_chosen_logps: np.ndarray,
    reference_rejected_logps: np.ndarray,
    beta: float = 0.1,
) -> DpoLoss:
    arrays = [
        np.asarray(array, dtype=np.float64)
        for array in (policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps)
    ]
    if len({array.shape for array in arrays}) != 1:
        raise ValueError("the arrays differ in shape")
    losses, slopes = [], []
    for chosen, rejected, ref_chosen, ref_rejected in zip(*(array.tolist() for array in arrays), strict=True):
        h = beta * ((chosen - ref_chosen) - (rejected - ref_rejected))
        small = math.exp(-abs(h))  # sigmoid(-|h|) is small / (1 + small)
        losses.append(max(-h, 0.0) + math.log1p(small))
        slopes.append((small if h >= 0 else 1.0) / (1.0 + small))
    n = len(losses)
    grad = np.array(slopes) * (beta / n)
    return DpoLoss(math.fsum(losses) / n, -grad, grad)
