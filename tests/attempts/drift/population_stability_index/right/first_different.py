# different style; both bars
from bisect import bisect_right
from math import fsum, log

import numpy as np


def psi(reference: np.ndarray, current: np.ndarray, n_bins: int) -> float:
    if n_bins < 1:
        raise ValueError("n_bins must be at least 1")
    old = sorted(np.asarray(reference).tolist())
    new = sorted(np.asarray(current).tolist())
    if not old or not new:
        raise ValueError("a sample is empty")
    n_bins = int(n_bins)

    # values <= edge_j, for j = 0 to n_bins, in both samples
    below_old, below_new = [0], [0]
    for j in range(1, n_bins):
        place, part = divmod(j * (len(old) - 1), n_bins)
        edge = old[place]
        if part and old[place + 1] != edge:
            edge = min(edge + (old[place + 1] - edge) * (part / n_bins), old[place + 1])
        below_old.append(bisect_right(old, edge))
        below_new.append(bisect_right(new, edge))
    below_old.append(len(old))
    below_new.append(len(new))

    terms = []
    for j in range(n_bins):
        r = max((below_old[j + 1] - below_old[j]) / len(old), 1e-4)
        c = max((below_new[j + 1] - below_new[j]) / len(new), 1e-4)
        step = log(c) - log(r)
        terms += [c * step, -r * step]  # the two directed divergences
    return fsum(terms)
