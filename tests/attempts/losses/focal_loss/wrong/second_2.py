# wrong (core): log(p_t) of negatives is computed as log(1 - p), which is -inf for large positive logits; only positives are stable
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
- Any gamma >= 0, such as 0 and 0.5, at logits of 1e4 too. Small losses follow the formula as well.
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
    logits, y = np.asarray(logits, dtype=float), np.asarray(y)
    sign = np.where(y == 1, 1.0, -1.0)
    u = sign * logits
    with np.errstate(divide="ignore"):
        log_p = np.where(y == 1, -np.logaddexp(0, -u), np.log(1 - np.exp(-np.logaddexp(0, -logits))))
    log_q = -np.logaddexp(0, u)
    p, q = np.exp(log_p), np.exp(log_q)
    weight = np.where(y == 1, alpha, 1 - alpha)
    factor = weight * np.exp(gamma * log_q)
    loss = -factor * log_p
    grad = sign * factor * (gamma * p * log_p - q)
    return LossGrad(float(loss.sum() / logits.size), grad / logits.size)
