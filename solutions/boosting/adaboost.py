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

from itertools import pairwise
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
    if not np.isin(y, (-1, 1)).all():
        raise ValueError("y has a label that is neither -1 nor 1")
    order = np.argsort(X, axis=0)
    values = np.take_along_axis(X, order, axis=0)
    lower = np.vstack([np.full(X.shape[1], -np.inf), values[:-1]])
    # The candidates, by feature and by threshold; n_left samples are not above one.
    features, n_left = np.nonzero((lower < values).T)
    thresholds = (lower / 2 + values / 2)[n_left, features]
    weights = np.full(len(y), 1 / len(y))
    stumps = []
    for _ in range(n_rounds):
        # A stump of polarity 1 is wrong about the positives on its left and the negatives on its right.
        signed = (weights * y)[order]
        on_left = np.cumsum(signed, axis=0) - signed
        rising = weights[y == -1].sum() + on_left[n_left, features]
        errors = np.column_stack([rising, 1 - rising])
        lowest = errors.min()
        if lowest > 0.5 - 1e-9:
            break
        candidate, falling = np.argwhere(errors < lowest + 1e-9)[0]
        feature, threshold, polarity = features[candidate], thresholds[candidate], 1 - 2 * falling
        right = np.where(X[:, feature] > threshold, polarity, -polarity) == y
        if right.all():
            stumps.append((feature, threshold, polarity, 1.0))
            break
        error = weights[~right].sum()
        alpha = np.log((1 - error) / error) / 2
        stumps.append((feature, threshold, polarity, alpha))
        weights = weights * np.exp(np.where(right, -alpha, alpha))
        weights /= weights.sum()
    table = np.array(stumps).reshape(-1, 4)
    return Ensemble(table[:, 0].astype(int), *table[:, 1:].T)


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
    votes = np.where(X[:, ensemble.features] > ensemble.thresholds, ensemble.polarities, -ensemble.polarities)
    return np.where(votes @ ensemble.alphas >= 0, 1, -1)


def fit_adaboost_via_table(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Tabulate where each stump is wrong; new weights of wrong samples, and of right ones, add up to 1/2."""
    if set(y.tolist()) - {-1, 1}:
        raise ValueError("y has a label that is neither -1 nor 1")
    candidates = []
    for feature, column in enumerate(X.T):
        values = np.unique(column).astype(float)
        for threshold in [-np.inf, *(values[:-1] + values[1:]) / 2]:
            candidates += [(feature, threshold, 1), (feature, threshold, -1)]
    wrong = np.vstack([np.where(X[:, f] > t, p, -p) != y for f, t, p in candidates])
    taken, alphas, weights = [], [], np.ones(len(y)) / len(y)
    while len(taken) < n_rounds:
        best = int((wrong @ weights).round(10).argmin())
        error = wrong[best] @ weights
        if error.round(10) == 0.5:
            break
        taken.append(candidates[best])
        alphas.append(np.arctanh(1 - 2 * error) if error else 1.0)
        if error == 0:
            break
        weights = weights / np.where(wrong[best], 2 * error, 2 * (1 - error))
    features, thresholds, polarities = np.array(taken).reshape(-1, 3).T
    return Ensemble(features.astype(int), thresholds, polarities, np.array(alphas))


def fit_adaboost_via_margins(X: np.ndarray, y: np.ndarray, n_rounds: int) -> Ensemble:
    """Keep each sample's margin, y times the sum of alpha h: its weight is exp(-margin), over the sum of all."""
    if not all(label in (-1, 1) for label in y):
        raise ValueError("y has a label that is neither -1 nor 1")
    margins, stumps = [0.0] * len(y), []
    for _ in range(n_rounds):
        unscaled = [np.exp(-margin) for margin in margins]
        weights = [weight / sum(unscaled) for weight in unscaled]
        lowest, best = 0.5, None
        for feature, column in enumerate(X.T.tolist()):
            for lower, upper in pairwise([-np.inf, *sorted(set(column))]):
                for polarity in (1, -1):
                    answers = [polarity if x > lower else -polarity for x in column]
                    agreement = [label * answer for label, answer in zip(y, answers, strict=True)]
                    error = sum(weight for weight, sign in zip(weights, agreement, strict=True) if sign < 0)
                    if error < lowest - 1e-9:
                        lowest, best = error, (feature, lower / 2 + upper / 2, polarity, agreement)
        if best is None:
            break
        *stump, agreement = best
        alpha = (np.log1p(-lowest) - np.log(lowest)) / 2 if lowest else 1.0
        stumps.append((*stump, alpha))
        if not lowest:
            break
        margins = [margin + alpha * sign for margin, sign in zip(margins, agreement, strict=True)]
    return Ensemble(*[np.array([stump[field] for stump in stumps]) for field in range(4)])


def predict_via_loop(ensemble: Ensemble, X: np.ndarray) -> np.ndarray:
    """Let each sample go from stump to stump."""
    labels = []
    for sample in X:
        score = 0.0
        for feature, threshold, polarity, alpha in zip(*ensemble, strict=True):
            answer = polarity if sample[feature] > threshold else -polarity
            score += alpha * answer
        labels.append(-1 if score < 0 else 1)
    return np.array(labels)
