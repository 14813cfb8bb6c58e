# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- page_hinkley
"""The Page-Hinkley test for a change of the mean of a stream.

Sum the deviation of each value from the mean of the values so far. An allowance delta keeps noise from adding up:

    mean_t = (x_1 + ... + x_t) / t
    U_t = U_{t-1} + x_t - mean_t - delta,   U_0 = 0
    D_t = D_{t-1} + x_t - mean_t + delta,   D_0 = 0

    upward alarm at t:    U_t - min(U_1, ..., U_t) > threshold
    downward alarm at t:  max(D_1, ..., D_t) - D_t > threshold

After an alarm the test starts again: the next value is x_1, and mean, sums and extremes are reset. Both functions take
linear time, however many alarms there are.

Source: Page (1954); Hinkley (1971). River's PageHinkley with alpha = 1 and min_instances = 1 is the same.

Strict
------
- The stream may be empty.
- ValueError if a value of the stream is not finite, delta < 0, threshold <= 0, or mode is unknown.
"""

import numpy as np


def page_hinkley(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    """Return the index of the first alarm, counted from 0, or None if there is no alarm.

    Parameters
    ----------
    stream : array of shape (n_values,)
    delta, threshold : float
    mode : str
        "up" for upward alarms only, "down" for downward alarms only, "both" for the first of either.

    Examples
    --------
    After four zeros, the first 1 deviates from its mean by 4/5, the second by 4/6.

    >>> stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    >>> page_hinkley(stream, delta=0.0, threshold=1.0)
    5
    >>> page_hinkley(stream, delta=0.5, threshold=1.0) is None
    True
    >>> page_hinkley(stream, delta=0.0, threshold=1.0, mode="down") is None
    True
    """
    raise NotImplementedError


def page_hinkley_alarms(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> list[int]:
    """Return the indices of all alarms in the whole stream, in order.

    In mode "both" an alarm resets both directions. In the other modes the other direction is ignored.

    Examples
    --------
    After the alarm at 5 the ones are normal, and the zeros are a change again.

    >>> stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    >>> page_hinkley_alarms(stream, delta=0.0, threshold=1.0)
    [5, 10]
    >>> page_hinkley_alarms(stream, delta=0.0, threshold=1.0, mode="up")
    [5]
    """
    raise NotImplementedError
