# candidate, par time, from the stub alone
import numpy as np


def ensemble_variance(variance: float, correlation: float, n: float) -> float:
    if not -1 <= correlation <= 1:
        raise ValueError("correlation is not in [-1, 1]")
    if n > 1 and correlation < -1 / (n - 1):
        raise ValueError("correlation is too low for n models")
    return max(0.0, correlation * variance + (1 - correlation) / n * variance)


def estimate_correlation(predictions: np.ndarray) -> float:
    m = predictions.shape[1]
    if m < 2:
        raise ValueError("need two models")
    C = np.cov(predictions, rowvar=False, bias=True)
    trace = np.trace(C)
    if trace == 0:
        raise ValueError("no model varies")
    return float((C.sum() - trace) / (m * (m - 1)) / (trace / m))
