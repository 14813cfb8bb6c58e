# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- log_loss
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

import numpy as np


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
    raise NotImplementedError


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
    raise NotImplementedError
