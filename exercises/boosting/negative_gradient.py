# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- negative_gradient
"""Gradient boosting's two steps for four losses: the negative gradient, and the value of a leaf.

Each round fits a tree to the negative gradients of the loss, then gives each leaf the value that suits the loss. F is
the prediction so far, r = y - F the residual and p = 1 / (1 + exp(-F)):

    loss              L(y, F)                                        value of a leaf
    squared_error     r**2 / 2                                       mean of r
    absolute_error    |r|                                            median of r
    huber             r**2 / 2                    if |r| <= delta    m + mean of clip(r - m, -delta, delta)
                      delta * (|r| - delta / 2)   otherwise          where m is the median of r
    log_loss          log(1 + exp(F)) - y * F                        sum of (y - p) / sum of p * (1 - p)

The last two are one step towards the best value.

Source: Friedman, Greedy Function Approximation: A Gradient Boosting Machine (2001), section 4.

Strict
------
- ValueError if y and prediction differ in shape, or delta is not positive.
- At any log-odds, both answers are right to nine digits: at 40, p * (1 - p) is 4.2e-18.
- Arrays may hold integers of any type.
"""

import numpy as np


def negative_gradient(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> np.ndarray:
    """Return -dL/dF of each sample.

    Parameters
    ----------
    loss : str
        One of the four names.
    y : array of shape (n_samples,)
        0 or 1 for log_loss.
    prediction : array of shape (n_samples,)
        F. For log_loss these are log-odds, also of 1000.
    delta : float
        Positive, for huber.

    Returns
    -------
    np.ndarray
        For absolute_error the sign of r, which is 0 if r is 0.

    Raises
    ------
    ValueError
        If loss is another name, or a label of log_loss is not 0 or 1.

    Examples
    --------
    >>> y, prediction = np.array([5.0, 2.0, -1.0]), np.array([1.0, 2.0, -0.5])
    >>> negative_gradient("huber", y, prediction, delta=2.0)
    array([ 2. ,  0. , -0.5])
    >>> negative_gradient("log_loss", np.array([1, 0]), np.array([0.0, 0.0]))
    array([ 0.5, -0.5])
    """
    raise NotImplementedError


def leaf_value(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> float:
    """Return the value of a leaf that holds these samples, at least one.

    The median of an even number of residuals is the mean of the two in the middle. For log_loss the value is 0 if the
    sum of p * (1 - p) underflows to 0. Parameters and errors are those of negative_gradient.

    Examples
    --------
    >>> y, prediction = np.array([9.0, 3.0, 1.0, 1.0]), np.zeros(4)
    >>> leaf_value("absolute_error", y, prediction)
    2.0
    >>> leaf_value("huber", y, prediction, delta=2.0)
    2.25
    >>> leaf_value("log_loss", np.array([1, 1, 1, 0]), prediction)
    1.0
    """
    raise NotImplementedError
