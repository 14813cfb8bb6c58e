# different style; both bars
from collections import Counter
from math import fsum, isfinite
from typing import NamedTuple

import numpy as np


class Curve(NamedTuple):
    """Precision and recall have one entry more than thresholds: the last point has no threshold."""

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


def _groups(y_true, y_score):
    """Yield (score, positives, samples) with cumulated counts, from the highest score down; first check the input."""
    labels, scores = np.asarray(y_true), np.asarray(y_score)
    if labels.ndim != 1 or labels.shape != scores.shape:
        raise ValueError("y_true and y_score must have one length")
    labels, scores = labels.tolist(), scores.tolist()
    if not all(label in (0, 1) for label in labels):
        raise ValueError("labels are 0 and 1")
    if not all(map(isfinite, scores)):
        raise ValueError("scores must be finite")
    samples = Counter(scores)
    positives = Counter(score for score, label in zip(scores, labels) if label)
    if not positives:
        raise ValueError("there is no positive")
    rows, n, tp = [], 0, 0
    for score in sorted(samples, reverse=True):
        n += samples[score]
        tp += positives[score]
        rows.append((score, tp, n))
    return rows


def precision_recall_curve(y_true: np.ndarray, y_score: np.ndarray) -> Curve:
    rows = _groups(y_true, y_score)
    n_pos = rows[-1][1]
    precision, recall, thresholds = [1.0], [0.0], []
    for score, tp, n in rows:
        precision.append(tp / n)
        recall.append(tp / n_pos)
        thresholds.append(score)
    kind = np.asarray(y_score).dtype
    return Curve(np.array(precision[::-1]), np.array(recall[::-1]), np.array(thresholds[::-1], dtype=kind))


def average_precision(y_true: np.ndarray, y_score: np.ndarray) -> float:
    rows = _groups(y_true, y_score)
    before = [0] + [tp for _, tp, _ in rows]
    return fsum((tp - old) * tp / n for old, (_, tp, n) in zip(before, rows)) / rows[-1][1]
