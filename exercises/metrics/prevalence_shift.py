# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- prevalence_shift
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
    raise NotImplementedError


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
    raise NotImplementedError
