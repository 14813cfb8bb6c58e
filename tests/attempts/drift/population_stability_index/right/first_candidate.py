# candidate, par time, from the stub alone
import numpy as np


def psi(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    if len(reference) == 0 or len(current) == 0:
        raise ValueError("empty sample")
    edges = np.quantile(reference, np.arange(1, n_bins) / n_bins)

    def shares(values):
        bins = np.searchsorted(edges, values, side="left")
        counts = np.bincount(bins, minlength=n_bins)
        return np.maximum(counts / len(values), 1e-4)

    r, c = shares(reference), shares(current)
    return float(np.sum((c - r) * np.log(c / r)))
