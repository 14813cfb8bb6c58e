# wrong (core): dz is written over the cached gates: a second backward with the same cache differs
"""An LSTM layer, forward and backward through time.

The cell c is the memory, and the state h is the output. With h_0 and c_0 given, for t = 1, ..., seq_len,

    z_t = x_t W_ih^T + h_(t-1) W_hh^T + b         4 * hidden_size columns: the blocks z_i, z_f, z_g, z_o, in this order

    i = sigmoid(z_i)     f = sigmoid(z_f)     g = tanh(z_g)     o = sigmoid(z_o)

    c_t = f * c_(t-1) + i * g                     * is entry by entry
    h_t = o * tanh(c_t)

The loss depends on every h_t and on the last cell. Each pass takes time proportional to seq_len.

Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997), with the forget gate f of Gers, Schmidhuber and
Cummins (2000). The layer is PyTorch's LSTM, and b is the sum of its two biases.

Strict
------
- ValueError if seq_len is 0.
- Entries of z_t of size 1e4 give no NaN.
"""

from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    """h_1 to h_seq_len, of shape (seq_len, n_samples, hidden_size), the last cell, and what backward needs."""

    output: np.ndarray
    c_n: np.ndarray
    cache: object


class Backward(NamedTuple):
    """The gradients of the loss, in the shapes of x, h0, c0, w_ih, w_hh and b."""

    grad_x: np.ndarray
    grad_h0: np.ndarray
    grad_c0: np.ndarray
    grad_w_ih: np.ndarray
    grad_w_hh: np.ndarray
    grad_b: np.ndarray


def lstm_forward(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    """Run the layer over a batch of sequences.

    Parameters
    ----------
    x : array of shape (seq_len, n_samples, input_size)
    h0, c0 : arrays of shape (n_samples, hidden_size)
    w_ih : array of shape (4 * hidden_size, input_size)
    w_hh : array of shape (4 * hidden_size, hidden_size)
    b : array of shape (4 * hidden_size,)

    Examples
    --------
    i is 1/2, f is 3/4, g is 3/5 and o is 1/2.

    >>> x, h0, c0, zeros = np.zeros((2, 1, 1)), np.array([[0.0]]), np.array([[2.0]]), np.zeros((4, 1))
    >>> output, c_n, _ = lstm_forward(x, h0, c0, zeros, zeros, np.array([0.0, np.log(3), np.log(2), 0.0]))
    >>> output.ravel().round(3), c_n.round(3)
    (array([0.473, 0.464]), array([[1.65]]))
    """
    x, h0, c0, w_ih, w_hh, b = (np.array(a, dtype=float) for a in (x, h0, c0, w_ih, w_hh, b))
    T, n, _ = x.shape
    if T == 0:
        raise ValueError("seq_len is 0")
    H = h0.shape[1]
    h, c = np.empty((T + 1, n, H)), np.empty((T + 1, n, H))
    gates = np.empty((T, n, 4 * H))
    h[0], c[0] = h0, c0
    for t in range(T):
        z = x[t] @ w_ih.T + h[t] @ w_hh.T + b
        a = 0.5 * (1 + np.tanh(0.5 * z))
        a[:, 2 * H : 3 * H] = np.tanh(z[:, 2 * H : 3 * H])
        gates[t] = a
        i, f, g, o = np.split(a, 4, axis=1)
        c[t + 1] = f * c[t] + i * g
        h[t + 1] = o * np.tanh(c[t + 1])
    return Forward(h[1:].copy(), c[T].copy(), (x, h, c, gates, w_ih, w_hh))


def lstm_backward(grad_output: np.ndarray, grad_c_n: np.ndarray, cache: object) -> Backward:
    """Return the gradients of the loss.

    Parameters
    ----------
    grad_output : array of shape (seq_len, n_samples, hidden_size)
        The direct part of dL/dh_t for each t.
    grad_c_n : array of shape (n_samples, hidden_size)
        The direct part of dL/dc_t for t = seq_len. The other cells have none.
    cache : object
        From any earlier call of lstm_forward. A second backward with the same cache gives the same.

    Examples
    --------
    >>> x, h0, c0, zeros = np.zeros((2, 1, 1)), np.array([[0.0]]), np.array([[2.0]]), np.zeros((4, 1))
    >>> cache = lstm_forward(x, h0, c0, zeros, zeros, np.array([0.0, np.log(3), np.log(2), 0.0])).cache
    >>> gradients = lstm_backward(np.zeros((2, 1, 1)), np.array([[16.0]]), cache)
    >>> gradients.grad_c0, gradients.grad_b.round(3)
    (array([[9.]]), array([4.2 , 9.9 , 8.96, 0.  ]))
    """
    x, h, c, gates, w_ih, w_hh = cache
    T = len(x)
    grad_output = np.asarray(grad_output, dtype=float)
    dc = np.array(grad_c_n, dtype=float)
    dh_next = np.zeros_like(dc)
    grad_x, grad_w_ih, grad_w_hh = np.empty_like(x), np.zeros_like(w_ih), np.zeros_like(w_hh)
    grad_b = np.zeros(len(w_ih))
    for t in reversed(range(T)):
        i, f, g, o = np.split(gates[t], 4, axis=1)
        tanh_c = np.tanh(c[t + 1])
        dh = grad_output[t] + dh_next
        dc = dc + dh * o * (1 - tanh_c**2)
        new = np.concatenate(
            [dc * g * i * (1 - i), dc * c[t] * f * (1 - f), dc * i * (1 - g**2), dh * tanh_c * o * (1 - o)], axis=1
        )
        dc = dc * f
        dz = gates[t]
        dz[:] = new
        grad_x[t] = dz @ w_ih
        grad_w_ih += dz.T @ x[t]
        grad_w_hh += dz.T @ h[t]
        grad_b += dz.sum(axis=0)
        dh_next = dz @ w_hh
    return Backward(grad_x, dh_next, dc, grad_w_ih, grad_w_hh, grad_b)
