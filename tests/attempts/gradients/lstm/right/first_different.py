# different style; both bars
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    output: np.ndarray
    c_n: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_h0: np.ndarray
    grad_c0: np.ndarray
    grad_w_ih: np.ndarray
    grad_w_hh: np.ndarray
    grad_b: np.ndarray


def _sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -z))


# One matrix W = [w_ih | w_hh | b] of shape (4, hidden, input + hidden + 1) acts on u_t = [x_t | h_(t-1) | 1]. The cache
# holds W, every u_t and every c_t; backward computes the gates of all steps again, at once.


def lstm_forward(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    seq_len, n, d = np.shape(x)
    hidden = np.shape(h0)[1]
    if seq_len == 0:
        raise ValueError("seq_len is 0")
    columns = [np.asarray(part, dtype=float) for part in (w_ih, w_hh, np.reshape(b, (-1, 1)))]
    w = np.concatenate(columns, axis=1).reshape(4, hidden, d + hidden + 1)
    u = np.ones((seq_len + 1, n, d + hidden + 1))
    u[:seq_len, :, :d] = x
    u[0, :, d:-1] = h0
    c = np.empty((seq_len + 1, n, hidden))
    c[0] = c0
    for t in range(seq_len):
        z = np.einsum("khj,nj->knh", w, u[t])
        c[t + 1] = _sigmoid(z[1]) * c[t] + _sigmoid(z[0]) * np.tanh(z[2])
        u[t + 1, :, d:-1] = _sigmoid(z[3]) * np.tanh(c[t + 1])
    return Forward(u[1:, :, d:-1].copy(), c[-1].copy(), (w, u, c, d))


def lstm_backward(grad_output: np.ndarray, grad_c_n: np.ndarray, cache: object) -> Backward:
    w, u, c, d = cache
    seq_len = len(u) - 1
    hidden = c.shape[2]
    z = np.einsum("khj,tnj->ktnh", w, u[:-1])
    i, f, o = _sigmoid(z[0]), _sigmoid(z[1]), _sigmoid(z[3])
    g, tanh_c = np.tanh(z[2]), np.tanh(c[1:])
    # What dz_t is per unit of dL/dc_t (the first three blocks) and per unit of dL/dh_t (the last), with
    # sigmoid'(z) = sigmoid(z) sigmoid(-z) and tanh'(z) = 4 sigmoid(2 z) sigmoid(-2 z).
    rate = np.stack(
        [
            g * i * _sigmoid(-z[0]),
            c[:-1] * f * _sigmoid(-z[1]),
            i * 4 * _sigmoid(2 * z[2]) * _sigmoid(-2 * z[2]),
            tanh_c * o * _sigmoid(-z[3]),
        ]
    )
    h_to_c = o * 4 * _sigmoid(2 * c[1:]) * _sigmoid(-2 * c[1:])
    recurrent = w[:, :, d:-1]

    grad_h = np.array(grad_output, dtype=float)
    grad_c = np.array(grad_c_n, dtype=float)
    dz = np.empty(rate.shape)
    carry = np.zeros(grad_c.shape)
    for t in range(seq_len - 1, -1, -1):
        grad_h[t] += carry
        grad_c = grad_c + grad_h[t] * h_to_c[t]
        dz[:3, t] = rate[:3, t] * grad_c
        dz[3, t] = rate[3, t] * grad_h[t]
        carry = np.einsum("knh,khj->nj", dz[:, t], recurrent)
        grad_c = grad_c * f[t]
    grad_w = np.einsum("ktnh,tnj->khj", dz, u[:-1]).reshape(4 * hidden, -1)
    grad_x = np.einsum("ktnh,khj->tnj", dz, w[:, :, :d])
    return Backward(grad_x, carry, grad_c, grad_w[:, :d].copy(), grad_w[:, d:-1].copy(), grad_w[:, -1].copy())
