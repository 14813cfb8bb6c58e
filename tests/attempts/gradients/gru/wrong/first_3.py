# wrong (core): stops at a state that has not changed and fills the rest with it, whatever x does later
import numpy as np


def _sigmoid(a):
    return np.exp(-np.logaddexp(0.0, -a))


def gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
    reset_after: bool = True,
) -> np.ndarray:
    seq_len, n_samples, _ = x.shape
    size = h0.shape[1]
    if seq_len == 0:
        raise ValueError("seq_len is 0")
    gx = x @ w_ih.T + b_ih
    w_g, w_n = w_hh[: 2 * size], w_hh[2 * size :]
    b_g, b_n = b_hh[: 2 * size], b_hh[2 * size :]
    out = np.zeros((seq_len, n_samples, size))
    h = np.asarray(h0, dtype=float)
    for t in range(seq_len):
        gates = _sigmoid(gx[t, :, : 2 * size] + h @ w_g.T + b_g)
        r, z = gates[:, :size], gates[:, size:]
        if reset_after:
            s = r * (h @ w_n.T + b_n)
        else:
            s = (r * h) @ w_n.T + b_n
        n = np.tanh(gx[t, :, 2 * size :] + s)
        new = (1 - z) * n + z * h
        if np.abs(new - h).max() < 1e-10:
            out[t:] = new
            break
        h = new
        out[t] = h
    return out
