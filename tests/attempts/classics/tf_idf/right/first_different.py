# different style; both bars
import math

import numpy as np


def inverse_document_frequency(counts: np.ndarray) -> np.ndarray:
    counts = np.asarray(counts)
    n_documents, n_words = counts.shape
    containing = [0] * n_words
    for row in counts.tolist():
        for j, count in enumerate(row):
            if count > 0:
                containing[j] += 1
    return np.array([math.log1p(n_documents) - math.log1p(df) + 1.0 for df in containing])


def _unit(row):
    """The row of floats divided by its norm. First by its largest entry, so that no square over- or underflows."""
    largest = max((abs(value) for value in row), default=0.0)
    if largest == 0:
        return [0.0] * len(row)
    row = [value / largest for value in row]
    norm = math.hypot(*row)
    return [value / norm for value in row]


def tf_idf(counts: np.ndarray, idf: np.ndarray) -> np.ndarray:
    idf = [float(weight) for weight in np.asarray(idf).tolist()]
    out = np.zeros(np.shape(counts))
    for i, row in enumerate(np.asarray(counts).tolist()):
        out[i] = _unit([float(count) * weight for count, weight in zip(row, idf)])
    return out


def cosine_similarity(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    units_x = [_unit(row) for row in np.asarray(X, dtype=float).tolist()]
    units_y = [_unit(row) for row in np.asarray(Y, dtype=float).tolist()]
    out = np.zeros((len(units_x), len(units_y)))
    for i, u in enumerate(units_x):
        for j, v in enumerate(units_y):
            out[i, j] = min(1.0, max(-1.0, math.fsum(a * b for a, b in zip(u, v))))
    return out
