# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- recurrent
"""A recurrent layer, forward and backward through time, and the norm of its gradient at each step.

With h_0 given, for t = 1, ..., seq_len,

    h_t = tanh(x_t W_ih^T + h_(t-1) W_hh^T + b)

The loss depends on each h_t directly (grad_output) and through all later steps. dL/dh_t is the total:

    dL/dh_t = grad_output_t + (dL/dh_(t+1) * (1 - h_(t+1)^2)) W_hh

where * is entry by entry. There is no second term at t = seq_len, and no first term at t = 0. Each pass takes time
proportional to seq_len.

Source: Werbos, Backpropagation Through Time (1990). The layer is PyTorch's RNN with tanh.

Strict
------
- ValueError if seq_len is 0.
"""

from typing import NamedTuple

import numpy as np


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
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError
