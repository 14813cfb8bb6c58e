# wrong (core): the scale is the square root of the size of a value, not of a key (often the same)
from typing import NamedTuple

import numpy as np


class Gradients(NamedTuple):
    grad_q: np.ndarray
    grad_k: np.ndarray
    grad_v: np.ndarray


def attention_backward(grad_out, q, k, v, mask=None):
    grad_out, q, k, v = (np.asarray(a, dtype=float) for a in (grad_out, q, k, v))
    if (
        q.shape[-1] != k.shape[-1]
        or k.shape[-2] != v.shape[-2]
        or q.shape[-2] != grad_out.shape[-2]
        or v.shape[-1] != grad_out.shape[-1]
    ):
        raise ValueError("shapes do not fit")
    d = v.shape[-1]
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(d)
    if mask is None:
        mask = np.ones(scores.shape, dtype=bool)
    mask = np.broadcast_to(np.asarray(mask, dtype=bool), scores.shape)
    scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    e = np.exp(scores - top)
    total = e.sum(axis=-1, keepdims=True)
    weights = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    grad_v = np.swapaxes(weights, -1, -2) @ grad_out
    grad_w = grad_out @ np.swapaxes(v, -1, -2)
    grad_s = weights * (grad_w - (weights * grad_w).sum(axis=-1, keepdims=True)) / np.sqrt(d)
    return Gradients(grad_s @ k, np.swapaxes(grad_s, -1, -2) @ q, grad_v)
