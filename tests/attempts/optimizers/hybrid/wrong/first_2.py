# wrong (core): the accumulator of the old state is updated in place
from typing import NamedTuple

import numpy as np


class SparseGradient(NamedTuple):
    rows: np.ndarray
    grads: np.ndarray


class Step(NamedTuple):
    params: list[np.ndarray]
    state: object


def hybrid_step(
    params: list[np.ndarray],
    grads: list[np.ndarray | SparseGradient | None],
    kinds: list[str],
    state: object = None,
    lr: float = 0.001,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    sparse_lr: float = 0.01,
    sparse_eps: float = 1e-10,
) -> Step:
    beta1, beta2 = betas
    for kind in kinds:
        if kind not in ("dense", "sparse"):
            raise ValueError(f"unknown kind {kind!r}")
    if state is None:
        state = [None] * len(params)
    new_params, new_state = [], []
    for param, grad, kind, old in zip(params, grads, kinds, state):
        param = np.array(param, dtype=float)
        if grad is None:
            new_params.append(param)
            new_state.append(old)
        elif kind == "dense":
            grad = np.asarray(grad, dtype=float)
            t, m, v = old or (0, np.zeros(param.shape), np.zeros(param.shape))
            t = t + 1
            m = beta1 * m + (1 - beta1) * grad
            v = beta2 * v + (1 - beta2) * grad**2
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            new_params.append(param - lr * m_hat / (np.sqrt(v_hat) + eps))
            new_state.append((t, m, v))
        else:
            rows = np.asarray(grad.rows, dtype=int)
            row_grads = np.asarray(grad.grads, dtype=float)
            accumulator = np.zeros(param.shape) if old is None else old
            accumulator[rows] += row_grads**2
            param[rows] -= sparse_lr * row_grads / (np.sqrt(accumulator[rows]) + sparse_eps)
            new_params.append(param)
            new_state.append(accumulator)
    return Step(new_params, new_state)
