"""LoRA: fine-tune a linear layer through a low-rank update.

The layer's weight stays as it was trained (frozen). Two small matrices are trained instead, and b starts at 0, so the
layer starts unchanged:

    out = x W^T + (alpha / r) * x a^T b^T

Shapes are those of PyTorch and PEFT: W is (n_out, n_in), a is (r, n_in), b is (n_out, r). A bias is left out.

Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2022), section 4.1.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """The output, of shape (..., n_out), and what backward needs of this call in any form."""

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, a and b. The frozen weight has none."""

    grad_x: np.ndarray
    grad_a: np.ndarray
    grad_b: np.ndarray


def lora_forward(x: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> Forward:
    """Apply the layer.

    Parameters
    ----------
    x : array of shape (..., n_in)
        Any number of leading axes: samples, or sequences and positions.
    weight : array of shape (n_out, n_in)
    a : array of shape (r, n_in)
    b : array of shape (n_out, r)
    alpha : float

    Examples
    --------
    >>> x, weight = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> a, b = np.array([[1.0, 1.0]]), np.array([[1.0], [0.0], [-1.0]])
    >>> lora_forward(x, weight, a, b, alpha=2.0).out
    array([[ 7.,  2., -3.]])
    """
    scale = alpha / len(a)
    low = x @ a.T
    return Forward(x @ weight.T + scale * (low @ b.T), (x, low, weight, a, b, scale))


def lora_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss with respect to x, a and b.

    Parameters
    ----------
    grad_out : array of shape (..., n_out)
        The gradient with respect to out.
    cache : object
        From any earlier call of lora_forward. A second backward with the same cache gives the same.

    Examples
    --------
    At the start b is 0, so a has no gradient yet.

    >>> x, weight = np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]])
    >>> cache = lora_forward(x, weight, np.array([[1.0, 1.0]]), np.array([[0.0]]), alpha=2.0).cache
    >>> lora_backward(np.array([[1.0]]), cache)
    Backward(grad_x=array([[1., 3.]]), grad_a=array([[0., 0.]]), grad_b=array([[6.]]))
    """
    x, low, weight, a, b, scale = cache
    grad_low = scale * (grad_out @ b)
    grad_x = grad_out @ weight + grad_low @ a
    # One row for each sample or position: the gradients of a and b are sums over all of them.
    rows = grad_out.reshape(-1, grad_out.shape[-1])
    grad_a = grad_low.reshape(-1, len(a)).T @ x.reshape(-1, x.shape[-1])
    return Backward(grad_x, grad_a, scale * rows.T @ low.reshape(-1, len(a)))


def merge(weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """Return the weight of a plain linear layer that computes the same, as a new array.

    Examples
    --------
    >>> merge(np.ones((1, 2)), np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, -1.0]]), alpha=4.0)
    array([[3., 3.]])
    """
    return weight + alpha / len(a) * b @ a


def lora_forward_via_merged_weight(
    x: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float
) -> Forward:
    """Form the whole matrix first, as after training."""
    scale = alpha / a.shape[0]
    return Forward(np.inner(x, weight + scale * b @ a), (x, np.inner(x, a), weight, a, b, scale))


def lora_forward_via_rank_one(x: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> Forward:
    """Add one direction after the other: read along a row of a, write along a column of b."""
    scale = alpha / len(a)
    out = np.einsum("oi,...i->...o", weight, x)
    low = np.stack([(x * read).sum(axis=-1) for read in a], axis=-1)
    for k, write in enumerate(b.T):
        out = out + scale * low[..., k, np.newaxis] * write
    return Forward(out, (x, low, weight, a, b, scale))


def lora_backward_via_full_gradient(grad_out: np.ndarray, cache: object) -> Backward:
    """Take the gradient that the whole matrix would have, and pass it on to its two factors."""
    x, _, weight, a, b, scale = cache
    full = scale * np.tensordot(grad_out, x, axes=(range(x.ndim - 1), range(x.ndim - 1)))
    return Backward(grad_out @ (weight + scale * b @ a), b.T @ full, full @ a.T)


def lora_backward_via_loop(grad_out: np.ndarray, cache: object) -> Backward:
    """Go through the samples or positions, and add up what each contributes."""
    x, low, weight, a, b, scale = cache
    grad_x, grad_a, grad_b = np.zeros(x.shape), np.zeros(a.shape), np.zeros(b.shape)
    for place in np.ndindex(x.shape[:-1]):
        back = scale * (b.T @ grad_out[place])
        grad_x[place] = weight.T @ grad_out[place] + a.T @ back
        grad_a += np.outer(back, x[place])
        grad_b += scale * np.outer(grad_out[place], low[place])
    return Backward(grad_x, grad_a, grad_b)


def merge_via_identity(weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """Apply the layer to each unit vector: the outputs are the columns of its matrix."""
    return lora_forward(np.eye(weight.shape[1]), weight, a, b, alpha).out.T


def merge_via_sum(weight: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float) -> np.ndarray:
    """Add an outer product for each direction."""
    return weight + sum(np.outer(b[:, k], a[k]) * (alpha / len(a)) for k in range(len(a)))
