# wrong (core): the cell's gradient is accumulated in the argument grad_c_n
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


def _sigmoid(a):
    return np.exp(-np.logaddexp(0.0, -a))


def lstm_forward(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    x, h0, c0, w_ih, w_hh, b = (np.array(v, dtype=float) for v in (x, h0, c0, w_ih, w_hh, b))
    seq_len, n_samples, _ = x.shape
    size = h0.shape[1]
    if seq_len == 0:
        raise ValueError("seq_len is 0")
    zx = x @ w_ih.T + b
    gates = np.empty((seq_len, n_samples, 4 * size))
    hs = np.empty((seq_len + 1, n_samples, size))
    cs = np.empty((seq_len + 1, n_samples, size))
    hs[0], cs[0] = h0, c0
    for t in range(seq_len):
        z = zx[t] + hs[t] @ w_hh.T
        i, f, o = _sigmoid(z[:, :size]), _sigmoid(z[:, size : 2 * size]), _sigmoid(z[:, 3 * size :])
        g = np.tanh(z[:, 2 * size : 3 * size])
        gates[t] = np.concatenate([i, f, g, o], axis=1)
        cs[t + 1] = f * cs[t] + i * g
        hs[t + 1] = o * np.tanh(cs[t + 1])
    return Forward(hs[1:].copy(), cs[-1].copy(), (x, w_ih, w_hh, gates, hs, cs))


def lstm_backward(grad_output: np.ndarray, grad_c_n: np.ndarray, cache: object) -> Backward:
    x, w_ih, w_hh, gates, hs, cs = cache
    seq_len, n_samples, _ = x.shape
    size = hs.shape[2]
    dzs = np.zeros((seq_len, n_samples, 4 * size))
    dh = np.zeros((n_samples, size))
    dc = np.asarray(grad_c_n, dtype=float)
    for t in reversed(range(seq_len)):
        i, f, g, o = np.split(gates[t], 4, axis=1)
        tc = np.tanh(cs[t + 1])
        dh = dh + grad_output[t]
        dc += dh * o * (1 - tc**2)
        dz = np.concatenate(
            [dc * g * i * (1 - i), dc * cs[t] * f * (1 - f), dc * i * (1 - g**2), dh * tc * o * (1 - o)], axis=1
        )
        dzs[t] = dz
        dh = dz @ w_hh
        dc = dc * f
    return Backward(
        dzs @ w_ih,
        dh,
        dc,
        np.einsum("tnz,tni->zi", dzs, x),
        np.einsum("tnz,tnh->zh", dzs, hs[:-1]),
        dzs.sum(axis=(0, 1)),
    )
