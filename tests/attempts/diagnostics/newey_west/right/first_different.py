# different style; both bars
import numpy as np


def _centre(values):
    mean = values.mean(axis=0)
    rest = values - mean
    correction = rest.mean(axis=0)
    return mean + correction, rest - correction


def newey_west_standard_errors(X: np.ndarray, y: np.ndarray, n_lags: int) -> np.ndarray:
    X = np.asarray(X).astype(np.float64)
    y = np.asarray(y).astype(np.float64)
    n, n_features = X.shape
    if n <= n_features + 1:
        raise ValueError("n must exceed n_features + 1")
    if not 0 <= n_lags <= n - 1:
        raise ValueError("n_lags must be from 0 to n - 1")

    # Centred regression by QR gives the slopes' rows of A; the intercept's row follows from b_0 = ybar - xbar'b.
    means, D = _centre(X)
    _, v = _centre(y)
    Q, R = np.linalg.qr(D)
    slopes = np.linalg.solve(R, Q.T)
    A = np.vstack([1.0 / n - means @ slopes, slopes])
    e = v - Q @ (Q.T @ v)
    e = e - Q @ (Q.T @ e)

    # Bartlett's weights count the windows of n_lags + 1 periods that hold both t and t - k: the estimate is the
    # mean-square of window sums (over the zero-padded series), never negative.
    window = np.ones(n_lags + 1)
    errors = []
    for row in A:
        sums = np.convolve(row * e, window, mode="full")
        errors.append(np.sqrt(float(sums @ sums) / (n_lags + 1)))
    return np.array(errors)
