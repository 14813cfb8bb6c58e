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
    if len(x) == 0:
        raise ValueError("the sequence has no step")
    hidden, cells = np.empty((2, len(x) + 1, *h0.shape))
    hidden[0], cells[0] = h0, c0
    gates = np.empty((len(x), 4, *h0.shape))
    for t, x_t in enumerate(x):
        z_i, z_f, z_g, z_o = np.split(x_t @ w_ih.T + hidden[t] @ w_hh.T + b, 4, axis=1)
        i, f, g, o = gates[t] = _sigmoid(z_i), _sigmoid(z_f), np.tanh(z_g), _sigmoid(z_o)
        cells[t + 1] = f * cells[t] + i * g
        hidden[t + 1] = o * np.tanh(cells[t + 1])
    return Forward(hidden[1:], cells[-1], (x, hidden, cells, gates, w_ih, w_hh))


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
    x, hidden, cells, gates, w_ih, w_hh = cache
    grad_h, grad_c = np.zeros(grad_c_n.shape), grad_c_n
    grad_z = []
    for direct, before, after, (i, f, g, o) in zip(
        grad_output[::-1], cells[-2::-1], cells[:0:-1], gates[::-1], strict=True
    ):
        squashed = np.tanh(after)
        grad_h = grad_h + direct
        # The cell reaches the loss through this step's state and through the next cell.
        grad_c = grad_c + grad_h * o * (1 - squashed**2)
        blocks = [
            grad_c * g * i * (1 - i),
            grad_c * before * f * (1 - f),
            grad_c * i * (1 - g**2),
            grad_h * squashed * o * (1 - o),
        ]
        grad_z.append(np.concatenate(blocks, axis=1))
        grad_h = grad_z[-1] @ w_hh
        grad_c = grad_c * f
    grad_z = np.array(grad_z[::-1])
    return Backward(
        grad_z @ w_ih,
        grad_h,
        grad_c,
        np.einsum("tnz,tni->zi", grad_z, x),
        np.einsum("tnz,tnh->zh", grad_z, hidden[:-1]),
        grad_z.sum(axis=(0, 1)),
    )


