# candidate, par time, from the stub alone
import numpy as np


def winsorize(x: np.ndarray, train: np.ndarray, lower: float = 0.05, upper: float = 0.95) -> np.ndarray:
    lo, hi = np.nanquantile(train, [lower, upper])
    return np.clip(x, lo, hi)


def median_abs_deviation(x: np.ndarray, scale: float = 1.0) -> float:
    return float(np.nanmedian(np.abs(x - np.nanmedian(x))) / scale)
