# different style; both bars
import numpy as np


def _gate(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    w_ih: np.ndarray,
    w_hh: np.ndarray,
    b_ih: np.ndarray,
    b_hh: np.ndarray,
    reset_after: bool = True,
) -> np.ndarray:
    x, h0, w_ih, w_hh, b_ih, b_hh = (np.asarray(v, dtype=float) for v in (x, h0, w_ih, w_hh, b_ih, b_hh))
    if x.shape[0] == 0:
        raise ValueError("the sequence is empty")
    steps, samples, n_in = x.shape
    size = h0.shape[1]
    cut = 2 * size
    one = np.ones((1, samples))

    # Columns are samples; a column is (x, h, 1). The gates are one matrix for both inputs and both biases.
    gates = np.hstack([w_ih[:cut], w_hh[:cut], (b_ih + b_hh)[:cut, None]])
    from_x = np.hstack([w_ih[cut:], b_ih[cut:, None]])
    from_h = np.hstack([w_hh[cut:], b_hh[cut:, None]])

    states = np.empty((steps, samples, size))
    for t in range(steps):
        h = (h0 if t == 0 else states[t - 1]).T
        both = _gate(gates @ np.vstack([x[t].T, h, one]))
        reset, keep = both[:size], both[size:]
        if reset_after:
            inner = reset * (from_h @ np.vstack([h, one]))
        else:
            inner = from_h @ np.vstack([reset * h, one])
        candidate = np.tanh(from_x @ np.vstack([x[t].T, one]) + inner)
        states[t] = (candidate + keep * (h - candidate)).T
    return states
