# different style; both bars
from math import hypot
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output in the shape of x, and anything that backward needs of this call."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradient for x, and a pair of gradients (for W_1, for W_2) for each block, in the order of the blocks."""

    grad_x: np.ndarray
    grad_blocks: list[tuple[np.ndarray, np.ndarray]]


def _chain(x, blocks, skip):
    """Run all blocks: the output and the tape, a list of closures that pull a gradient back through one block."""
    tape = []
    for w_1, w_2 in blocks:
        w_1, w_2 = np.array(w_1, dtype=float), np.array(w_2, dtype=float)
        gate_x = np.heaviside(x, 0.0)
        active = np.where(gate_x > 0, x, 0.0)
        inner = np.einsum("nf,hf->nh", active, w_1)
        gate_inner = np.heaviside(inner, 0.0)
        hidden = np.where(gate_inner > 0, inner, 0.0)

        def pull(grad, w_1=w_1, w_2=w_2, gate_x=gate_x, active=active, gate_inner=gate_inner, hidden=hidden):
            grad_2 = np.einsum("nf,nh->fh", grad, hidden)
            back = gate_inner * np.einsum("nf,fh->nh", grad, w_2)
            grad_1 = np.einsum("nh,nf->hf", back, active)
            through = gate_x * np.einsum("nh,hf->nf", back, w_1)
            return (grad + through if skip else through), (grad_1, grad_2)

        tape.append(pull)
        branch = np.einsum("nh,fh->nf", hidden, w_2)
        x = x + branch if skip else branch
    return x, tape


def residual_forward(x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True) -> Forward:
    out, tape = _chain(np.array(x, dtype=float), blocks, bool(skip))
    return Forward(out, tuple(tape))


def residual_backward(grad_out: np.ndarray, cache: object) -> Backward:
    grad, pairs = np.array(grad_out, dtype=float), []
    for pull in reversed(cache):
        grad, pair = pull(grad)
        pairs.insert(0, pair)
    return Backward(grad, pairs)


def gradient_ratio(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], grad_out: np.ndarray, skip: bool = True
) -> float:
    below = hypot(*(float(g) for g in np.ravel(grad_out).tolist()))
    if below == 0:
        raise ValueError("all of grad_out is 0")
    grad_x = residual_backward(grad_out, residual_forward(x, blocks, skip).cache).grad_x
    return hypot(*grad_x.ravel().tolist()) / below
