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

from collections import deque
from itertools import accumulate

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
        The first window - 1 values are NaN. Rounding errors do not add up: 8 right of 10 are never below 0.8.

    Examples
    --------
    >>> rolling_accuracy(np.array([3, 1, 2, 2, 1]), np.array([3, 2, 2, 2, 3]), window=2)
    array([nan, 0.5, 0.5, 1. , 0.5])
    """
    if window < 1:
        raise ValueError(f"the window is {window} and must be at least 1")
    if len(y_true) != len(y_pred):
        raise ValueError(f"{len(y_true)} labels and {len(y_pred)} predictions")
    right = np.append(0, np.cumsum(y_true == y_pred))
    accuracy = np.full(len(y_true), np.nan)
    accuracy[window - 1 :] = (right[window:] - right[:-window]) / window
    return accuracy


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
    _check_thresholds(low, high)
    on = accuracy < low
    decided = on | (accuracy >= high)
    # Where nothing is decided yet, the first value stands in: it is not below low.
    last = np.maximum.accumulate(np.where(decided, np.arange(len(on)), 0))
    return on[last]


def _check_thresholds(low: float, high: float) -> None:
    if low > high:
        raise ValueError(f"low is {low} and must not be above high, which is {high}")


def rolling_accuracy_via_queue(y_true: np.ndarray, y_pred: np.ndarray, window: int) -> np.ndarray:
    """Keep the window's samples in a queue, and count what enters and what leaves."""
    if window <= 0:
        raise ValueError("a window without a sample")
    queue, n_right, found = deque(), 0, []
    for label, predicted in zip(y_true.tolist(), y_pred.tolist(), strict=True):
        queue.append(label == predicted)
        n_right += queue[-1]
        if len(queue) > window:
            n_right -= queue.popleft()
        found.append(n_right / window if len(queue) == window else np.nan)
    return np.array(found)


def rolling_accuracy_via_errors(y_true: np.ndarray, y_pred: np.ndarray, window: int) -> np.ndarray:
    """Look up how many positions of errors lie between the two ends of each window."""
    if window <= 0 or y_true.shape != y_pred.shape:
        raise ValueError("a window without a sample, or a label without a prediction")
    errors, ends = np.flatnonzero(y_true - y_pred), np.arange(len(y_true))
    missed = np.searchsorted(errors, ends, side="right") - np.searchsorted(errors, ends - window, side="right")
    return np.where(ends + 1 < window, np.nan, (window - missed) / window)


def hysteresis_alarm_via_fold(accuracy: np.ndarray, low: float, high: float) -> np.ndarray:
    """Fold the three cases over the values."""
    _check_thresholds(low, high)

    def step(alarm: bool, value: float) -> bool:
        return value < low or (alarm and not value >= high)

    return np.fromiter(accumulate(accuracy.tolist(), step, initial=False), dtype=bool)[1:]


def hysteresis_alarm_via_events(accuracy: np.ndarray, low: float, high: float) -> np.ndarray:
    """Repeat each decision up to the next one."""
    _check_thresholds(low, high)
    decisions = np.flatnonzero((accuracy < low) | (accuracy >= high))
    lengths = np.diff(decisions, prepend=0, append=len(accuracy))
    return np.repeat([False, *(accuracy[decisions] < low).tolist()], lengths)
