# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


def precision_recall_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    n_pos = np.sum(y_true)
    if n_pos == 0:
        raise ValueError("no positive")

    order = np.argsort(-y_score)
    scores = y_score[order]
    tp = np.cumsum(y_true[order])
    n_called = np.arange(1, len(scores) + 1)

    last = np.append(scores[1:] != scores[:-1], True)
    precision = tp[last] / n_called[last]
    recall = tp[last] / n_pos
    thresholds = scores[last]
    return Curve(np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1])


def average_precision(y_true: np.ndarray, y_score: np.ndarray) -> float:
    precision, recall, _ = precision_recall_curve(y_true, y_score)
    return float(np.sum((recall[:-1] - recall[1:]) * precision[:-1]))
