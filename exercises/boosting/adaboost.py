# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- adaboost
"""AdaBoost: a weighted vote of stumps, each chosen to be right where those before it were wrong.

A stump asks one question about one feature and answers with a label, -1 or +1:

    h(x) = polarity if x[feature] > threshold else -polarity

Every sample has a weight, 1/n at first. A round

1. takes the stump h of lowest error, where error is the sum of the weights of the samples with h(x_i) != y_i;
2. gives its vote the weight alpha = log((1 - error) / error) / 2;
3. multiplies the weight of sample i by exp(-alpha y_i h(x_i)), more than 1 where h is wrong and less where it is right,
   and divides all weights by their sum, so that they add up to 1 again.

The stumps' vote is the sign of the sum of alpha h(x). (Some books and scikit-learn leave the half out of alpha and
multiply the weights of wrong samples alone, by exp(alpha). That changes neither the stumps nor the votes.)

Sources: Freund and Schapire, A Decision-Theoretic Generalization of On-Line Learning and an Application to Boosting
(1997), section 4; Schapire and Singer, Improved Boosting Algorithms Using Confidence-rated Predictions (1999), for the
form of alpha and of the weights.
"""

from typing import NamedTuple

import numpy as np


class Ensemble(NamedTuple):
    """The stumps in the order of their rounds: arrays with one entry per stump.

    `features` are of an integer type; `polarities` are -1 or 1, as integers or floats; `alphas` are the weights of the
    votes.
    """

    features: np.ndarray
    thresholds: np.ndarray
    polarities: np.ndarray
    alphas: np.ndarray


def fit_adaboost(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Fit an ensemble of stumps.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        At least one sample and one feature; finite floats or integers.
    y : array of shape (n_samples,)
        The labels, -1 or 1.
    n_rounds : int, at least 1

    Returns
    -------
    Ensemble
        A stump's threshold is -inf, so that it answers its polarity to all, or it lies midway between two neighbours
        among the distinct values of its feature. Of several stumps of lowest error, the one of the lowest feature is
        taken, and of those the one of the lowest threshold. Rounding must not decide: errors that differ by rounding
        alone count as equal, and errors that are 1e-6 or more apart do not.

        A stump that gets no sample wrong, which only the first round can find, ends the fit. Its alpha, infinite by the
        formula, is 1. A lowest error of 1/2, up to rounding, ends the fit too, and that stump is not taken: it is no
        better than chance. So there may be fewer stumps than n_rounds, or none.

    Raises
    ------
    ValueError
        If a label is neither -1 nor 1.

    Examples
    --------
    Two stumps are wrong about one sample each, and the lower threshold is taken. The weight of the fourth sample, which
    that one gets wrong, becomes 1/2, and the others have 1/8 each: now the second stump has an error of 1/8.

    >>> X, y = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([-1, -1, 1, -1, 1])
    >>> ensemble = fit_adaboost(X, y, n_rounds=2)
    >>> ensemble.thresholds, ensemble.polarities
    (array([2.5, 4.5]), array([1., 1.]))
    >>> ensemble.alphas.round(6)
    array([0.693147, 0.972955])
    """
    raise NotImplementedError


def predict(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    """Return the label that the stumps vote for.

    Parameters
    ----------
    ensemble : Ensemble
        Any number of stumps, none included.
    X : array of shape (n_samples, n_features)
        As in `fit_adaboost`.

    Returns
    -------
    array of shape (n_samples,)
        -1 where the sum of alpha h(x) is negative, 1 where it is positive or 0, as it is without any stumps.

    Examples
    --------
    >>> ensemble = Ensemble(np.array([0, 1]), np.array([2.5, 0.0]), np.array([1, -1]), np.array([0.7, 0.2]))
    >>> predict(ensemble, np.array([[1.0, 3.0], [2.5, -3.0], [3.0, 3.0]]))
    array([-1, -1,  1])
    """
    raise NotImplementedError
