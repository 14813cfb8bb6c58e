"""The AUC within groups, also called GAUC.

A recommender orders the items of one user, so a positive should be compared with the negatives of the same group only.
In a group g with at least one positive and one negative,

    AUC_g = P(s_pos > s_neg) + P(s_pos = s_neg) / 2        over all pairs of a positive and a negative of g

The mean over these groups weights each by its number of rows n_g:

    GAUC = sum_g n_g AUC_g / sum_g n_g

A group with one class only has no AUC. It is left out of both sums.

Source: Zhou et al., Deep Interest Network for Click-Through Rate Prediction (2018), the metrics of the experiments.
"""

import bisect
from collections import defaultdict

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
    _check(y_true, y_score, groups)
    at, value = (np.unique(each, return_inverse=True)[1] for each in (groups, y_score))
    # Rows sorted by group, then by score; ties share their mean rank.
    _, cell, ties = np.unique(at * len(value) + value, return_inverse=True, return_counts=True)
    rank = (np.cumsum(ties) - (ties - 1) / 2)[cell]
    positive = y_true == 1
    n_rows, n_pos = np.bincount(at), np.bincount(at, positive)
    rank_in_group = rank - (np.cumsum(n_rows) - n_rows)[at]
    won = np.bincount(at, positive * rank_in_group) - n_pos * (n_pos + 1) / 2
    pairs = n_pos * (n_rows - n_pos)
    both = pairs > 0
    if not both.any():
        raise ValueError("no group has a positive and a negative")
    return float(np.average(won[both] / pairs[both], weights=n_rows[both]))


def _check(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> None:
    """Refuse arrays that do not fit, labels that are no classes, and scores without an order."""
    if not len(y_true) == len(y_score) == len(groups):
        raise ValueError(f"{len(y_true)} labels, {len(y_score)} scores and {len(groups)} groups")
    if not np.isin(y_true, [0, 1]).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    if not np.isfinite(y_score).all():
        raise ValueError("y_score has a NaN or an infinite score")


def grouped_auc_via_parts(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> float:
    """Sort by group, cut into groups, and look up each positive among the sorted negatives of its group."""
    _check(y_true, y_score, groups)
    order = np.argsort(groups)
    cuts = np.flatnonzero(np.diff(np.unique(groups, return_inverse=True)[1][order])) + 1
    total, rows = 0.0, 0
    for part in np.split(order, cuts):
        negatives, positives = (y_score[part[y_true[part] == label]] for label in (0, 1))
        if len(negatives) and len(positives):
            negatives.sort()
            below = sum(np.searchsorted(negatives, positives, side).mean() for side in ("left", "right")) / 2
            total, rows = total + len(part) * below / len(negatives), rows + len(part)
    if rows == 0:
        raise ValueError("no group has a positive and a negative")
    return float(total / rows)


def grouped_auc_via_dictionary(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> float:
    """Collect the scores of each group and class in a dictionary, in plain Python."""
    _check(y_true, y_score, groups)
    scores = defaultdict(lambda: ([], []))
    for label, score, group in zip(y_true.tolist(), y_score.tolist(), groups.tolist(), strict=True):
        scores[group][int(label)].append(score)
    mixed = [(sorted(negatives), positives) for negatives, positives in scores.values() if negatives and positives]
    if not mixed:
        raise ValueError("no group has a positive and a negative")
    total = 0.0
    for negatives, positives in mixed:
        won = sum(bisect.bisect_left(negatives, s) + bisect.bisect_right(negatives, s) for s in positives) / 2
        total += (len(negatives) + len(positives)) * won / (len(negatives) * len(positives))
    return total / sum(len(negatives) + len(positives) for negatives, positives in mixed)


def grouped_auc_via_curves(y_true: np.ndarray, y_score: np.ndarray, groups: np.ndarray) -> float:
    """Walk down the scores of each group, and add up the area under its ROC curve, step by step."""
    _check(y_true, y_score, groups)
    rows = sorted(zip(groups.tolist(), y_score.tolist(), y_true.tolist(), strict=True), reverse=True)
    areas, weights, at = [], [], 0
    while at < len(rows):
        start, tp, fp, area = at, 0, 0, 0.0
        while at < len(rows) and rows[at][0] == rows[start][0]:
            tied, before, steps = rows[at][1], tp, 0
            while at < len(rows) and rows[at][:2] == (rows[start][0], tied):
                tp, steps, at = tp + rows[at][2], steps + 1 - rows[at][2], at + 1
            fp, area = fp + steps, area + steps * (before + tp) / 2
        if tp * fp:
            areas.append(area / (tp * fp))
            weights.append(at - start)
    if not areas:
        raise ValueError("no group has a positive and a negative")
    return float(np.average(areas, weights=weights))
