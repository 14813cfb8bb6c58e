# different style; both bars
from itertools import groupby

import numpy as np


def grouped_auc(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> float:
    y_true, y_score, groups = np.asarray(y_true), np.asarray(y_score), np.asarray(groups)
    if not len(y_true) == len(y_score) == len(groups):
        raise ValueError("the lengths differ")
    if not np.all((y_true == 0) | (y_true == 1)):
        raise ValueError("a label is not 0 or 1")
    if not np.isfinite(y_score).all():
        raise ValueError("a score is NaN or infinite")

    members = {}
    for group, score, label in zip(groups.tolist(), y_score.tolist(), y_true.tolist()):
        members.setdefault(group, []).append((score, int(label)))

    total, rows_counted = 0.0, 0
    for rows in members.values():
        # Walk up the scores; twice the number of pairs won, a tie being half a win.
        rows.sort()
        negatives = positives = twice_won = 0
        for _, tied in groupby(rows, key=lambda row: row[0]):
            labels = [label for _, label in tied]
            tied_positives = sum(labels)
            tied_negatives = len(labels) - tied_positives
            twice_won += tied_positives * (2 * negatives + tied_negatives)
            positives += tied_positives
            negatives += tied_negatives
        if positives and negatives:
            total += len(rows) * (twice_won / (2 * positives * negatives))
            rows_counted += len(rows)
    if not rows_counted:
        raise ValueError("no group has both classes")
    return total / rows_counted
