# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- residual
"""A stack of residual blocks, forward and backward, beside the plain stack of the same layers.

A block has two weights and adds what it computes to what it was given. With relu(z) = max(z, 0), entry by entry,

    f(x) = relu(relu(x) W_1^T) W_2^T
    residual block:    y = x + f(x)
    plain block:       y = f(x)

This is the pre-activation form: relu stands in front of each of the two weights, and nothing stands behind the sum, so
the sum passes from block to block untouched. There are no biases. A stack feeds each block with the output of the one
before; the first takes x.

Backward, the residual block passes the gradient on by two paths, as it is and through f:

    dL/dx = dL/dy + (dL/dy through f)

so that a gradient reaches every block even where f passes next to nothing. At 0 the slope of relu is 0.

Source: He, Zhang, Ren and Sun, Identity Mappings in Deep Residual Networks (2016), sections 2 and 4, with dense layers
in place of convolutions and without batch norm. The slope of relu at 0 is PyTorch's.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """What `residual_forward` returns.

    `out` has the shape of x. `cache` is yours, in any form: whatever `residual_backward` needs to know of this call.
    """

    out: np.ndarray
    cache: object


class Backward(NamedTuple):
    """What `residual_backward` returns: the loss's gradients.

    `grad_x` has the shape of x. `grad_blocks` has a pair for each block, in the order of blocks, of the shapes of its
    W_1 and W_2.
    """

    grad_x: np.ndarray
    grad_blocks: list[tuple[np.ndarray, np.ndarray]]


def residual_forward(x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True) -> Forward:
    """Run a batch through a stack of blocks.

    Parameters
    ----------
    x : array of shape (n_samples, n_features)
    blocks : list of pairs (W_1, W_2), in the order of the blocks
        At least one. W_1 has the shape (n_hidden, n_features) and W_2 the shape (n_features, n_hidden); n_hidden may
        differ from block to block.
    skip : bool
        Whether the blocks are residual ones, or plain ones.

    Returns
    -------
    Forward
        out, cache.

    Examples
    --------
    relu makes [2, -1] into [2, 0], W_1 that into 6, and W_2 that into [3, -6]. x itself is added, -1 included.

    >>> x, blocks = np.array([[2.0, -1.0]]), [(np.array([[3.0, 5.0]]), np.array([[0.5], [-1.0]]))]
    >>> residual_forward(x, blocks).out
    array([[ 5., -7.]])
    >>> residual_forward(x, blocks, skip=False).out
    array([[ 3., -6.]])
    """
    raise NotImplementedError


def residual_backward(grad_out: np.ndarray, cache: object) -> Backward:
    """Turn the loss's gradient for `out` into those for x and for all weights.

    Parameters
    ----------
    grad_out : array of shape (n_samples, n_features)
        dL/d out.
    cache : as `residual_forward` returned it
        Says which call is meant: there may have been other calls since. The arrays of that call are unchanged.

    Returns
    -------
    Backward
        grad_x, grad_blocks. The gradients for weights are sums over the samples.

    Examples
    --------
    The first entry of `out` moves with the first of x by 1, and through f by 3 * 0.5. relu switches the second of x
    off, so that only its own path counts, whose gradient is 0 here.

    >>> x, blocks = np.array([[2.0, -1.0]]), [(np.array([[3.0, 5.0]]), np.array([[0.5], [-1.0]]))]
    >>> grad_x, grad_blocks = residual_backward(np.array([[1.0, 0.0]]), residual_forward(x, blocks).cache)
    >>> grad_x
    array([[2.5, 0. ]])
    >>> grad_blocks
    [(array([[1., 0.]]), array([[6.],
           [0.]]))]
    >>> residual_backward(np.array([[1.0, 0.0]]), residual_forward(x, blocks, skip=False).cache).grad_x
    array([[1.5, 0. ]])
    """
    raise NotImplementedError


def gradient_ratio(
    x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], grad_out: np.ndarray, skip: bool = True
) -> float:
    """Return how much of the gradient is left when it arrives at the input of the stack.

    Parameters
    ----------
    x, blocks, skip
        As `residual_forward` takes them.
    grad_out : array of shape (n_samples, n_features)
        dL/d out.

    Returns
    -------
    float
        The norm of dL/dx divided by the norm of grad_out, each the root of the sum of all squared entries. It may be 0.

    Raises
    ------
    ValueError
        If all of grad_out is 0: the ratio is undefined.

    Examples
    --------
    Two blocks, each with f(x) = x / 4 where x is positive: a residual block has the slope 1 + 1/4, a plain one 1/4.

    >>> x, block, grad_out = np.array([[4.0]]), (np.array([[0.5]]), np.array([[0.5]])), np.array([[1.0]])
    >>> gradient_ratio(x, [block, block], grad_out)
    1.5625
    >>> gradient_ratio(x, [block, block], grad_out, skip=False)
    0.0625
    """
    raise NotImplementedError
