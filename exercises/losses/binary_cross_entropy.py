# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- binary_cross_entropy
"""Binary cross-entropy from logits, with the gradient.

A logit z is a log-odds: the probability of a positive is p = 1 / (1 + exp(-z)). An element with label y costs

    -pos_weight * y * log(p) - (1 - y) * log(1 - p)

and the loss is the mean over all elements. The gradient is that of the mean, for each logit. With n
elements it is

    ((1 - y) * p - pos_weight * y * (1 - p)) / n

Compute the formulas so that they hold for logits as large as 10,000: no eps is added to them and nothing is clipped.

Source: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.2. pos_weight is that of PyTorch's
BCEWithLogitsLoss.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """What `bce_with_logits` returns: the mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def bce_with_logits(logits: np.ndarray, y: np.ndarray, pos_weight: float = 1.0) -> LossGrad:
    """Return the mean binary cross-entropy and its gradient for the logits.

    Parameters
    ----------
    logits : array of any shape, not empty
        Numbers from -10,000 to 10,000.
    y : array of the shape of logits
        Labels 0 and 1, or probabilities between: booleans, integers or floats.
    pos_weight : float, positive
        Multiplies the cost of the positives. The mean still divides by the number of elements.

    Returns
    -------
    LossGrad
        loss, grad. For the labels 0 and 1 the loss is right in relative terms even where it is tiny: a positive at 40
        and a negative at -40 cost 4.2e-18 each, not 0. The gradient need only be right to an absolute 1e-12.

    Raises
    ------
    ValueError
        If logits and y differ in shape, even where NumPy would broadcast them; if a label is below 0, above 1 or NaN.

    Examples
    --------
    >>> loss, grad = bce_with_logits(np.array([0.0, 0.0, -10000.0]), np.array([1.0, 0.0, 1.0]))
    >>> round(loss, 4)  # the mean of log(2), log(2) and 10000
    3333.7954
    >>> grad.round(4)
    array([-0.1667,  0.1667, -0.3333])
    >>> bce_with_logits(np.array([0.0, 0.0]), np.array([1.0, 0.25]), pos_weight=3.0).grad
    array([-0.75,  0.  ])
    """
    raise NotImplementedError
