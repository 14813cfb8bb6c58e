"""A GRU layer, with the reset gate behind the matrix or in front of it.

The rows of W_ih, W_hh, b_ih and b_hh are three blocks, in the order r, z, n. With h_0 given, for t = 1, ..., seq_len,

    r = sigmoid(x_t W_ir^T + b_ir + h_(t-1) W_hr^T + b_hr)          reset gate
    z = sigmoid(x_t W_iz^T + b_iz + h_(t-1) W_hz^T + b_hz)          update gate
    n = tanh(x_t W_in^T + b_in + s)                                 candidate

    s = r * (h_(t-1) W_hn^T + b_hn)       if reset_after            * is entry by entry
    s = (r * h_(t-1)) W_hn^T + b_hn       otherwise

    h_t = (1 - z) * n + z * h_(t-1)

Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (2014), section 2.3, which resets in front
of the matrix. PyTorch's GRU resets behind it, and so does Keras by default.

Strict
------
- ValueError if seq_len is 0.
- Entries of size 1e4 in a sigmoid give no NaN.
"""

import numpy as np


def gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
    reset_after: bool = True,
) -> np.ndarray:
    """Return the states h_1 to h_seq_len for a batch of sequences.

    Parameters
    ----------
    x : array of shape (seq_len, n_samples, input_size)
    h0 : array of shape (n_samples, hidden_size)
    w_ih : array of shape (3 * hidden_size, input_size)
    w_hh : array of shape (3 * hidden_size, hidden_size)
    b_ih, b_hh : arrays of shape (3 * hidden_size,)
    reset_after : bool

    Returns
    -------
    array of shape (seq_len, n_samples, hidden_size)

    Examples
    --------
    r is 1/2, z is 3/4, and W_hn swaps the two units.

    >>> x, h0, w_ih, b_ih = np.zeros((1, 1, 1)), np.array([[4.0, 0.0]]), np.zeros((6, 1)), np.zeros(6)
    >>> w_hh, b_hh = np.zeros((6, 2)), np.array([0.0, 0.0, np.log(3), np.log(3), 2.0, 2.0])
    >>> w_hh[4:] = [[0.0, 1.0], [1.0, 0.0]]
    >>> gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh).round(3)
    array([[[3.19 , 0.249]]])
    >>> gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh, reset_after=False).round(3)
    array([[[3.241, 0.25 ]]])
    """
    if len(x) == 0:
        raise ValueError("the sequence has no step")
    size = h0.shape[1]
    state, output = h0, np.empty((len(x), *h0.shape))
    for t, x_t in enumerate(x):
        x_r, x_z, x_n = np.split(x_t @ w_ih.T + b_ih, 3, axis=1)
        h_r, h_z, h_n = np.split(state @ w_hh.T + b_hh, 3, axis=1)
        r, z = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
        s = r * h_n if reset_after else (r * state) @ w_hh[2 * size :].T + b_hh[2 * size :]
        state = output[t] = (1 - z) * np.tanh(x_n + s) + z * state
    return output


def _sigmoid(z: np.ndarray) -> np.ndarray:
    # exp(z) / (1 + exp(z)) below 0, and 1 / (1 + exp(-z)) above: no exponential overflows.
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def gru_forward_via_samples(
    x: np.ndarray,
    h0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
    reset_after: bool = True,
) -> np.ndarray:
    """Run each sample's sequence to its end before the next, on inputs that all steps have seen to at once."""
    if x.shape[0] == 0:
        raise ValueError("nothing to run over")
    w_hr, w_hz, w_hn = w_hh.reshape(3, h0.shape[1], -1)
    b_hr, b_hz, b_hn = b_hh.reshape(3, -1)
    from_input = np.einsum("tni,zi->ntz", x, w_ih) + b_ih
    histories = []
    for drives, start in zip(from_input, h0, strict=True):
        history = [start]
        for drive in drives:
            h = history[-1]
            to_r, to_z, to_n = drive.reshape(3, -1)
            r = np.exp(-np.logaddexp(0, -(w_hr @ h + b_hr + to_r)))
            z = np.exp(-np.logaddexp(0, -(w_hz @ h + b_hz + to_z)))
            # A gate in front of the matrix scales its columns, one behind it its rows.
            n = np.tanh(to_n + r * (w_hn @ h + b_hn) if reset_after else to_n + (w_hn * r) @ h + b_hn)
            history.append(n + z * (h - n))
        histories.append(history[1:])
    return np.array(histories).swapaxes(0, 1)


def gru_forward_via_stacking(
    x: np.ndarray,
    h0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
    reset_after: bool = True,
) -> np.ndarray:
    """Stack input, state and a one for the gates; the candidate gets matrices of its own."""
    seq_len, n_samples, _ = x.shape
    if seq_len < 1:
        raise ValueError("at least one step is needed")
    size, ones = h0.shape[1], np.ones((n_samples, 1))
    gates = np.hstack([w_ih, w_hh, (b_ih + b_hh)[:, None]])[: 2 * size]
    by_input, by_state = np.hstack([w_ih, b_ih[:, None]])[2 * size :], np.hstack([w_hh, b_hh[:, None]])[2 * size :]
    states = [h0]
    for x_t in x:
        opened = 0.5 + 0.5 * np.tanh(np.hstack([x_t, states[-1], ones]) @ (gates.T / 2))
        reset, update = opened[:, :size], opened[:, size:]
        if reset_after:
            recalled = reset * np.inner(np.hstack([states[-1], ones]), by_state)
        else:
            recalled = np.inner(np.hstack([reset * states[-1], ones]), by_state)
        candidate = np.tanh(np.inner(np.hstack([x_t, ones]), by_input) + recalled)
        states.append(candidate - update * candidate + update * states[-1])
    return np.array(states[1:])
