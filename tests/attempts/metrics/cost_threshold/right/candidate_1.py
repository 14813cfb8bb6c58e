# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    threshold: float
    cost: float


def _check_costs(cost_fp, cost_fn):
    if cost_fp < 0 or cost_fn < 0:
        raise ValueError("costs must not be negative")
    if cost_fp == 0 and cost_fn == 0:
        raise ValueError("one cost must be positive")


def bayes_threshold(cost_fp: float, cost_fn: float) -> float:
    _check_costs(cost_fp, cost_fn)
    return cost_fp / (cost_fp + cost_fn)


def best_threshold(y_true: np.ndarray, y_prob: np.ndarray, cost_fp: float, cost_fn: float) -> Choice:
    _check_costs(cost_fp, cost_fn)
    order = np.argsort(-y_prob)
    probs = y_prob[order]
    labels = y_true[order]

    last = np.append(probs[1:] != probs[:-1], True)
    tp = np.cumsum(labels)[last]
    fp = np.cumsum(1 - labels)[last]

    thresholds = np.concatenate([[np.inf], probs[last]])
    fp = np.concatenate([[0], fp])
    fn = np.sum(labels) - np.concatenate([[0], tp])
    cost = cost_fp * fp + cost_fn * fn
    i = np.argmin(cost)  # first minimum = highest threshold
    return Choice(float(thresholds[i]), float(cost[i]))
