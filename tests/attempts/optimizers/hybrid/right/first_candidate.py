# candidate, par time, from the stub alone
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
    for kind in kinds:
        if kind not in ("dense", "sparse"):
            raise ValueError(f"unknown kind {kind!r}")
    if state is None:
        state = [None] * len(params)
    beta1, beta2 = betas
    new_params, new_state = [], []
    for param, grad, kind, old in zip(params, grads, kinds, state):
        if grad is None:
            new_params.append(param.copy())
            new_state.append(old)
        elif kind == "dense":
            t, m, v = old if old is not None else (0, np.zeros_like(param), np.zeros_like(param))
            t += 1
            m = beta1 * m + (1 - beta1) * grad
            v = beta2 * v + (1 - beta2) * grad**2
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            new_params.append(param - lr * m_hat / (np.sqrt(v_hat) + eps))
            new_state.append((t, m, v))
        else:
            acc = old.copy() if old is not None else np.zeros_like(param)
            param = param.copy()
            rows, g = grad
            acc[rows] += g**2
            param[rows] -= sparse_lr * g / (np.sqrt(acc[rows]) + sparse_eps)
            new_params.append(param)
            new_state.append(acc)
    return Step(new_params, new_state)
