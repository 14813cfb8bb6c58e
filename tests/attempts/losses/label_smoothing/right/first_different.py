# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    loss: float
    grad: np.ndarray


def smoothed_cross_entropy(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> LossGrad:
    n, n_classes = np.shape(logits)
    if np.shape(labels) != (n,):
        raise ValueError("labels must have the shape (n_samples,)")
    uniform = float(smoothing) / n_classes
    losses, grad = [], []
    for z, label in zip(np.asarray(logits).tolist(), np.asarray(labels).tolist(), strict=True):
        if not 0 <= label < n_classes:
            raise ValueError("a label is not from 0 to n_classes - 1")
        best = max(range(n_classes), key=z.__getitem__)
        gaps = [z[best] - z_k for z_k in z]  # all >= 0
        rest = math.fsum(math.exp(-gap) for k, gap in enumerate(gaps) if k != best)
        # -log p_k = gap_k + log(1 + rest), and the weights q sum to 1
        losses.append(math.log1p(rest) + (1 - smoothing) * gaps[label] + uniform * math.fsum(gaps))
        row = [math.exp(-gap) / (1 + rest) - uniform for gap in gaps]
        row[label] = -math.fsum(r for k, r in enumerate(row) if k != label)  # a row of p - q sums to 0
        grad.append([r / n for r in row])
    return LossGrad(math.fsum(losses) / n, np.array(grad, dtype=float).reshape(n, n_classes))
