# candidate, par time, from the stub alone
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
    reset_after: bool = True,
) -> np.ndarray:
    w_hr, w_hz, w_hn = np.split(w_hh, 3)
    b_hr, b_hz, b_hn = np.split(b_hh, 3)
    h = h0
    out = []
    for x_t in x:
        i_r, i_z, i_n = np.split(x_t @ w_ih.T + b_ih, 3, axis=1)
        r = sigmoid(i_r + h @ w_hr.T + b_hr)
        z = sigmoid(i_z + h @ w_hz.T + b_hz)
        if reset_after:
            s = r * (h @ w_hn.T + b_hn)
        else:
            s = (r * h) @ w_hn.T + b_hn
        n = np.tanh(i_n + s)
        h = (1 - z) * n + z * h
        out.append(h)
    return np.stack(out)
