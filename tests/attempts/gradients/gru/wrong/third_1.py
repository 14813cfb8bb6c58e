# wrong (core): tanh is computed as (e^2a - 1) / (e^2a + 1), which overflows to NaN for arguments of several hundreds
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


def sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1 / (1 + e), e / (1 + e))


def tanh(a):
    with np.errstate(all="ignore"):
        e = np.exp(2 * a)
        return (e - 1) / (e + 1)



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
    H = h0.shape[1]
    h = np.asarray(h0, dtype=float)
    out = np.empty((len(x), *h.shape))
    w_hn, b_hn = w_hh[2 * H:], b_hh[2 * H:]
    for t in range(len(x)):
        gi = x[t] @ w_ih.T + b_ih
        gh = h @ w_hh[:2 * H].T + b_hh[:2 * H]
        r = sigmoid(gi[:, :H] + gh[:, :H])
        z = sigmoid(gi[:, H:2 * H] + gh[:, H:])
        if reset_after:
            s = r * (h @ w_hn.T + b_hn)
        else:
            s = (r * h) @ w_hn.T + b_hn
        n = tanh(gi[:, 2 * H:] + s)
        h = (1 - z) * n + z * h
        out[t] = h
    return out
