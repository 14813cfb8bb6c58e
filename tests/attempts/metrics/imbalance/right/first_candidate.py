# candidate, par time, from the stub alone
import math
from typing import NamedTuple

import numpy as np


class Baseline(NamedTuple):
    label: int
    accuracy: float


def majority_baseline(y_train: np.ndarray, y_test: np.ndarray) -> Baseline:
    labels, counts = np.unique(y_train, return_counts=True)
    label = labels[np.argmax(counts)]  # labels are sorted, so argmax takes the lowest on a tie
    return Baseline(int(label), float(np.mean(y_test == label)))


def balanced_accuracy(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    right = y_true == y_pred
    return float(np.mean([right[y_true == k].mean() for k in np.unique(y_true)]))


def matthews_corrcoef(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    n = len(y_true)
    c = int(np.sum(y_true == y_pred))
    classes = np.unique(np.concatenate([y_true, y_pred]))
    t = [int(np.sum(y_true == k)) for k in classes]
    p = [int(np.sum(y_pred == k)) for k in classes]
    numerator = n * c - sum(a * b for a, b in zip(t, p))
    denominator = (n**2 - sum(b * b for b in p)) * (n**2 - sum(a * a for a in t))
    if denominator == 0:
        return 0.0
    return numerator / math.sqrt(denominator)