def _sigmoid(z: np.ndarray) -> np.ndarray:
    # exp(z) / (1 + exp(z)) below 0, and 1 / (1 + exp(-z)) above: no exponential overflows.
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def lstm_forward_via_samples(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    """Run each sample's sequence to its end before the next, on inputs that all steps have seen to at once."""
    if x.shape[0] == 0:
        raise ValueError("nothing to run over")
    from_input = np.einsum("tni,zi->ntz", x, w_ih) + b
    histories = []
    for sample, h, c in zip(from_input, h0, c0, strict=True):
        # Of each step the state, the cell and the four gates; of step 0 there are no gates.
        history = [[h, c, *np.full((4, len(h)), np.nan)]]
        for drive in sample:
            i, f, g, o = (drive + w_hh @ history[-1][0]).reshape(4, -1)
            with np.errstate(over="ignore"):
                i, f, o = 1 / (1 + np.exp(-np.array([i, f, o])))
            g = np.tanh(g)
            cell = i * g + f * history[-1][1]
            history.append([np.tanh(cell) * o, cell, i, f, g, o])
        histories.append(history)
    hidden, cells, *gates = np.array(histories).transpose(2, 1, 0, 3)
    return Forward(hidden[1:], cells[-1], (x, hidden, cells, np.stack(gates, axis=1)[1:], w_ih, w_hh))


def lstm_forward_via_four_layers(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    """Give each gate a matrix of its own, which sees the input, the state and a one."""
    seq_len, n_samples, _ = x.shape
    if seq_len < 1:
        raise ValueError("at least one step is needed")
    hidden_size = h0.shape[1]
    weights = np.hstack([w_ih, w_hh, b[:, None]]).reshape(4, hidden_size, -1)
    hidden, cells = np.empty((2, seq_len + 1, n_samples, hidden_size))
    gates = np.empty((seq_len, 4, n_samples, hidden_size))
    hidden[0], cells[0] = h0, c0
    for t in range(seq_len):
        seen = np.hstack([x[t], hidden[t], np.ones((n_samples, 1))])
        for gate, matrix in enumerate(weights):
            z = np.inner(seen, matrix)
            # A sigmoid is a tanh of half the size, moved from (-1, 1) to (0, 1); logaddexp keeps its digits.
            gates[t, gate] = np.tanh(z) if gate == 2 else np.exp(-np.logaddexp(0, -z))
        cells[t + 1] = cells[t] * gates[t, 1]
        cells[t + 1] += gates[t, 0] * gates[t, 2]
        hidden[t + 1] = gates[t, 3] * np.tanh(cells[t + 1])
    return Forward(hidden[1:], cells[seq_len], (x, hidden, cells, gates, w_ih, w_hh))


def lstm_backward_via_accumulating(grad_output: np.ndarray, grad_c_n: np.ndarray, cache: object) -> Backward:
    """Add each step's and each sample's share to the gradients, on the way back."""
    x, hidden, cells, gates, w_ih, w_hh = cache
    grad_x, grad_h, grad_c = np.empty(x.shape), np.zeros(grad_c_n.shape), grad_c_n.astype(float)
    grad_w_ih, grad_w_hh, grad_b = np.zeros(w_ih.shape), np.zeros(w_hh.shape), np.zeros(len(w_ih))
    for t in range(len(x) - 1, -1, -1):
        for n in range(x.shape[1]):
            i, f, g, o = gates[t, :, n]
            grad_h[n] += grad_output[t, n]
            grad_c[n] += grad_h[n] * o / np.cosh(cells[t + 1, n]) ** 2
            grad_gates = [grad_c[n] * g, grad_c[n] * cells[t, n], grad_c[n] * i, grad_h[n] * np.tanh(cells[t + 1, n])]
            grad_z = np.ravel(grad_gates) * np.ravel([i - i * i, f - f * f, (1 - g) * (1 + g), o - o * o])
            grad_w_ih += np.outer(grad_z, x[t, n])
            grad_w_hh += np.outer(grad_z, hidden[t, n])
            grad_b += grad_z
            grad_x[t, n] = w_ih.T @ grad_z
            grad_h[n] = w_hh.T @ grad_z
            grad_c[n] *= f
    return Backward(grad_x, grad_h, grad_c, grad_w_ih, grad_w_hh, grad_b)


def lstm_backward_via_jacobians(grad_output: np.ndarray, grad_c_n: np.ndarray, cache: object) -> Backward:
    """Take state and cell for one vector, write out its Jacobians for each step and sample, and multiply."""
    x, hidden, cells, gates, w_ih, w_hh = cache
    seq_len, n_samples, hidden_size = grad_output.shape
    grad_z, grad_start = np.empty((seq_len, n_samples, len(w_ih))), np.empty((n_samples, 2 * hidden_size))
    for n in range(n_samples):
        adjoint = np.concatenate([np.zeros(hidden_size), grad_c_n[n]])
        for t in range(seq_len)[::-1]:
            i, f, g, o = gates[t, :, n]
            slope = o * (1 - np.tanh(cells[t + 1, n]) ** 2)
            cell_by_z = np.hstack(
                [
                    np.diag(g * i * (1 - i)),
                    np.diag(cells[t, n] * f * (1 - f)),
                    np.diag(i * (1 - g**2)),
                    np.zeros((hidden_size, hidden_size)),
                ]
            )
            state_by_z = slope[:, None] * cell_by_z
            state_by_z[:, 3 * hidden_size :] = np.diag(np.tanh(cells[t + 1, n]) * o * (1 - o))
            by_z = np.vstack([state_by_z, cell_by_z])
            # With z held, only the old cell moves the new cell and the state.
            by_cell = np.vstack([np.diag(slope * f), np.diag(f)])
            adjoint = adjoint + np.concatenate([grad_output[t, n], np.zeros(hidden_size)])
            grad_z[t, n] = adjoint @ by_z
            adjoint = adjoint @ np.hstack([by_z @ w_hh, by_cell])
        grad_start[n] = adjoint
    rows, before = grad_z.reshape(-1, len(w_ih)), hidden[:-1].reshape(-1, hidden_size)
    return Backward(
        np.einsum("tnz,zi->tni", grad_z, w_ih),
        grad_start[:, :hidden_size],
        grad_start[:, hidden_size:],
        rows.T @ x.reshape(len(rows), -1),
        rows.T @ before,
        rows.T @ np.ones(len(rows)),
    )
