# wrong (core): in-place update of h, all stored states are the same array
import numpy as np


def _sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, e) / (1.0 + e)


def gru_forward(x, h0, w_ih, w_hh, b_ih, b_hh, reset_after=True):
    x, h, w_ih, w_hh, b_ih, b_hh = (np.array(a, dtype=float) for a in (x, h0, w_ih, w_hh, b_ih, b_hh))
    if x.shape[0] == 0:
        raise ValueError("seq_len is 0")
    m = h.shape[1]
    gates = x @ w_ih.T + b_ih
    states = []
    for g in gates:
        rz = _sigmoid(g[:, : 2 * m] + h @ w_hh[: 2 * m].T + b_hh[: 2 * m])
        r, z = rz[:, :m], rz[:, m:]
        if reset_after:
            n = np.tanh(g[:, 2 * m :] + r * (h @ w_hh[2 * m :].T + b_hh[2 * m :]))
        else:
            n = np.tanh(g[:, 2 * m :] + (r * h) @ w_hh[2 * m :].T + b_hh[2 * m :])
        h *= z
        h += (1.0 - z) * n
        states.append(h)
    return np.stack(states)
