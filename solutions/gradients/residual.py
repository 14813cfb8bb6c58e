"""A stack of residual blocks, forward and backward, and the plain stack of the same layers.

A block has two weights. A residual block adds its input, a plain block does not. With relu(z) = max(z, 0):

    f(x) = relu(relu(x) @ W_1.T) @ W_2.T
    residual block:    y = x + f(x)
    plain block:       y = f(x)

This is the pre-activation form: nothing stands after the sum. Each block takes the output of the one before. The slope
of relu at 0 is 0.

Source: He et al., Identity Mappings in Deep Residual Networks (2016), with dense layers and without batch norm.

Strict
------
- ValueError in gradient_ratio if all of grad_out is 0.
"""

import math
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


def residual_forward(x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True) -> Forward:
    """Run a batch through a stack of blocks.

    Parameters
    ----------
    x : array of shape (n_samples, n_features)
    blocks : list of pairs (W_1, W_2), not empty
        Of shapes (n_hidden, n_features) and (n_features, n_hidden). n_hidden may differ from block to block.
    skip : bool
        True for residual blocks, False for plain ones.

    Examples
    --------
    >>> x, blocks = np.array([[2.0, -1.0]]), [(np.array([[3.0, 5.0]]), np.array([[0.5], [-1.0]]))]
    >>> residual_forward(x, blocks).out
    array([[ 5., -7.]])
    >>> residual_forward(x, blocks, skip=False).out
    array([[ 3., -6.]])
    """
    steps = []
    for w_1, w_2 in blocks:
        z = np.maximum(x, 0) @ w_1.T
        steps.append((x, z, w_1, w_2))
        f = np.maximum(z, 0) @ w_2.T
        x = x + f if skip else f
    return Forward(x, (steps, skip))


