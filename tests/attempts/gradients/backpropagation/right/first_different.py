# different style; both bars
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_layers: list[tuple[np.ndarray, np.ndarray]]


class Step(NamedTuple):
    layers: list[tuple[np.ndarray, np.ndarray]]
    loss: float


# Each layer is one matrix [W b], and acts on columns that end with a 1. The cache holds, for each layer, its input
# with the 1, and for each sample the whole Jacobian of out with respect to z of the layer.


def _joined(layers):
    return [np.column_stack([np.array(W, dtype=float), np.array(b, dtype=float)]) for W, b in layers]


def _with_ones(columns):
    return np.vstack([columns, np.ones((1, columns.shape[1]))])


def mlp_forward(x: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> Forward:
    joined = _joined(layers)
    tops = [_with_ones(np.array(x, dtype=float).T)]
    active = []
    for matrix in joined[:-1]:
        z = matrix @ tops[-1]
        active.append(z > 0)
        tops.append(_with_ones(np.where(z > 0, z, 0.0)))
    out = (joined[-1] @ tops[-1]).T

    n, units = out.shape
    jacobian = np.broadcast_to(np.eye(units), (n, units, units))
    jacobians = [jacobian]
    for level in range(len(joined) - 1, 0, -1):
        jacobian = np.einsum("nou,uv,vn->nov", jacobian, joined[level][:, :-1], active[level - 1].astype(float))
        jacobians.append(jacobian)
    jacobians.reverse()
    to_x = np.einsum("nou,uv->nov", jacobians[0], joined[0][:, :-1])
    return Forward(out.copy(), (tops, jacobians, to_x))


def mlp_backward(grad_out: np.ndarray, cache: object) -> Backward:
    tops, jacobians, to_x = cache
    grad_out = np.asarray(grad_out, dtype=float)
    grad_layers = []
    for top, jacobian in zip(tops, jacobians):
        both = np.einsum("no,nou,vn->uv", grad_out, jacobian, top, optimize=True)
        grad_layers.append((both[:, :-1].copy(), both[:, -1].copy()))
    return Backward(np.einsum("no,nov->nv", grad_out, to_x), grad_layers)


def mlp_step(x: np.ndarray, target: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]], lr: float) -> Step:
    out, cache = mlp_forward(x, layers)
    target = np.asarray(target, dtype=float)
    if target.shape != out.shape:
        raise ValueError(f"target has the shape {target.shape}, out {out.shape}")
    residual = (out - target) / len(out)
    loss = float(np.vdot(residual, out - target)) / 2
    moved = []
    for old, grads in zip(layers, mlp_backward(residual, cache).grad_layers):
        moved.append(tuple(np.array(part, dtype=float) - lr * grad for part, grad in zip(old, grads)))
    return Step(moved, loss)
