# wrong (core): the cell's gradient is carried from t + 1 to t with the forget gate of t
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- lstm
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


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))


def split(z: np.ndarray) -> list[np.ndarray]:
    """The four blocks of the columns of z."""
    z = z.reshape(len(z), 4, z.shape[1] // 4)
    return [z[:, k] for k in range(4)]


def join(blocks: list[np.ndarray]) -> np.ndarray:
    return np.stack(blocks, axis=1).reshape(len(blocks[0]), 4 * blocks[0].shape[1])


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
    if len(x) == 0:
        raise ValueError("empty sequence")
    h, c = h0, c0
    hs, cs, gates = [h0], [c0], []
    for x_t in x:
        z_i, z_f, z_g, z_o = split(x_t @ w_ih.T + h @ w_hh.T + b)
        i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
        c = f * c + i * g
        h = o * np.tanh(c)
        hs.append(h)
        cs.append(c)
        gates.append((i, f, g, o))
    return Forward(np.array(hs[1:]), c.copy(), (x, hs, cs, gates, w_ih, w_hh))


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
    x, hs, cs, gates, w_ih, w_hh = cache
    grad_output = np.asarray(grad_output, dtype=float)
    grad_x = np.zeros_like(x)
    grad_w_ih, grad_w_hh, grad_b = np.zeros_like(w_ih), np.zeros_like(w_hh), np.zeros(len(w_ih))
    dh_next = np.zeros_like(hs[0])
    dc = np.asarray(grad_c_n, dtype=float)
    for t in range(len(x) - 1, -1, -1):
        i, f, g, o = gates[t]
        tanh_c = np.tanh(cs[t + 1])
        dh = grad_output[t] + dh_next
        if t < len(x) - 1:
            dc = dc * f
        dc = dc + dh * o * (1 - tanh_c**2)
        dz = join(
            [
                dc * g * i * (1 - i),
                dc * cs[t] * f * (1 - f),
                dc * i * (1 - g**2),
                dh * tanh_c * o * (1 - o),
            ]
        )
        grad_x[t] = dz @ w_ih
        grad_w_ih += dz.T @ x[t]
        grad_w_hh += dz.T @ hs[t]
        grad_b += dz.sum(axis=0)
        dh_next = dz @ w_hh
    return Backward(grad_x, dh_next, dc * gates[0][1], grad_w_ih, grad_w_hh, grad_b)
