# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class LabelShift(NamedTuple):
    target_prior: np.ndarray
    weights: np.ndarray


def estimate_label_shift(confusion: np.ndarray, target_predictions: np.ndarray) -> LabelShift:
    n_classes = len(confusion)
    row_sums = confusion.sum(axis=1)
    if np.any(row_sums == 0):
        raise ValueError("a class has no source sample")
    source_prior = row_sums / row_sums.sum()
    P = confusion / row_sums[:, None]
    if np.linalg.matrix_rank(P) < n_classes:
        raise ValueError("P is singular")

    share = np.bincount(target_predictions, minlength=n_classes) / len(target_predictions)
    target_prior = np.linalg.solve(P.T, share)
    target_prior = np.maximum(target_prior, 0)
    target_prior = target_prior / target_prior.sum()
    return LabelShift(target_prior, target_prior / source_prior)


def reweight(probs: np.ndarray, source_prior: np.ndarray, target_prior: np.ndarray) -> np.ndarray:
    w = target_prior / source_prior
    weighted = probs * w
    return weighted / weighted.sum(axis=1, keepdims=True)
