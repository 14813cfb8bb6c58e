# wrong (core): one accumulator for each row, with the mean of the squares over dim
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- hybrid
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
            raise ValueError(f"unknown kind {kind!r}")
    beta1, beta2 = betas
    if state is None:
        state = [
            (0, np.zeros(np.shape(p)), np.zeros(np.shape(p))) if kind == "dense" else np.zeros((len(p), 1))
            for p, kind in zip(params, kinds)
        ]
    new_params, new_state = [], []
    for param, grad, kind, old in zip(params, grads, kinds, state):
        param = np.array(param, dtype=float)
        if grad is None:
            new = old
        elif kind == "dense":
            grad = np.asarray(grad, dtype=float)
            t, m, v = old
            t = t + 1
            m = beta1 * m + (1 - beta1) * grad
            v = beta2 * v + (1 - beta2) * grad**2
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
            param = param - lr * m_hat / (np.sqrt(v_hat) + eps)
            new = (t, m, v)
        else:
            rows, values = np.asarray(grad.rows).astype(int), np.asarray(grad.grads, dtype=float)
            new = old.copy()
            new[rows] += (values**2).mean(axis=1, keepdims=True)
            param[rows] -= sparse_lr * values / (np.sqrt(new[rows]) + sparse_eps)
        new_params.append(param)
        new_state.append(new)
    return Step(new_params, new_state)
