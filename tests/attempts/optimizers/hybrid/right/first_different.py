# different style; both bars
from typing import NamedTuple

import numpy as np


class SparseGradient(NamedTuple):
    rows: np.ndarray
    grads: np.ndarray


class Step(NamedTuple):
    params: list[np.ndarray]
    state: object


def _flat(arrays, dtype=float):
    return np.concatenate([np.zeros(0, dtype), *(np.asarray(x).astype(dtype).reshape(-1) for x in arrays)])


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
    if set(kinds) - {"dense", "sparse"}:
        raise ValueError("a kind must be dense or sparse")
    # all parameters as one vector; `second` is Adam's v in dense places and the accumulator in sparse ones
    x = _flat(params)
    if state is None:
        steps, first, second = np.zeros(x.shape, dtype=int), np.zeros(x.shape), np.zeros(x.shape)
    else:
        steps, first, second = (s.copy() for s in state)
    ends = np.cumsum([np.size(p) for p in params], dtype=int)
    places = [np.arange(end - np.size(p), end).reshape(np.shape(p)) for p, end in zip(params, ends)]

    todo = [(place, g) for place, g, kind in zip(places, grads, kinds) if kind == "dense" and g is not None]
    at = _flat([place for place, _ in todo], int)
    g = _flat([g for _, g in todo])
    steps[at] += 1
    t = steps[at]
    beta1, beta2 = betas
    first[at] = beta1 * first[at] + (1 - beta1) * g
    second[at] = beta2 * second[at] + (1 - beta2) * g * g
    m_hat = first[at] / (1 - float(beta1) ** t)
    v_hat = second[at] / (1 - float(beta2) ** t)
    x[at] -= lr * m_hat / (np.sqrt(v_hat) + eps)

    todo = [(place, g) for place, g, kind in zip(places, grads, kinds) if kind == "sparse" and g is not None]
    at = _flat([place[np.asarray(g.rows).astype(int)] for place, g in todo], int)
    g = _flat([g.grads for _, g in todo])
    second[at] += g * g
    x[at] -= sparse_lr * g / (np.sqrt(second[at]) + sparse_eps)

    out = []
    for place, param in zip(places, params):
        dtype = np.asarray(param).dtype
        out.append(x[place].astype(dtype if dtype.kind == "f" else float))
    return Step(out, (steps, first, second))
