# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_blocks: list[tuple[np.ndarray, np.ndarray]]


def residual_forward(x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True) -> Forward:
    saved = []
    for w1, w2 in blocks:
        a = np.maximum(x, 0)
        h = np.maximum(a @ w1.T, 0)
        saved.append((a, h, w1, w2))
        f = h @ w2.T
        x = x + f if skip else f
    return Forward(x, (saved, skip))


def residual_backward(grad_out: np.ndarray, cache: object) -> Backward:
    saved, skip = cache
    grad = grad_out
    grad_blocks = []
    for a, h, w1, w2 in reversed(saved):
        grad_w2 = grad.T @ h
        grad_z = (grad @ w2) * (h > 0)
        grad_w1 = grad_z.T @ a
        grad_f = (grad_z @ w1) * (a > 0)
        grad = grad + grad_f if skip else grad_f
        grad_blocks.append((grad_w1, grad_w2))
    return Backward(grad, grad_blocks[::-1])


def gradient_ratio(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], grad_out: np.ndarray, skip: bool = True
) -> float:
    cache = residual_forward(x, blocks, skip).cache
    grad_x = residual_backward(grad_out, cache).grad_x
    return float(np.linalg.norm(grad_x) / np.linalg.norm(grad_out))
