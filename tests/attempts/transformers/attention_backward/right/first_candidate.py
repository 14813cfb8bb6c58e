# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    grad_q: np.ndarray
    grad_k: np.ndarray
    grad_v: np.ndarray


def attention_backward(
    grad_out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None = None
) -> Gradients:
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError("q, k and v do not fit")
    if grad_out.shape[-2] != q.shape[-2] or grad_out.shape[-1] != v.shape[-1]:
        raise ValueError("grad_out does not fit")

    scale = 1 / np.sqrt(q.shape[-1])
    scores = q @ np.swapaxes(k, -1, -2) * scale
    if mask is not None:
        scores = np.where(np.broadcast_to(mask, scores.shape), scores, -np.inf)

    m = scores.max(axis=-1, keepdims=True)
    m = np.where(np.isinf(m), 0, m)
    e = np.exp(scores - m)
    total = e.sum(axis=-1, keepdims=True)
    weights = e / np.where(total == 0, 1, total)

    grad_v = np.swapaxes(weights, -1, -2) @ grad_out
    grad_w = grad_out @ np.swapaxes(v, -1, -2)
    grad_s = weights * (grad_w - (weights * grad_w).sum(axis=-1, keepdims=True))
    grad_q = grad_s @ k * scale
    grad_k = np.swapaxes(grad_s, -1, -2) @ q * scale
    return Gradients(grad_q, grad_k, grad_v)
