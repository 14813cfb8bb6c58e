# wrong (core): the prevalence is capped at the precision, which holds only for a classifier no worse than chance (tpr >= fpr)
# shown by: prevalence_for_precision(np.array([0.25, 0.75]), np.array([0.75, 0.25]), 0.5); right array([0.75, 0.25]), this array([0.5 , 0.25])
"""The precision of a classifier when the prevalence changes."""

import numpy as np


def _check(tpr: np.ndarray, fpr: np.ndarray, share: float) -> None:
    if tpr.shape != fpr.shape:
        raise ValueError("tpr and fpr must have one shape")
    for values in (tpr, fpr, np.asarray(share)):
        if not np.all((values >= 0) & (values <= 1)):
            raise ValueError("rates and shares must be from 0 to 1")


def precision_at_prevalence(tpr: np.ndarray, fpr: np.ndarray, prevalence: float) -> np.ndarray:
    """Return the precision of each point."""
    tpr, fpr = np.asarray(tpr, dtype=float), np.asarray(fpr, dtype=float)
    _check(tpr, fpr, prevalence)
    right = tpr * prevalence
    called = right + fpr * (1 - prevalence)
    precision = np.ones(tpr.shape)
    np.divide(right, called, out=precision, where=called > 0)
    return precision


def prevalence_for_precision(tpr: np.ndarray, fpr: np.ndarray, precision: float) -> np.ndarray:
    """Return the smallest prevalence at which each point has at least this precision."""
    tpr, fpr = np.asarray(tpr, dtype=float), np.asarray(fpr, dtype=float)
    _check(tpr, fpr, precision)
    numerator = fpr * precision
    denominator = numerator + tpr * (1 - precision)
    prevalence = np.zeros(tpr.shape)
    np.divide(numerator, denominator, out=prevalence, where=denominator > 0)
    return np.minimum(prevalence, precision)  # if all are called positive, the precision is the prevalence
