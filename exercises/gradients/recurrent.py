# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- recurrent
"""A recurrent layer, forward and backward through time, and the norm of its gradient at each step.

The hidden state h of each sample is carried from step to step. With h_0 given, for t = 1, ..., seq_len,

    h_t = tanh(x_t W_ih^T + h_(t-1) W_hh^T + b)

One set of weights serves all steps. Time is the first axis of a sequence, the sample the second, as in PyTorch's RNN
by default; PyTorch's two biases are one here, their sum.

Backward through time, the loss may depend on every h_t directly, and h_t also reaches it through all later steps. So
dL/d h_t below is the total over all paths:

    dL/d h_t = (direct part at t) + (dL/d h_(t+1) * (1 - h_(t+1)^2)) W_hh

where * is entry by entry, and the second term is absent at t = seq_len. h_0 has no direct part.

Each pass walks the sequence once: 3,000 steps of a small layer should take well under a second.

Source: Werbos, Backpropagation Through Time: What It Does and How to Do It (1990); Pascanu, Mikolov and Bengio, On the
difficulty of training recurrent neural networks (2013), section 2, for the norms. The layer is PyTorch's RNN with tanh.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """What `rnn_forward` returns.

    `output` has the shape (seq_len, n_samples, hidden_size) and holds h_1 to h_seq_len; h_0 is not among them.
    `cache` is yours, in any form: whatever the other two functions need to know of this call.
    """

    output: np.ndarray
    cache: object


class Backward(NamedTuple):
    """What `rnn_backward` returns: the loss's gradients, of the shapes of x, h0, w_ih, w_hh and b."""

    grad_x: np.ndarray
    grad_h0: np.ndarray
    grad_w_ih: np.ndarray
    grad_w_hh: np.ndarray
    grad_b: np.ndarray


def rnn_forward(x: np.ndarray, h0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray) -> Forward:
    """Run the layer over a batch of sequences.

    Parameters
    ----------
    x : array of shape (seq_len, n_samples, input_size)
    h0 : array of shape (n_samples, hidden_size)
        The state before the first step.
    w_ih : array of shape (hidden_size, input_size)
    w_hh : array of shape (hidden_size, hidden_size)
    b : array of shape (hidden_size,)

    Returns
    -------
    Forward
        output, cache.

    Raises
    ------
    ValueError
        If the sequence has no step.

    Examples
    --------
    One unit that adds up its inputs, squashed: tanh(0.5), then tanh(0.5 + tanh(0.5)).

    >>> x, h0 = np.array([[[0.5]], [[0.5]]]), np.array([[0.0]])
    >>> one, zero = np.array([[1.0]]), np.array([0.0])
    >>> rnn_forward(x, h0, one, one, zero).output.ravel().round(3)
    array([0.462, 0.745])
    """
    raise NotImplementedError


def rnn_backward(grad_output: np.ndarray, cache: object) -> Backward:
    """Turn the loss's direct gradient for `output` into those for x, h0, w_ih, w_hh and b.

    Parameters
    ----------
    grad_output : array of shape (seq_len, n_samples, hidden_size)
        The direct part of dL/d h_t at each step, 0 where the loss does not look at h_t.
    cache : as `rnn_forward` returned it
        Says which call is meant: there may have been other calls since. The arrays of that call are unchanged.

    Returns
    -------
    Backward
        grad_x, grad_h0, grad_w_ih, grad_w_hh, grad_b. The weights serve all steps and samples, and their gradients are
        sums over both.

    Examples
    --------
    Two steps that stay at 0, where tanh is as steep as 1. The loss looks at the last state alone; each step back
    multiplies its gradient by w_hh = 0.5.

    >>> x, h0 = np.array([[[0.0]], [[0.0]]]), np.array([[0.0]])
    >>> w_ih, w_hh, b = np.array([[3.0]]), np.array([[0.5]]), np.array([0.0])
    >>> cache = rnn_forward(x, h0, w_ih, w_hh, b).cache
    >>> gradients = rnn_backward(np.array([[[0.0]], [[1.0]]]), cache)
    >>> gradients.grad_x.ravel()
    array([1.5, 3. ])
    >>> gradients.grad_h0, gradients.grad_b
    (array([[0.25]]), array([1.5]))
    """
    raise NotImplementedError


def hidden_gradient_norms(grad_output: np.ndarray, cache: object) -> np.ndarray:
    """Return the norm of dL/d h_t for each step: what is left of the gradient on its way to the beginning.

    Parameters
    ----------
    grad_output : array of shape (seq_len, n_samples, hidden_size)
        As `rnn_backward` takes it.
    cache : as `rnn_forward` returned it

    Returns
    -------
    array of shape (seq_len + 1,)
        For t = 0, ..., seq_len, in this order: the root of the sum of the squares of dL/d h_t over samples and units.

    Examples
    --------
    The gradient of the last state halves at each step back.

    >>> x, h0 = np.zeros((3, 1, 1)), np.array([[0.0]])
    >>> cache = rnn_forward(x, h0, np.array([[1.0]]), np.array([[0.5]]), np.array([0.0])).cache
    >>> hidden_gradient_norms(np.array([[[0.0]], [[0.0]], [[-8.0]]]), cache)
    array([1., 2., 4., 8.])
    """
    raise NotImplementedError
