# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- adaboost
"""AdaBoost: a weighted vote of decision stumps.

A stump asks a question about one feature and answers with a label. Labels and polarities are -1 or 1:

    h(x) = polarity if x[feature] > threshold else -polarity

Each sample has a weight, at first 1/n. A round takes the stump with the lowest error and updates the weights:

    error = sum of the weights of all samples with h(x_i) != y_i
    alpha = log((1 - error) / error) / 2
    w_i  <- w_i * exp(-alpha * y_i * h(x_i)), then divided by the sum of all w

The prediction is the sign of sum_t alpha_t * h_t(x).

Sources: Freund and Schapire (1997), section 4; Schapire and Singer (1999) for this form of alpha.
"""

from typing import NamedTuple

import numpy as np


class Ensemble(NamedTuple):
    """The stumps in the order of their rounds: four arrays with one entry for each stump. features holds integers."""

    features: np.ndarray
    thresholds: np.ndarray
    polarities: np.ndarray
    alphas: np.ndarray


def fit_adaboost(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Fit an ensemble of stumps.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        -1 or 1.
    n_rounds : int
        At least 1.

    Returns
    -------
    Ensemble
        A threshold is -inf, which gives all samples one label, or the midpoint of two neighbouring distinct values.
        A tie goes to the lower feature, then to the lower threshold.

        A stump without error is taken with alpha = 1 and ends the fit. A lowest error of 1/2 also ends the fit, and
        that stump is not taken. So there may be fewer stumps than n_rounds.

    Strict
    ------
    - Errors within 1e-9 of each other are ties, and an error within 1e-9 of 1/2 is 1/2.
    - predict takes an Ensemble without stumps as it is returned here.
    - ValueError if a label is not -1 or 1.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([-1, -1, 1, -1, 1])
    >>> ensemble = fit_adaboost(X, y, n_rounds=2)
    >>> ensemble.thresholds, ensemble.polarities, ensemble.alphas.round(6)
    (array([2.5, 4.5]), array([1., 1.]), array([0.693147, 0.972955]))
    """
    raise NotImplementedError


def predict(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    """Return the label of each sample, 1 if the sum is 0. The ensemble may have no stumps.

    Examples
    --------
    >>> ensemble = Ensemble(np.array([0, 1]), np.array([2.5, 0.0]), np.array([1, -1]), np.array([0.7, 0.2]))
    >>> predict(ensemble, np.array([[1.0, 3.0], [2.5, -3.0], [3.0, 3.0]]))
    array([-1, -1,  1])
    """
    raise NotImplementedError
