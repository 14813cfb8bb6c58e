# different style; both bars
from math import fsum

import numpy as np


def ensemble_variance(variance: float, correlation: float, n: float) -> float:
    variance, correlation, n = float(variance), float(correlation), float(n)
    if variance < 0 or n < 1:
        raise ValueError("variance is negative or n is below 1")
    if correlation > 1 or correlation < -1:
        raise ValueError("correlation is not from -1 to 1")
    if n == 1:
        return variance
    if np.isinf(n):
        if correlation < 0:
            raise ValueError("correlation is too low")
        return correlation * variance
    lowest = -1 / (n - 1)
    if correlation < lowest:
        raise ValueError("correlation is too low")
    if correlation == lowest:
        return 0.0
    # n variances and n * (n - 1) covariances, over n**2
    return max(0.0, variance * (1 + (n - 1) * correlation) / n)


def centred(column):
    """Subtract the first value first: that is exact for whole numbers, and loses nothing to a large mean."""
    first = column[0]
    d = [float(v - first) for v in column]
    mean = fsum(d) / len(d)
    return [v - mean for v in d] if any(d) else d


def estimate_correlation(predictions: np.ndarray) -> float:
    n, m = predictions.shape
    if m < 2:
        raise ValueError("only one model")
    columns = [centred(column) for column in (predictions.T.tolist() if n else [[0]] * m)]
    biggest = max(abs(v) for column in columns for v in column)
    if biggest == 0:
        raise ValueError("no model varies")
    columns = [[v / biggest for v in column] for column in columns]
    alone = fsum(v * v for column in columns for v in column)
    together = fsum(fsum(row) ** 2 for row in zip(*columns))
    return (together - alone) / (m - 1) / alone
