# wrong (core): the accuracy is updated step by step in floating point (+1/window, -1/window), so it drifts off the exact thresholds of the alarm
"""Watch the accuracy of a deployed model in a sliding window, with an alarm that does not flicker.

Labels and predictions arrive in order. At index t the window holds the samples t - window + 1, ..., t:

    accuracy_t = (number of right predictions in the window) / window

An alarm with one threshold goes on and off while the accuracy wavers about it. Hysteresis takes two, low <= high:

    alarm_t = on             if accuracy_t < low
              off            if accuracy_t >= high
              alarm_{t-1}    otherwise

Both functions take linear time, whatever the window is.

Sources: Gama, Sebastiao and Rodrigues, On evaluating stream learning algorithms (2013), for sliding windows; Schmitt, A
thermionic trigger (1938), for hysteresis.

Strict
------
- The stream may be empty.
- ValueError if window < 1, the lengths of y_true and y_pred differ, or low > high.
"""

import numpy as np


def rolling_accuracy(y_true: np.ndarray, y_pred: np.ndarray, window: int) -> np.ndarray:
    """Return accuracy_t for each t, and NaN where the window is not full yet.

    Parameters
    ----------
    y_true, y_pred : arrays of int of shape (n,)
        Class labels: any integers.
    window : int
        At least 1. If it is above n, all values are NaN.

    Returns
    -------
    array of shape (n,)
        The first window - 1 values are NaN.

    Examples
    --------
    >>> rolling_accuracy(np.array([3, 1, 2, 2, 1]), np.array([3, 2, 2, 2, 3]), window=2)
    array([nan, 0.5, 0.5, 1. , 0.5])
    """
    y_true = np.asarray(y_true)
    y_pred = np.asarray(y_pred)
    if window < 1:
        raise ValueError("window must be at least 1")
    if len(y_true) != len(y_pred):
        raise ValueError("lengths differ")
    n = len(y_true)
    right = y_true == y_pred
    out = np.full(n, np.nan)
    acc = 0.0
    for t in range(n):
        acc += right[t] / window
        if t >= window:
            acc -= right[t - window] / window
        if t >= window - 1:
            out[t] = acc
    return out


def hysteresis_alarm(accuracy: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return for each t whether the alarm is on.

    The alarm is off before the first value. NaN leaves it as it is. Thresholds are exact, without a tolerance.

    Parameters
    ----------
    accuracy : array of shape (n,)
        Values from 0 to 1, or NaN anywhere.
    low, high : float
        From 0 to 1. They may be equal.

    Returns
    -------
    array of bool of shape (n,)

    Examples
    --------
    >>> hysteresis_alarm(np.array([np.nan, 0.8, 0.5, 0.8, 0.9, 0.8]), low=0.75, high=0.9)
    array([False, False,  True,  True, False, False])
    """
    if low > high:
        raise ValueError("low is above high")
    accuracy = np.asarray(accuracy, dtype=float)
    out = np.zeros(len(accuracy), dtype=bool)
    state = False
    for t, a in enumerate(accuracy):
        if a < low:
            state = True
        elif a >= high:
            state = False
        out[t] = state
    return out
