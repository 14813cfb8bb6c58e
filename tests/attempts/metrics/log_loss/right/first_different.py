# different style; both bars
import math

import numpy as np

EPS = 2.0**-52


def _checked(y_true, prob):
    labels = np.asarray(y_true).tolist()
    probs = np.asarray(prob).astype(np.float64).tolist()
    if len(labels) != len(probs):
        raise ValueError("the lengths differ")
    if not labels:
        raise ValueError("there is no sample")
    if any(label not in (0, 1) for label in labels):
        raise ValueError("a label is not 0 or 1")
    if not all(0 <= p <= 1 for p in probs):  # NaN fails it, too
        raise ValueError("a probability is not from 0 to 1")
    return labels, probs


def log_loss(y_true: np.ndarray, prob: np.ndarray) -> float:
    labels, probs = _checked(y_true, prob)
    costs = []
    for label, p in zip(labels, probs):
        p = min(max(p, EPS), 1 - EPS)
        costs.append(-math.log(p) if label == 1 else -math.log1p(-p))
    return math.fsum(costs) / len(costs)


def normalized_entropy(y_true: np.ndarray, prob: np.ndarray) -> float:
    labels, _ = _checked(y_true, prob)
    n = len(labels)
    positives = sum(label == 1 for label in labels)
    negatives = n - positives
    if not positives or not negatives:
        raise ValueError("need a positive and a negative")
    entropy = (positives * math.log(n / positives) + negatives * math.log(n / negatives)) / n
    return log_loss(y_true, prob) / entropy
