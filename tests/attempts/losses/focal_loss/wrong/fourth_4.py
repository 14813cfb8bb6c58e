# wrong (core): log p_t of negatives as log1p(-p), -inf for large logits
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- focal_loss
"""The focal loss, with the gradient.

A logit z gives the probability p = 1 / (1 + exp(-z)) of a positive. With p_t, the probability of an element's own
label, and alpha_t, the weight of its class,

    y = 1:  p_t = p      alpha_t = alpha
    y = 0:  p_t = 1 - p  alpha_t = 1 - alpha

    loss = mean over the elements of -alpha_t * (1 - p_t)**gamma * log(p_t)

So an easy element, with p_t near 1, counts little. With gamma = 0 this is a weighted cross-entropy.

Logits may be as large as 1e4. No eps and no clipping: loss and gradient follow the formula.

Source: Lin et al., Focal Loss for Dense Object Detection (2017), section 3. The paper sums and divides by the number
of anchors with an object; here it is the mean.

Strict
------
- gamma may be below 1, such as 0 or 0.5, where 1 - p_t rounds to 0: from logits of 37 on.
- Losses as small as 1e-11 follow the formula as well.
- ValueError if logits and y differ in shape, or a label is not 0 or 1.
"""

from typing import NamedTuple

import numpy as np


class LossGrad(NamedTuple):
    """The mean loss, and its gradient in the shape of logits."""

    loss: float
    grad: np.ndarray


def focal_loss(logits: np.ndarray, y: np.ndarray, gamma: float = 2.0, alpha: float = 0.25) -> LossGrad:
    """Return the mean loss and its gradient with respect to the logits.

    Parameters
    ----------
    logits : array of any shape, of at least one axis
    y : array of the shape of logits
        Labels 0 and 1.
    gamma, alpha : float
        At least 0, and from 0 to 1.

    Examples
    --------
    At z = 0, p_t is 1/2 for either label: with gamma = 1 the elements cost log(2) / 2, times 3/4 and 1/4.

    >>> loss, grad = focal_loss(np.array([0.0, 0.0]), np.array([1, 0]), gamma=1.0, alpha=0.75)
    >>> round(loss, 6)
    0.173287
    >>> grad.round(6)
    array([-0.158733,  0.052911])
    >>> focal_loss(np.array([-10000.0, 10000.0]), np.array([1, 1])).loss
    1250.0
    """
    z = np.asarray(logits).astype(np.float64)
    y = np.asarray(y)
    if z.shape != y.shape:
        raise ValueError("logits and y differ in shape")
    positive = y == 1
    if not np.all(positive | (y == 0)):
        raise ValueError("labels must be 0 or 1")
    s = np.where(positive, z, -z)
    log_p = -np.logaddexp(0.0, -z)
    with np.errstate(divide="ignore"):
        log_pt = np.where(positive, log_p, np.log1p(-np.exp(log_p)))
    log_rest = -np.logaddexp(0.0, s)
    alpha_t = np.where(positive, alpha, 1.0 - alpha)
    weight = alpha_t * np.exp(gamma * log_rest)
    loss = float(np.mean(-weight * log_pt))
    slope = gamma * np.exp(log_pt) * log_pt - np.exp(log_rest)
    grad = np.where(positive, 1.0, -1.0) * weight * slope / z.size
    return LossGrad(loss, grad)
