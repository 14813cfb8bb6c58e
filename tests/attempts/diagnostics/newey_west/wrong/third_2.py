# wrong (core): autocovariances by FFT padded only to the next power of two above n, so that long lags wrap around
import numpy as np


def newey_west_standard_errors(X, y, n_lags):
    X = np.asarray(X, dtype=float)
    y = np.asarray(y, dtype=float)
    n, p = X.shape
    if n <= p + 1:
        raise ValueError("too few rows")
    if not 0 <= n_lags <= n - 1:
        raise ValueError("n_lags")
    mx, my = X.mean(axis=0), y.mean()
    C = X - mx
    B = np.linalg.pinv(C) if p else np.zeros((0, n))
    e = (y - my) - C @ (B @ (y - my))
    A = np.vstack([1.0 / n - mx @ B, B])
    U = A * e
    size = 1 << (n - 1).bit_length()
    F = np.fft.rfft(U, size, axis=1)
    G = np.fft.irfft(F * np.conj(F), size, axis=1)
    total = (U**2).sum(axis=1)
    for k in range(1, n_lags + 1):
        total = total + 2 * (1 - k / (n_lags + 1)) * G[:, k % size]
    return np.sqrt(np.maximum(total, 0.0))
