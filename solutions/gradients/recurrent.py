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
    if len(x) == 0:
        raise ValueError("the sequence has no step")
    hidden = [h0]
    for x_t in x:
        hidden.append(np.tanh(x_t @ w_ih.T + hidden[-1] @ w_hh.T + b))
    hidden = np.array(hidden)
    return Forward(hidden[1:], (x, hidden, w_ih, w_hh))


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
    x, hidden, w_ih, _ = cache
    grad_hidden = _through_time(grad_output, cache)
    grad_z = grad_hidden[1:] * (1 - hidden[1:] ** 2)
    return Backward(
        grad_z @ w_ih,
        grad_hidden[0],
        np.einsum("tnh,tni->hi", grad_z, x),
        np.einsum("tnh,tni->hi", grad_z, hidden[:-1]),
        grad_z.sum(axis=(0, 1)),
    )


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
    return np.sqrt((_through_time(grad_output, cache) ** 2).sum(axis=(1, 2)))


def _through_time(grad_output: np.ndarray, cache: object) -> np.ndarray:
    """Return dL/d h_t for t = 0, ..., seq_len, by all paths."""
    _, hidden, _, w_hh = cache
    grads = [grad_output[-1]]
    # h_0 has no direct part.
    direct = [0.0, *grad_output[:-1]]
    for at_t, h_next in zip(direct[::-1], hidden[:0:-1], strict=True):
        grads.append(at_t + (grads[-1] * (1 - h_next**2)) @ w_hh)
    return np.array(grads[::-1])


def rnn_forward_via_stacking(
    x: np.ndarray, h0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    """Stack input, state and a one, and the weights likewise: one product a step."""
    seq_len, n_samples, _ = x.shape
    if seq_len < 1:
        raise ValueError("at least one step is needed")
    weights = np.hstack([w_ih, w_hh, b[:, None]])
    hidden = np.empty((seq_len + 1, *h0.shape))
    hidden[0] = h0
    for t in range(seq_len):
        stacked = np.hstack([x[t], hidden[t], np.ones((n_samples, 1))])
        hidden[t + 1] = np.tanh(stacked @ weights.T)
    return Forward(hidden[1:], (x, hidden, w_ih, w_hh))


def rnn_forward_via_samples(
    x: np.ndarray, h0: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, b: np.ndarray
) -> Forward:
    """Run each sample's sequence to its end before the next, on inputs that all steps have seen to at once."""
    if x.shape[0] == 0:
        raise ValueError("nothing to run over")
    from_input = np.einsum("tni,hi->tnh", x, w_ih) + b
    histories = []
    for sample, state in enumerate(h0):
        history = [state]
        for drive in from_input[:, sample]:
            history.append(np.tanh(w_hh @ history[-1] + drive))
        histories.append(history)
    hidden = np.swapaxes(np.array(histories), 0, 1)
    return Forward(hidden[1:], (x, hidden, w_ih, w_hh))


def rnn_backward_via_accumulating(grad_output: np.ndarray, cache: object) -> Backward:
    """Add each step's and each sample's share to the gradients, on the way back."""
    x, hidden, w_ih, w_hh = cache
    grad_x = np.empty(x.shape)
    grad_w_ih, grad_w_hh, grad_b = np.zeros(w_ih.shape), np.zeros(w_hh.shape), np.zeros(len(w_ih))
    arriving = np.zeros(grad_output.shape[1:])
    for t in range(len(x) - 1, -1, -1):
        for n in range(x.shape[1]):
            grad_z = (1 + hidden[t + 1, n]) * (1 - hidden[t + 1, n]) * (grad_output[t, n] + arriving[n])
            grad_w_ih += np.outer(grad_z, x[t, n])
            grad_w_hh += np.outer(grad_z, hidden[t, n])
            grad_b += grad_z
            grad_x[t, n] = w_ih.T @ grad_z
            arriving[n] = w_hh.T @ grad_z
    return Backward(grad_x, arriving, grad_w_ih, grad_w_hh, grad_b)


def rnn_backward_via_tangents(grad_output: np.ndarray, cache: object) -> Backward:
    """Carry forward how the state moves with each weight (real-time recurrent learning); back only for x and h0."""
    x, hidden, w_ih, w_hh = cache
    grad_hidden = _through_time(grad_output, cache)
    grad_x = (grad_hidden[1:] * (1 - hidden[1:] ** 2)) @ w_ih
    # What multiplies the weights in each step: the input, the state, a one.
    sources = np.concatenate([x, hidden[:-1], np.ones((*x.shape[:2], 1))], axis=2)
    hidden_size = len(w_hh)
    tangent = np.zeros((x.shape[1], hidden_size, hidden_size, sources.shape[2]))
    grads = np.zeros(tangent.shape[2:])
    for source, state, grad in zip(sources, hidden[1:], grad_output, strict=True):
        moved = np.einsum("hk,nkuv->nhuv", w_hh, tangent)
        moved[:, range(hidden_size), range(hidden_size)] += source[:, None, :]
        tangent = (1 - state**2)[:, :, None, None] * moved
        grads += np.einsum("nh,nhuv->uv", grad, tangent)
    parts = np.split(grads, [x.shape[2], x.shape[2] + hidden_size], axis=1)
    return Backward(grad_x, grad_hidden[0], parts[0], parts[1], parts[2][:, 0])


def hidden_gradient_norms_via_jacobians(grad_output: np.ndarray, cache: object) -> np.ndarray:
    """Write out the Jacobian of each step, d h_(t+1) / d h_t, sample by sample, and multiply."""
    _, hidden, _, w_hh = cache
    squares = np.zeros(len(hidden))
    for n in range(hidden.shape[1]):
        grad = np.zeros(hidden.shape[2])
        for t in range(len(hidden) - 1, -1, -1):
            if t < len(hidden) - 1:
                grad = grad @ (np.diag(1 - hidden[t + 1, n] ** 2) @ w_hh)
            if t > 0:
                grad = grad_output[t - 1, n] + grad
            squares[t] += grad @ grad
    return np.sqrt(squares)


def hidden_gradient_norms_via_buffer(grad_output: np.ndarray, cache: object) -> np.ndarray:
    """Let each norm come of a buffer that the gradient is moved through in place."""
    _, hidden, _, w_hh = cache
    buffer = np.concatenate([np.zeros((1, *hidden.shape[1:])), grad_output])
    norms = []
    for t in reversed(range(len(buffer))):
        norms.append(np.linalg.norm(buffer[t]))
        if t:
            buffer[t - 1] += np.einsum("nh,nh,hk->nk", buffer[t], 1 - np.square(hidden[t]), w_hh)
    return np.array(norms[::-1])