def residual_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x and all weights.

    Parameters
    ----------
    grad_out : array of shape (n_samples, n_features)
        The gradient with respect to out.
    cache : object
        From any earlier call of residual_forward.

    Examples
    --------
    >>> x, blocks = np.array([[2.0, -1.0]]), [(np.array([[3.0, 5.0]]), np.array([[0.5], [-1.0]]))]
    >>> grad_x, grad_blocks = residual_backward(np.array([[1.0, 0.0]]), residual_forward(x, blocks).cache)
    >>> grad_x
    array([[2.5, 0. ]])
    >>> grad_blocks
    [(array([[1., 0.]]), array([[6.],
           [0.]]))]
    """
    steps, skip = cache
    grad_blocks = []
    for x, z, w_1, w_2 in reversed(steps):
        grad_z = grad_out @ w_2 * (z > 0)
        grad_blocks.append((grad_z.T @ np.maximum(x, 0), grad_out.T @ np.maximum(z, 0)))
        through = grad_z @ w_1 * (x > 0)
        grad_out = grad_out + through if skip else through
    return Backward(grad_out, grad_blocks[::-1])


def gradient_ratio(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], grad_out: np.ndarray, skip: bool = True
) -> float:
    """Return the Frobenius norm of the gradient for x divided by that of grad_out.

    Examples
    --------
    Each of two blocks has f(x) = x / 4, so the slope is 1 + 1/4, or 1/4 in a plain block.

    >>> x, block, grad_out = np.array([[4.0]]), (np.array([[0.5]]), np.array([[0.5]])), np.array([[1.0]])
    >>> gradient_ratio(x, [block, block], grad_out)
    1.5625
    >>> gradient_ratio(x, [block, block], grad_out, skip=False)
    0.0625
    """
    if not np.any(grad_out):
        raise ValueError("grad_out is 0 throughout: nothing can be compared with it")
    grad_x = residual_backward(grad_out, residual_forward(x, blocks, skip).cache).grad_x
    return float(np.linalg.norm(grad_x) / np.linalg.norm(grad_out))


def residual_forward_via_samples(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True
) -> Forward:
    """Run each sample through the whole stack before the next."""
    runs = []
    for sample in x:
        run = [sample]
        for w_1, w_2 in blocks:
            z = w_1 @ np.maximum(run[-1], 0)
            run += [z, skip * run[-1] + w_2 @ np.maximum(z, 0)]
        runs.append(run)
    parts = [np.array(part) for part in zip(*runs, strict=True)]
    steps = [(parts[2 * k], parts[2 * k + 1], *block) for k, block in enumerate(blocks)]
    return Forward(parts[-1], (steps, skip))


def residual_forward_via_recursion(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True
) -> Forward:
    """Take the first block off and leave the rest to a shorter stack."""
    w_1, w_2 = blocks[0]
    z = np.einsum("nf,hf->nh", x.clip(min=0), w_1)
    out = np.einsum("nh,fh->nf", z.clip(min=0), w_2) + (x if skip else 0)
    if len(blocks) == 1:
        return Forward(out, ([(x, z, w_1, w_2)], skip))
    rest = residual_forward_via_recursion(out, blocks[1:], skip)
    return Forward(rest.out, ([(x, z, w_1, w_2), *rest.cache[0]], skip))


def residual_backward_via_jacobians(grad_out: np.ndarray, cache: object) -> Backward:
    """Write out the Jacobian of each block, sample by sample, and multiply."""
    steps, skip = cache
    grad_x = np.empty(grad_out.shape)
    grad_blocks = [(np.zeros(w_1.shape), np.zeros(w_2.shape)) for _, _, w_1, w_2 in steps]
    for n in range(len(grad_out)):
        grad = grad_out[n]
        for (x, z, w_1, w_2), grads in zip(steps[::-1], grad_blocks[::-1], strict=True):
            # Of the hidden z by the input, of the output by the hidden z.
            to_hidden, to_out = w_1 @ np.diag(x[n] > 0), w_2 @ np.diag(z[n] > 0)
            grads[0][:] += np.outer(grad @ to_out, np.maximum(x[n], 0))
            grads[1][:] += np.outer(grad, np.maximum(z[n], 0))
            grad = grad @ (to_out @ to_hidden + skip * np.eye(len(grad)))
        grad_x[n] = grad
    return Backward(grad_x, grad_blocks)


def residual_backward_via_tape(grad_out: np.ndarray, cache: object) -> Backward:
    """Keep one gradient that the blocks add to, or replace, in place; einsum for every product."""
    steps, skip = cache
    grad, grad_blocks = np.array(grad_out, dtype=float), [None] * len(steps)
    for k in range(len(steps) - 1, -1, -1):
        x, z, w_1, w_2 = steps[k]
        active, on = x * (x > 0), z * (z > 0)
        grad_on = np.einsum("nf,fh->nh", grad, w_2)
        grad_on[z <= 0] = 0.0
        grad_blocks[k] = np.einsum("nh,nf->hf", grad_on, active), np.einsum("nf,nh->fh", grad, on)
        grad *= skip
        grad += np.einsum("nh,hf->nf", grad_on, w_1 * 1.0) * np.sign(active)
    return Backward(grad, grad_blocks)


def gradient_ratio_via_flattening(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], grad_out: np.ndarray, skip: bool = True
) -> float:
    """Measure with hypot, which takes all entries in one row."""
    there = math.hypot(*grad_out.ravel().tolist())
    if there == 0:
        raise ValueError("no gradient to begin with")
    step = residual_forward(x, blocks, skip=skip)
    here = math.hypot(*residual_backward(grad_out, step.cache).grad_x.ravel().tolist())
    return here / there


def gradient_ratio_via_scaling(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], grad_out: np.ndarray, skip: bool = True
) -> float:
    """Send a gradient of norm 1 back: what arrives is the ratio."""
    length = np.sqrt(np.einsum("nf,nf->", grad_out, grad_out))
    if not length > 0:
        raise ValueError("a gradient of 0 has no direction")
    arrived = residual_backward(grad_out / length, residual_forward(x, blocks, skip)[1])[0]
    return float(np.sqrt((arrived**2).sum()))
