"""One optimizer step for a whole model: Adam for dense parameters, Adagrad for sparse ones.

A dense parameter takes Adam's step with each gradient that it gets. t counts these steps, from 1:

    m     <- beta1 * m + (1 - beta1) * grad                 m_hat = m / (1 - beta1^t)
    v     <- beta2 * v + (1 - beta2) * grad^2               v_hat = v / (1 - beta2^t)
    param <- param - lr * m_hat / (sqrt(v_hat) + eps)

A sparse parameter is an embedding table. Each row that has a gradient takes Adagrad's step:

    accumulator <- accumulator + grad^2
    row         <- row - sparse_lr * grad / (sqrt(accumulator) + sparse_eps)

The other rows stay. Each parameter has its own t, m and v, or its own accumulator, and they start at 0. The function is
pure: params, grads and the old state stay as they are, so that another step can start from that state.

Source: Cheng et al., Wide & Deep Learning (2016), section 3.3; PyTorch's Adam and Adagrad.
"""

from typing import NamedTuple

import numpy as np


class SparseGradient(NamedTuple):
    """The distinct rows that have a gradient, of shape (n,), and their gradients, of shape (n, dim)."""

    rows: np.ndarray
    grads: np.ndarray


class Step(NamedTuple):
    """The updated params, in their order, and what the next step needs."""

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
    """Take one step with all parameters.

    Parameters
    ----------
    params : list of arrays
        A sparse one has shape (n_rows, dim).
    grads : list
        An array of the same shape for a dense parameter, a SparseGradient for a sparse one. None: the parameter and its
        state stay as they are, and t does not grow.
    kinds : list of str
        "dense" or "sparse" for each parameter, in any order. They are the same in all steps.
    state : object
        None in the first step, then that of the last step. What it holds is up to you.
    lr, betas, eps
        For the dense parameters. eps is positive.
    sparse_lr, sparse_eps : float
        For the sparse ones. sparse_eps is positive.

    Raises
    ------
    ValueError
        If a kind is neither "dense" nor "sparse".

    Strict
    ------
    - The lists may be empty, and so may the rows of a sparse gradient.
    - ValueError also for the kind of a parameter without a gradient.

    Examples
    --------
    >>> params = [np.array([[7.0], [10.0]]), np.array([10.0])]
    >>> grads = [SparseGradient(np.array([1]), np.array([[3.0]])), np.array([2.0])]
    >>> options = {"lr": 0.5, "betas": (0.5, 0.5), "eps": 2.0, "sparse_lr": 2.0, "sparse_eps": 1.0}
    >>> hybrid_step(params, grads, ["sparse", "dense"], **options).params
    [array([[7. ],
           [8.5]]), array([9.75])]
    """
    for kind in kinds:
        if kind not in ("dense", "sparse"):
            raise ValueError(f"a parameter is dense or sparse, not {kind!r}")
    if state is None:
        state = [(0, 0.0, 0.0) if kind == "dense" else 0.0 for kind in kinds]
    updated = []
    for param, grad, kind, memory in zip(params, grads, kinds, state, strict=True):
        if grad is None:
            updated.append((param, memory))
        elif kind == "dense":
            updated.append(_adam(param, grad, *memory, lr, betas, eps))
        else:
            updated.append(_adagrad(param, grad, memory, sparse_lr, sparse_eps))
    return Step([param for param, _ in updated], [memory for _, memory in updated])


def _adam(
    param: np.ndarray,
    grad: np.ndarray,
    t: int,
    m: np.ndarray,
    v: np.ndarray,
    lr: float,
    betas: tuple[float, float],
    eps: float,
) -> tuple:
    """Return the new param, and its t, m and v."""
    beta1, beta2 = betas
    t, m, v = t + 1, beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return param - lr * m_hat / (np.sqrt(v_hat) + eps), (t, m, v)


def _adagrad(table: np.ndarray, grad: SparseGradient, accumulator: np.ndarray, lr: float, eps: float) -> tuple:
    """Return the new table and accumulator."""
    table, accumulator = table.astype(float), np.zeros(table.shape) + accumulator  # both are new
    accumulator[grad.rows] += grad.grads**2
    table[grad.rows] -= lr * grad.grads / (np.sqrt(accumulator[grad.rows]) + eps)
    return table, accumulator


def hybrid_step_via_one_vector(
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
    """Lay all parameters out in one vector, and pick the places of either kind out of it."""
    if any(kind not in {"dense", "sparse"} for kind in kinds):
        raise ValueError("a kind is unknown")
    columns = [np.empty((3, 0))]
    for param, grad, kind in zip(params, grads, kinds, strict=True):
        full, label = np.empty(param.shape), np.zeros(param.shape)
        if kind == "dense" and grad is not None:
            full[:], label[:] = grad, 1
        elif grad is not None:
            full[grad.rows], label[grad.rows] = grad.grads, 2
        columns.append([param.ravel(), full.ravel(), label.ravel()])
    new, grad, label = np.concatenate(columns, axis=1)
    t, m, v, total = np.zeros((4, new.size)) if state is None else np.array(state)
    on, row = label == 1, label == 2
    t[on], total[row] = t[on] + 1, total[row] + grad[row] ** 2
    m[on] = betas[0] * m[on] + (1 - betas[0]) * grad[on]
    v[on] = betas[1] * v[on] + (1 - betas[1]) * grad[on] ** 2
    root = np.sqrt(v[on] / (1 - betas[1] ** t[on]))
    new[on] -= lr * m[on] / (1 - betas[0] ** t[on]) / (root + eps)
    new[row] -= sparse_lr * grad[row] / (np.sqrt(total[row]) + sparse_eps)
    edges = np.cumsum([0, *(param.size for param in params)])
    moved = [new[i:j].reshape(param.shape) for param, i, j in zip(params, edges[:-1], edges[1:], strict=True)]
    return Step(moved, (t, m, v, total))


def hybrid_step_via_history(
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
    """Keep every gradient, and weigh all of them anew in each step."""
    past = ((),) * len(params) if state is None else state
    past = tuple(old if grad is None else (*old, grad) for old, grad in zip(past, grads, strict=True))
    moved = []
    for param, grad, kind, own in zip(params, grads, kinds, past, strict=True):
        new = param * 1.0
        if kind == "dense" and grad is not None:
            ages = np.arange(len(own))[::-1].reshape(-1, *[1] * param.ndim)
            first, second = betas[0] ** ages, betas[1] ** ages
            mean, square = (first * own).sum(axis=0) / first.sum(), (second * np.square(own)).sum(axis=0) / second.sum()
            new -= lr * mean / (square**0.5 + eps)
        elif kind == "sparse" and grad is not None:
            for row, step in zip(*grad, strict=True):
                total = sum((values[rows == row] ** 2).sum(axis=0) for rows, values in own)
                new[row] -= sparse_lr * step / (total**0.5 + sparse_eps)
        elif kind not in {"dense", "sparse"}:
            raise ValueError(f"no kind is called {kind}")
        moved.append(new)
    return Step(moved, past)
