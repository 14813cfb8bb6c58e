# different style; both bars
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
    seq_len, n_samples, input_size = x.shape
    if seq_len == 0:
        raise ValueError("seq_len is 0")
    hidden = h0.shape[1]
    # one matrix [w_ih, w_hh, b] and one column [x_t, h_(t-1), 1] for each sample
    weight = np.empty((hidden, input_size + hidden + 1))
    weight[:, :input_size] = w_ih
    weight[:, input_size:-1] = w_hh
    weight[:, -1] = b
    inputs = np.ones((seq_len + 1, input_size + hidden + 1, n_samples))
    inputs[:-1, :input_size] = x.transpose(0, 2, 1)
    inputs[0, input_size:-1] = h0.T
    for t in range(seq_len):
        inputs[t + 1, input_size:-1] = np.tanh(weight @ inputs[t])
    output = inputs[1:, input_size:-1].transpose(0, 2, 1).copy()
    return Forward(output, (weight, inputs, input_size))


def _walk(grad_output, cache):
    """From the last step to the first: dL/dh_t, and the gradients of the stacked columns and of the stacked matrix."""
    weight, inputs, input_size = cache
    seq_len = len(inputs) - 1
    grad_weight = np.zeros_like(weight)
    total = [None] * (seq_len + 1)
    grad_x = [None] * seq_len
    later = np.zeros_like(inputs[0, input_size:-1])
    for t in reversed(range(seq_len)):
        h = inputs[t + 1, input_size:-1]
        total[t + 1] = later + grad_output[t].T
        before_tanh = total[t + 1] * ((1.0 - h) * (1.0 + h))
        grad_weight += before_tanh @ inputs[t].T
        column = weight.T @ before_tanh
        grad_x[t] = column[:input_size].T
        later = column[input_size:-1]
    total[0] = later
    return total, grad_x, grad_weight


def rnn_backward(grad_output: np.ndarray, cache: object) -> Backward:
    input_size = cache[2]
    total, grad_x, grad_weight = _walk(grad_output, cache)
    return Backward(
        np.array(grad_x),
        total[0].T.copy(),
        grad_weight[:, :input_size].copy(),
        grad_weight[:, input_size:-1].copy(),
        grad_weight[:, -1].copy(),
    )


def hidden_gradient_norms(grad_output: np.ndarray, cache: object) -> np.ndarray:
    total, _, _ = _walk(grad_output, cache)
    norms = []
    for g in total:
        top = np.max(np.abs(g), initial=0.0)
        norms.append(top * np.linalg.norm(g / top) if 0.0 < top < np.inf else top)
    return np.array(norms)
