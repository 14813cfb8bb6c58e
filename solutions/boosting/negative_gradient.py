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

import math
from statistics import median

import numpy as np

LOSSES = ("squared_error", "absolute_error", "huber", "log_loss")


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
    _check(loss, y, prediction, delta)
    if loss == "log_loss":
        p, q = _probabilities(prediction)
        return np.where(y == 1, q, -p)
    residual = np.subtract(y, prediction, dtype=float)
    if loss == "absolute_error":
        return np.sign(residual)
    return residual if loss == "squared_error" else np.clip(residual, -delta, delta)


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
    _check(loss, y, prediction, delta)
    if loss == "log_loss":
        p, q = _probabilities(prediction)
        curvature = (p * q).sum()
        return float(np.where(y == 1, q, -p).sum() / curvature) if curvature > 0 else 0.0
    residual = np.subtract(y, prediction, dtype=float)
    if loss == "squared_error":
        return float(residual.mean())
    middle = np.median(residual)
    return float(middle + np.clip(residual - middle, -delta, delta).mean() if loss == "huber" else middle)


def _check(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float) -> None:
    if loss not in LOSSES:
        raise ValueError(f"loss is one of {', '.join(LOSSES)}, not {loss!r}")
    if y.shape != prediction.shape:
        raise ValueError(f"y of shape {y.shape} needs predictions of the same, not of {prediction.shape}")
    if loss == "log_loss" and not ((y == 0) | (y == 1)).all():
        raise ValueError("log_loss needs labels 0 and 1")
    if not delta > 0:
        raise ValueError(f"delta has to be positive, not {delta}")


def _probabilities(log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return p and 1 - p, neither of them by a subtraction that cancels."""
    log_odds = log_odds.astype(float)
    scale = 1 + np.exp(-np.abs(log_odds))
    return np.exp(np.minimum(log_odds, 0)) / scale, np.exp(-np.maximum(log_odds, 0)) / scale


def negative_gradient_via_loop(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> np.ndarray:
    """Treat one sample at a time, in plain Python."""
    _check(loss, y, prediction, delta)
    slopes = []
    for truth, guess in zip(y.tolist(), prediction.tolist(), strict=True):
        residual = truth - guess
        if loss == "log_loss":
            sign = 1 if truth == 1 else -1
            slope = sign * math.exp(-max(sign * guess, 0)) / (1 + math.exp(-abs(guess)))
        elif loss == "absolute_error":
            slope = (residual > 0) - (residual < 0)
        else:
            slope = max(-delta, min(delta, residual)) if loss == "huber" else residual
        slopes.append(float(slope))
    return np.array(slopes)


def negative_gradient_via_weights(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> np.ndarray:
    """Multiply each residual by a weight: 1, 1 / |r|, or delta / |r| for large ones. Log-loss is that of a margin."""
    _check(loss, y, prediction, delta)
    if loss == "log_loss":
        sign = 2.0 * y - 1
        return sign * np.exp(-np.logaddexp(0, sign * prediction))
    residual = y.astype(float) - prediction
    size = np.abs(residual)
    bound = {"squared_error": np.inf, "absolute_error": 1.0, "huber": delta}[loss]
    floor = 0.0 if loss == "absolute_error" else bound
    return residual * np.divide(bound, size, out=np.ones(size.shape), where=size > floor)


def leaf_value_via_gradient(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> float:
    """Step by the mean negative gradient, for huber from the median, which is found by counts."""
    slopes = negative_gradient(loss, y, prediction)
    if loss == "squared_error":
        return float(slopes.mean())
    if loss == "log_loss":
        log_odds = prediction.astype(float)
        curvature = math.fsum(np.exp(-np.logaddexp(0, log_odds) - np.logaddexp(0, -log_odds)))
        return math.fsum(slopes) / curvature if curvature else 0.0
    residual = y.astype(float) - prediction
    # Half of the residuals, or more, are at most the lower of the two in the middle, and at least the upper.
    at_most = (residual <= residual[:, np.newaxis]).mean(axis=1)
    at_least = (residual >= residual[:, np.newaxis]).mean(axis=1)
    middle = (residual[at_most >= 0.5].min() + residual[at_least >= 0.5].max()) / 2
    return float(middle + negative_gradient(loss, residual, np.full(len(y), middle), delta).mean() * (loss == "huber"))


def leaf_value_via_loop(loss: str, y: np.ndarray, prediction: np.ndarray, delta: float = 1.0) -> float:
    """Treat one sample at a time, in plain Python."""
    _check(loss, y, prediction, delta)
    if loss == "log_loss":
        pull = curvature = 0.0
        for truth, guess in zip(y.tolist(), prediction.tolist(), strict=True):
            odds = math.exp(-abs(guess))
            pull += (math.exp(-max(guess, 0)) if truth == 1 else -math.exp(min(guess, 0))) / (1 + odds)
            curvature += odds / (1 + odds) ** 2
        return pull / curvature if curvature else 0.0
    residuals = [truth - guess for truth, guess in zip(y.tolist(), prediction.tolist(), strict=True)]
    if loss == "squared_error":
        return math.fsum(residuals) / len(residuals)
    middle = float(median(residuals))
    if loss == "huber":
        middle += math.fsum(min(max(each - middle, -delta), delta) for each in residuals) / len(residuals)
    return middle
