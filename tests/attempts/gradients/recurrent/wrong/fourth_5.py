# wrong (core): backward stops at the first step whose gradient is zero, though earlier steps have a grad_output of their own
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- recurrent
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
    x, h0, w_ih, w_hh, b = (np.asarray(a, dtype=np.float64) for a in (x, h0, w_ih, w_hh, b))
    seq_len, n_samples, _ = x.shape
    if seq_len == 0:
        raise ValueError("seq_len must be at least 1")
    output = np.empty((seq_len, n_samples, w_hh.shape[0]))
    h = h0
    for t in range(seq_len):
        h = np.tanh(x[t] @ w_ih.T + h @ w_hh.T + b)
        output[t] = h
    cache = {"x": x.copy(), "h0": h0.copy(), "w_ih": w_ih.copy(), "w_hh": w_hh.copy(), "output": output.copy()}
    return Forward(output, cache)


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
    grad_output = np.asarray(grad_output, dtype=np.float64)
    x, h0, w_ih, w_hh, output = (cache[key] for key in ("x", "h0", "w_ih", "w_hh", "output"))
    grad_x = np.zeros_like(x)
    grad_w_ih = np.zeros_like(w_ih)
    grad_w_hh = np.zeros_like(w_hh)
    grad_b = np.zeros(w_hh.shape[0])
    grad_h = np.zeros_like(h0)
    for t in range(len(x) - 1, -1, -1):
        grad_h = grad_h + grad_output[t]
        if not grad_h.any():
            grad_h = np.zeros_like(h0)
            break  # nothing flows back any more
        grad_a = grad_h * (1.0 - output[t] ** 2)
        grad_x[t] = grad_a @ w_ih
        grad_w_ih += grad_a.T @ x[t]
        grad_w_hh += grad_a.T @ (output[t - 1] if t > 0 else h0)
        grad_b += grad_a.sum(axis=0)
        grad_h = grad_a @ w_hh
    return Backward(grad_x, grad_h, grad_w_ih, grad_w_hh, grad_b)


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
    grad_output = np.asarray(grad_output, dtype=np.float64)
    w_hh, output = cache["w_hh"], cache["output"]
    seq_len = len(output)
    norms = np.empty(seq_len + 1)
    grad_h = np.zeros_like(cache["h0"])
    for t in range(seq_len, 0, -1):
        grad_h = grad_h + grad_output[t - 1]
        norms[t] = np.linalg.norm(grad_h)
        grad_h = (grad_h * (1.0 - output[t - 1] ** 2)) @ w_hh
    norms[0] = np.linalg.norm(grad_h)
    return norms
