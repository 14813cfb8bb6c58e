# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Forward(NamedTuple):
    output: np.ndarray
    cache: object


class Backward(NamedTuple):
    grad_x: np.ndarray
    grad_h0: np.ndarray
    grad_w_ih: np.ndarray
    grad_w_hh: np.ndarray
    grad_b: np.ndarray


def rnn_forward(x: np.ndarray, h0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray) -> Forward:
    h = h0
    output = []
    for x_t in x:
        h = np.tanh(x_t @ w_ih.T + h @ w_hh.T + b)
        output.append(h)
    output = np.stack(output)
    return Forward(output, (x, h0, w_ih, w_hh, output))


def _hidden_gradients(grad_output, cache):
    _, h0, _, w_hh, output = cache
    seq_len = len(output)
    grads = np.zeros((seq_len + 1, *h0.shape))
    carry = np.zeros(h0.shape)
    for t in range(seq_len, 0, -1):
        grads[t] = grad_output[t - 1] + carry
        carry = (grads[t] * (1 - output[t - 1] ** 2)) @ w_hh
    grads[0] = carry
    return grads


def rnn_backward(grad_output: np.ndarray, cache: object) -> Backward:
    x, h0, w_ih, w_hh, output = cache
    grads = _hidden_gradients(grad_output, cache)
    da = grads[1:] * (1 - output**2)
    previous = np.concatenate([h0[None], output[:-1]])
    return Backward(
        da @ w_ih,
        grads[0],
        np.einsum("tnh,tni->hi", da, x),
        np.einsum("tnh,tnk->hk", da, previous),
        da.sum(axis=(0, 1)),
    )


def hidden_gradient_norms(grad_output: np.ndarray, cache: object) -> np.ndarray:
    grads = _hidden_gradients(grad_output, cache)
    return np.sqrt((grads**2).sum(axis=(1, 2)))
