# candidate, par time, from the stub alone
import numpy as np


def _auc(y: np.ndarray, s: np.ndarray) -> float:
    pos, neg = s[y == 1], np.sort(s[y == 0])
    below = np.searchsorted(neg, pos, side="left").sum()
    not_above = np.searchsorted(neg, pos, side="right").sum()
    return (below + not_above) / 2 / (len(pos) * len(neg))


def grouped_auc(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> float:
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    total = weight = 0
    for rows in np.split(order, starts[1:]):
        y = y_true[rows]
        if (y == 1).any() and (y == 0).any():
            total += len(rows) * _auc(y, y_score[rows])
            weight += len(rows)
    if weight == 0:
        raise ValueError("no group has both classes")
    return float(total / weight)
