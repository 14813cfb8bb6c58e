# wrong (core): groups are looped from 0 to the largest id, so groups with a negative id are left out
"""The AUC within groups, also called GAUC.

A recommender orders the items of one user, so a positive should be compared with the negatives of the same group only.
In a group g with at least one positive and one negative,

    AUC_g = P(s_pos > s_neg) + P(s_pos = s_neg) / 2        over all pairs of a positive and a negative of g

The mean over these groups weights each by its number of rows n_g:

    GAUC = sum_g n_g AUC_g / sum_g n_g

A group with one class only has no AUC. It is left out of both sums.

Source: Zhou et al., Deep Interest Network for Click-Through Rate Prediction (2018), the metrics of the experiments.
"""

import numpy as np


def grouped_auc(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> float:
    """Return the GAUC, in O(n log n) time for a group of n rows.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative.
    y_score : array of shape (n_samples,)
        Any real numbers. Higher means more likely positive. Scores are tied only if they are equal.
    groups : array of int of shape (n_samples,)
        Any numbers. Rows of one group need not stand together.

    Raises
    ------
    ValueError
        If no group has both classes.

    Strict
    ------
    - ValueError if the lengths differ, a label is not 0 or 1, or a score is NaN or infinite.
    - Scores may be integers of any type, or as large as 1e308. Groups may be strings.

    Examples
    --------
    Group 8 has an AUC of 1/2, group 5 one of 1. Group 3 has no negative.

    >>> y_true, groups = np.array([1, 0, 0, 1, 1, 0]), np.array([8, 8, 8, 5, 3, 5])
    >>> grouped_auc(y_true, np.array([2.0, 3.0, 1.0, 0.5, 9.0, 0.4]), groups)
    0.7
    """
    y_true, y_score, groups = np.asarray(y_true), np.asarray(y_score), np.asarray(groups)
    if not (len(y_true) == len(y_score) == len(groups)):
        raise ValueError("lengths differ")
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError("labels have to be 0 or 1")
    if not np.isfinite(y_score).all():
        raise ValueError("a score is not finite")
    total, weight = 0.0, 0.0
    _, code = np.unique(groups, return_inverse=True)
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code)) if len(code) else []
    start = int((groups < 0).sum())
    ends = [e for e in ends if e > start]
    for end in ends:
        rows = order[start:end]
        start = end
        pos = y_score[rows][y_true[rows] == 1]
        neg = np.sort(y_score[rows][y_true[rows] == 0])
        if len(pos) == 0 or len(neg) == 0:
            continue
        below = np.searchsorted(neg, pos, side="left")
        upto = np.searchsorted(neg, pos, side="right")
        auc = (below + upto).sum() / 2 / (len(pos) * len(neg))
        n = len(rows)
        total += n * auc
        weight += n
    if weight == 0:
        raise ValueError("no group has both classes")
    return float(total / weight)
