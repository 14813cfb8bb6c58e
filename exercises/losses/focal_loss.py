# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- focal_loss
"""The focal loss, with the gradient.

A logit z gives the probability of a positive, p = 1 / (1 + exp(-z)). Let p_t be the probability that it gives to an
element's own label, and alpha_t the weight of its class:

    positives (y = 1):  p_t = p      alpha_t = alpha
    negatives (y = 0):  p_t = 1 - p  alpha_t = 1 - alpha

An element costs

    -alpha_t * (1 - p_t)^gamma * log(p_t)

so that an easy element, one whose p_t is near 1, counts little. The loss is the mean over all elements, and the
gradient is that of the mean, for each logit. With gamma = 0 this is cross-entropy with weighted classes.

Loss and gradient must hold for logits as large as 10,000: no eps is added and nothing is clipped.

Source: Lin et al., Focal Loss for Dense Object Detection (2017), section 3, equations 4 and 5. The paper sums, and
divides by the number of anchors assigned to an object; here it is the mean.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """What `focal_loss` returns: the mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def focal_loss(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    """Return the mean focal loss and its gradient for the logits.

    Parameters
    ----------
    logits : array of any shape, not empty
        Numbers from -10,000 to 10,000.
    y : array of the shape of logits
        Labels 0 and 1: booleans, integers or floats.
    gamma : float, not negative
        Any such number: 0, 0.5, 2 and so on.
    alpha : float, from 0 to 1

    Returns
    -------
    LossGrad
        loss, grad: finite, and right to nine digits or to an absolute 1e-12. The gradient includes how the factor
        (1 - p_t)^gamma changes with z.

    Raises
    ------
    ValueError
        If logits and y differ in shape, even where NumPy would broadcast them; if a label is neither 0 nor 1.

    Examples
    --------
    At z = 0, p_t is 1/2 for either label: with gamma = 1 the costs are log(2) / 2, times 3/4 and 1/4.

    >>> loss, grad = focal_loss(np.array([0.0, 0.0]), np.array([1, 0]), gamma=1.0, alpha=0.75)
    >>> round(loss, 6)
    0.173287
    >>> grad.round(6)
    array([-0.158733,  0.052911])
    >>> focal_loss(np.array([-10000.0, 10000.0]), np.array([1, 1])).loss
    1250.0
    """
    raise NotImplementedError
