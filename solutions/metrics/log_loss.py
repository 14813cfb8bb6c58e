"""Log loss of predicted probabilities, and normalized entropy, its ratio to that of the base rate.

With labels y and the predicted probability p of a positive,

    log loss = mean over the samples of -y * log(p) - (1 - y) * log(1 - p)

Here p is the prediction clipped to [eps, 1 - eps] with eps = 2**-52, the machine epsilon of float64. So a prediction
of exactly 0 or 1 that is wrong costs -log(eps) = 36.04, and not infinity.

Log loss is low whenever positives are rare. Normalized entropy (NE) divides it by the entropy of the base rate q, the
share of positives in y_true:

    NE = log loss / (-q * log(q) - (1 - q) * log(1 - q))

NE is 1 if every prediction is q. Lower is better, and above 1 is worse than that constant. Logarithms are natural.

Source: He et al., Practical Lessons from Predicting Clicks on Ads at Facebook (2014), section 2. Clipping is that of
scikit-learn's log_loss.

Strict
------
- ValueError if the lengths differ, there is no sample, a label is not 0 or 1, or a probability is NaN.
"""

import math

import numpy as np

EPS = 2.0**-52


def log_loss(y_true: np.ndarray, prob: np.ndarray) -> float:
    """Return the mean log loss.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        1 for a positive, 0 for a negative. All may be of one class.
    prob : array of shape (n_samples,)
        The predicted probability of a positive, 0 and 1 included.

    Raises
    ------
    ValueError
        If a value of prob is below 0 or above 1. (Clipping would hide it.)

    Examples
    --------
    >>> round(log_loss(np.array([1, 0, 1]), np.array([0.5, 0.0, 0.25])), 6)  # the mean of log(2), 0 and log(4)
    0.693147
    >>> round(log_loss(np.array([0, 1]), np.array([1.0, 0.0])), 6)
    36.043653
    """
    positive = _positives(y_true, prob)
    p = np.clip(prob, EPS, 1 - EPS)
    return float(-np.log(np.where(positive, p, 1 - p)).mean())


def normalized_entropy(y_true: np.ndarray, prob: np.ndarray) -> float:
    """Return the log loss divided by the entropy of the base rate.

    Parameters
    ----------
    y_true, prob : arrays of shape (n_samples,)
        As for log_loss, which also says when to raise ValueError.

    Raises
    ------
    ValueError
        If there is no positive or no negative.

    Examples
    --------
    >>> y_true = np.array([1, 0, 0, 0])
    >>> round(normalized_entropy(y_true, np.array([0.25, 0.25, 0.25, 0.25])), 6)
    1.0
    >>> round(normalized_entropy(y_true, np.array([0.5, 0.5, 0.5, 0.5])), 6)  # log(2) / 0.562335
    1.232623
    """
    loss, base_rate = log_loss(y_true, prob), y_true.mean()
    if base_rate in (0, 1):
        raise ValueError("y_true needs at least one positive and one negative")
    return loss / log_loss(y_true, np.full(len(y_true), base_rate))


def _positives(y_true: np.ndarray, prob: np.ndarray) -> np.ndarray:
    """Say which samples are positive, once both arrays are found fit."""
    if len(y_true) != len(prob) or len(prob) == 0:
        raise ValueError(f"y_true has {len(y_true)} labels and prob has {len(prob)} probabilities")
    if not ((y_true == 0) | (y_true == 1)).all():
        raise ValueError("y_true has a label that is neither 0 nor 1")
    if not ((prob >= 0) & (prob <= 1)).all():
        raise ValueError("prob has a value that is not a probability")
    return y_true == 1


def log_loss_via_logarithms(y_true: np.ndarray, prob: np.ndarray) -> float:
    """Write the formula down: the label chooses between two logarithms, each of a clipped number."""
    y = _positives(y_true, prob)
    log_p, log_rest = np.log(np.maximum(prob, EPS)), np.log(np.maximum(1.0 - prob, EPS))
    return float(-(y @ log_p + (1 - y) @ log_rest) / len(y))


def log_loss_via_loop(y_true: np.ndarray, prob: np.ndarray) -> float:
    """Treat one sample at a time: first how likely the prediction made what happened."""
    positive, costs = _positives(y_true, prob), []
    for happened, p in zip(positive.tolist(), prob.tolist(), strict=True):
        likelihood = p if happened else 1 - p
        costs.append(-math.log(likelihood) if likelihood > EPS else -math.log(EPS))
    return math.fsum(costs) / len(costs)


def normalized_entropy_via_counts(y_true: np.ndarray, prob: np.ndarray) -> float:
    """Take the entropy of the base rate from counts: log n less what is left of it within the classes."""
    loss, n, n_pos = log_loss(y_true, prob), len(y_true), np.count_nonzero(y_true)
    # If a class is empty, math.log raises ValueError.
    known = n_pos * math.log(n_pos) + (n - n_pos) * math.log(n - n_pos)
    return loss / (math.log(n) - known / n)


def normalized_entropy_via_classes(y_true: np.ndarray, prob: np.ndarray) -> float:
    """Average the cost of each class alone, then weigh both with the base rate."""
    positive = _positives(y_true, prob)
    q = positive.mean()
    if not 0 < q < 1:
        raise ValueError("y_true has one class only")
    of_positives = -np.log(np.clip(prob[positive], EPS, 1)).mean()
    of_negatives = -np.log(np.clip(1 - prob[~positive], EPS, 1)).mean()
    return float((q * of_positives + (1 - q) * of_negatives) / (-q * np.log(q) - (1 - q) * np.log1p(-q)))
