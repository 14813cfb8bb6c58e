# wrong (core): stops the walk back at a step whose gradient is zero, though earlier steps have their own
"""A recurrent layer, forward and backward through time, and the norm of its gradient at each step.

With h_0 given, for t = 1, ..., seq_len,

    h_t = tanh(x_t W_ih^T + h_(t-1) W_hh^T + b)

The loss depends on each h_t directly (grad_output) and through all later steps. dL/dh_t is the total:

    dL/dh_t = grad_output_t + (dL/dh_(t+1) * (1 - h_(t+1)^2)) W_hh

where * is entry by entry. There is no second term at t = seq_len, and no first term at t = 0. Each pass takes time
proportional to seq_len.

Source: Werbos, Backpropagation Through Time (1990). The layer is PyTorch's RNN with tanh, and b is the sum of its two
biases.

Strict
------
- ValueError if seq_len is 0.
"""

from typing import NamedTuple

import numpy as np

def _totals(grad_output, cache):
    """dL/dh_t for t = 0, ..., seq_len."""
    _, w_ih, w_hh, states = cache
    total = np.zeros(states.shape)
    total[1:] = grad_output
    for t in range(len(states) - 2, -1, -1):
        if not total[t + 1].any():  # nothing left to carry back
            break
        total[t] += (total[t + 1] * (1.0 - states[t + 1] ** 2)) @ w_hh
    return total


class Forward(NamedTuple):
    """The states h_1 to h_seq_len, of shape (seq_len, n_samples, hidden_size), and what backward needs, in any form."""

    output: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, h0, w_ih, w_hh and b."""

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
    w_ih : array of shape (hidden_size, input_size)
    w_hh : array of shape (hidden_size, hidden_size)
    b : array of shape (hidden_size,)

    Examples
    --------
    >>> x, h0 = np.array([[[0.5]], [[0.5]]]), np.array([[0.0]])
    >>> one, zero = np.array([[1.0]]), np.array([0.0])
    >>> rnn_forward(x, h0, one, one, zero).output.ravel().round(3)
    array([0.462, 0.745])
    """
    x, h0, w_ih, w_hh, b = (np.array(a, dtype=float) for a in (x, h0, w_ih, w_hh, b))
    seq_len = x.shape[0]
    if seq_len == 0:
        raise ValueError("seq_len is 0")
    states = np.empty((seq_len + 1,) + h0.shape)
    states[0] = h0
    inputs = x @ w_ih.T + b
    for t in range(seq_len):
        states[t + 1] = np.tanh(inputs[t] + states[t] @ w_hh.T)
    return Forward(states[1:].copy(), (x, w_ih, w_hh, states))


def rnn_backward(grad_output: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss.

    Parameters
    ----------
    grad_output : array of shape (seq_len, n_samples, hidden_size)
    cache : object
        From any earlier call of rnn_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> x, h0 = np.array([[[0.0]], [[0.0]]]), np.array([[0.0]])
    >>> w_ih, w_hh, b = np.array([[3.0]]), np.array([[0.5]]), np.array([0.0])
    >>> gradients = rnn_backward(np.array([[[0.0]], [[1.0]]]), rnn_forward(x, h0, w_ih, w_hh, b).cache)
    >>> gradients.grad_x.ravel()
    array([1.5, 3. ])
    >>> gradients.grad_h0, gradients.grad_b
    (array([[0.25]]), array([1.5]))
    """
    x, w_ih, w_hh, states = cache
    total = _totals(np.asarray(grad_output, dtype=float), cache)
    dz = total[1:] * (1.0 - states[1:] ** 2)
    return Backward(
        dz @ w_ih,
        total[0],
        np.einsum("tnh,tni->hi", dz, x),
        np.einsum("tnh,tnk->hk", dz, states[:-1]),
        dz.sum(axis=(0, 1)),
    )


def hidden_gradient_norms(grad_output: np.ndarray, cache: object) -> np.ndarray:
    """Return the Frobenius norm of dL/dh_t, over samples and units, for t = 0, ..., seq_len.

    The arguments are those of rnn_backward.

    Examples
    --------
    >>> x, h0 = np.zeros((3, 1, 1)), np.array([[0.0]])
    >>> cache = rnn_forward(x, h0, np.array([[1.0]]), np.array([[0.5]]), np.array([0.0])).cache
    >>> hidden_gradient_norms(np.array([[[0.0]], [[0.0]], [[-8.0]]]), cache)
    array([1., 2., 4., 8.])
    """
    total = _totals(np.asarray(grad_output, dtype=float), cache)
    return np.sqrt((total**2).sum(axis=(1, 2)))
