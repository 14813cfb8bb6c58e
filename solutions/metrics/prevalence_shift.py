"""The precision of a classifier when the prevalence changes.

The prevalence is the share of positives in the data. One threshold of a classifier is one point of its ROC curve:

    tpr = share of the positives that it calls positive
    fpr = share of the negatives that it calls positive

Neither rate depends on the prevalence, as long as each class keeps its scores. Precision, the share of its calls that
are right, does:

    precision = tpr * prevalence / (tpr * prevalence + fpr * (1 - prevalence))

If nothing is called positive (0 / 0), the precision is 1, as at the last point of a precision-recall curve.

Source: Axelsson, The base-rate fallacy and the difficulty of intrusion detection (2000).

Strict
------
- ValueError if the shapes of tpr and fpr differ, or a rate, prevalence or precision is NaN or not from 0 to 1.
- The rates may be integers 0 and 1.
"""

import numpy as np


def precision_at_prevalence(tpr: np.ndarray, fpr: np.ndarray, prevalence: float) -> np.ndarray:
    """Return the precision of each point.

    Parameters
    ----------
    tpr, fpr : arrays of one shape
        Rates from 0 to 1. The answer has the same shape.
    prevalence : float
        From 0 to 1.

    Examples
    --------
    >>> precision_at_prevalence(np.array([0.75, 0.5, 0.0]), np.array([0.25, 0.0, 0.0]), 0.1)
    array([0.25, 1.  , 1.  ])
    """
    _check(tpr, fpr, prevalence)
    right = tpr * prevalence
    called = right + fpr * (1 - prevalence)
    return np.divide(right, called, out=np.ones(tpr.shape), where=called > 0)


def prevalence_for_precision(tpr: np.ndarray, fpr: np.ndarray, precision: float) -> np.ndarray:
    """Return the smallest prevalence at which each point has at least this precision.

    Such a prevalence always exists, because at prevalence 1 the precision is 1.

    Parameters
    ----------
    tpr, fpr : arrays of one shape
        Rates from 0 to 1. The answer has the same shape.
    precision : float
        From 0 to 1.

    Examples
    --------
    Without false positives, any prevalence will do.

    >>> prevalence_for_precision(np.array([0.75, 0.5]), np.array([0.25, 0.0]), 0.9)
    array([0.75, 0.  ])
    """
    _check(tpr, fpr, precision)
    wrong = fpr * precision
    both = wrong + tpr * (1 - precision)
    return np.divide(wrong, both, out=np.zeros(tpr.shape), where=both > 0)


def _check(tpr: np.ndarray, fpr: np.ndarray, share: float) -> None:
    """Refuse what is no share."""
    if tpr.shape != fpr.shape:
        raise ValueError(f"tpr of shape {tpr.shape} needs fpr of the same, not of {fpr.shape}")
    for values in (tpr, fpr, share):
        if not np.all((values >= 0) & (values <= 1)):
            raise ValueError(f"rates and shares are from 0 to 1, unlike {values}")


def precision_at_prevalence_via_odds(tpr: np.ndarray, fpr: np.ndarray, prevalence: float) -> np.ndarray:
    """Multiply the odds against a positive by the likelihood ratio of a call, as Bayes has it."""
    _check(tpr, fpr, prevalence)
    wrong = fpr * (1 - prevalence)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_against = wrong / (tpr * prevalence)
    return np.where(wrong == 0, 1.0, 1 / (1 + odds_against))


def precision_at_prevalence_via_loop(tpr: np.ndarray, fpr: np.ndarray, prevalence: float) -> np.ndarray:
    """Treat one point at a time, in plain Python."""
    _check(tpr, fpr, prevalence)
    answer = []
    for hits, false_alarms in zip(tpr.ravel().tolist(), fpr.ravel().tolist(), strict=True):
        calls = (hits * prevalence, false_alarms * (1 - prevalence))
        answer.append(calls[0] / sum(calls) if any(calls) else 1.0)
    return np.array(answer).reshape(tpr.shape)


def prevalence_for_precision_via_odds(tpr: np.ndarray, fpr: np.ndarray, precision: float) -> np.ndarray:
    """Divide the odds of a right call by the likelihood ratio of a call: the odds that a positive must have."""
    _check(tpr, fpr, precision)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_against = (1 - precision) * tpr / (precision * fpr)
    return np.where(fpr * precision == 0, 0.0, 1 / (1 + odds_against))


def prevalence_for_precision_via_bisection(tpr: np.ndarray, fpr: np.ndarray, precision: float) -> np.ndarray:
    """Halve the range of prevalences, since a point's precision never falls as the prevalence grows."""
    _check(tpr, fpr, precision)
    low, high = np.zeros(tpr.shape), np.ones(tpr.shape)
    for _ in range(100):
        middle = (low + high) / 2
        enough = tpr * middle * (1 - precision) >= fpr * (1 - middle) * precision
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
