# candidate, par time, from the stub alone
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


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_forward(
    x: np.ndarray, h0: np.ndarray, c0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    h, c = h0, c0
    output = []
    steps = []
    for t in range(x.shape[0]):
        z = x[t] @ w_ih.T + h @ w_hh.T + b
        zi, zf, zg, zo = np.split(z, 4, axis=1)
        i, f, g, o = sigmoid(zi), sigmoid(zf), np.tanh(zg), sigmoid(zo)
        c_new = f * c + i * g
        tc = np.tanh(c_new)
        h_new = o * tc
        steps.append((h, c, i, f, g, o, tc))
        h, c = h_new, c_new
        output.append(h)
    return Forward(np.stack(output), c, (x, w_ih, w_hh, steps))


def lstm_backward(grad_output: np.ndarray, grad_c_n: np.ndarray, cache: object) -> Backward:
    x, w_ih, w_hh, steps = cache
    grad_x = np.zeros(x.shape)
    grad_w_ih = np.zeros(w_ih.shape)
    grad_w_hh = np.zeros(w_hh.shape)
    grad_b = np.zeros(w_ih.shape[0])
    dc = grad_c_n
    dh = np.zeros_like(grad_c_n)
    for t in reversed(range(len(steps))):
        h_prev, c_prev, i, f, g, o, tc = steps[t]
        dh = dh + grad_output[t]
        dc = dc + dh * o * (1 - tc**2)
        dz = np.concatenate(
            [
                dc * g * i * (1 - i),
                dc * c_prev * f * (1 - f),
                dc * i * (1 - g**2),
                dh * tc * o * (1 - o),
            ],
            axis=1,
        )
        grad_x[t] = dz @ w_ih
        grad_w_ih += dz.T @ x[t]
        grad_w_hh += dz.T @ h_prev
        grad_b += dz.sum(axis=0)
        dh = dz @ w_hh
        dc = dc * f
    return Backward(grad_x, dh, dc, grad_w_ih, grad_w_hh, grad_b)
