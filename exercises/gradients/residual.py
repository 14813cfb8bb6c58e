# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- residual
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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
