# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- domain_classifier
"""Drift by a domain classifier: how well it tells current rows from reference rows, and the weights that follow.

Stack the reference rows, labelled 0, and the current rows, labelled 1. On its own training rows a model finds
differences where there are none, so cross-fit: a score comes from a model of all rows of the other folds.

``fit(X, y)`` trains and returns ``predict(X)``, which returns a score for each row. ``folds`` has the fold of each
stacked row, reference rows first, by any numbers. ValueError if there is only one fold or a fold lacks rows of one
domain.

Sources: Lopez-Paz and Oquab, Revisiting classifier two-sample tests (2017); Bickel, Brückner and Scheffer,
Discriminative learning under covariate shift (2009).

Strict
------
- ValueError if folds has another length.
"""

from collections.abc import Callable

import numpy as np


def domain_scores(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the cross-fitted score of each stacked row.

    Parameters
    ----------
    fit : function
    reference, current : arrays of shapes (n_reference, n_features) and (n_current, n_features)
    folds : array of int

    Examples
    --------
    >>> fit = lambda X, y: lambda X_new: X_new[:, 0] + 100 * X[y == 1].mean()
    >>> reference, current = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])
    >>> domain_scores(fit, reference, current, folds=np.array([7, 5, 5, 7]))
    array([301., 402., 403., 304.])
    """
    raise NotImplementedError


def domain_auc(fit: Callable, reference: np.ndarray, current: np.ndarray, folds: np.ndarray) -> float:
    """Return the mean over the folds of the AUC of each fold. Parameters as in domain_scores.

    The AUC of a fold is the share of its pairs of a reference row and a current row in which the current row has the
    higher score. A tie counts 1/2. All folds count the same.

    Examples
    --------
    >>> fit = lambda X, y: lambda X_new: X_new[:, 0]
    >>> reference, current = np.array([[1.0], [2.0], [5.0]]), np.array([[3.0], [4.0], [5.0]])
    >>> domain_auc(fit, reference, current, folds=np.array([0, 0, 1, 0, 1, 1]))  # the mean of 1 and 1/4
    0.625
    """
    raise NotImplementedError


def importance_weights(probs: np.ndarray, current_share: float, clip: float = 10.0) -> np.ndarray:
    """Return weights for reference rows: density ratios, clipped, then divided by their mean.

        ratio = p / (1 - p) * (1 - current_share) / current_share          p: P(current | row)

    Parameters
    ----------
    probs : array of shape (n_reference,)
        p of each row, from 0 to 1.
    current_share : float
        The share of current rows in training.
    clip : float
        The largest ratio, also for p = 1.

    Strict
    ------
    - ValueError if p is outside of [0, 1], current_share outside of (0, 1), clip not positive, or all ratios 0.

    Examples
    --------
    >>> importance_weights(np.array([0.5, 0.8, 1.0]), current_share=0.8, clip=2.5)  # the ratios are 1/4, 1 and inf
    array([0.2, 0.8, 2. ])
    """
    raise NotImplementedError
