# candidate, par time, from the stub alone
import numpy as np


def entropy(y: np.ndarray, base: float = 2.0) -> float:
    p = np.unique(y, return_counts=True)[1] / len(y)
    return float((p * np.log2(1 / p)).sum() / np.log2(base))


def information_gain(x: np.ndarray, y: np.ndarray) -> float:
    gain = entropy(y)
    for v in np.unique(x):
        branch = y[x == v]
        gain -= len(branch) / len(y) * entropy(branch)
    return gain


def gain_ratio(x: np.ndarray, y: np.ndarray) -> float:
    split = entropy(x)
    return information_gain(x, y) / split if split > 0 else 0.0
