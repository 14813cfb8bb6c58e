# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- page_hinkley
"""The Page-Hinkley test: the moment at which the mean of a stream has changed.

Each value's deviation from the mean of the values so far, itself included, is summed twice: less an allowance delta to
detect a rise, and plus it to detect a fall:

    mean_t = (x_1 + ... + x_t) / t
    U_t = sum over s = 1, ..., t of (x_s - mean_s - delta)
    D_t = sum over s = 1, ..., t of (x_s - mean_s + delta)

Each deviation is from the mean as it was at that value: mean_s, and not mean_t. As long as nothing changes, U falls and
D rises, on average by delta at each value. If values become larger, U rises above the lowest point that it has had, and
if they become smaller, D falls below its highest. There is an alarm at t where

    upward:     U_t - min(U_1, ..., U_t) > threshold
    downward:   max(D_1, ..., D_t) - D_t > threshold

(Where a mean, delta or a sum has no exact float, rounding may decide at the threshold itself.)

After an alarm the test begins anew: the next value is x_1 again, and nothing of the mean, the sums and the extremes is
kept. All of this takes linear time, however many alarms there are: 200,000 values should need well under a second.

Source: Page, Continuous inspection schemes (1954); Hinkley, Inference about the change-point from cumulative sum tests
(1971). Parameters as in River's PageHinkley, with its alpha and its min_instances set to 1.
"""

import numpy as np


def page_hinkley(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    """Return the index of the first alarm.

    Parameters
    ----------
    stream : array of shape (n_values,)
        Finite numbers whose sums are finite too, floats or integers, in order of time. There may be none.
    delta : float, at least 0
        The deviation that is allowed for at each value, in the unit of the stream.
    threshold : float, above 0
        How far a sum may be from its extreme; at the threshold itself there is no alarm.
    mode : str
        "up" for upward alarms alone, "down" for downward ones, "both" for whichever is first.

    Returns
    -------
    int or None
        The index, from 0, of the value that raises the first alarm; None if there is no alarm.

    Raises
    ------
    ValueError
        If a value is NaN or infinite, even one after the alarm; if delta is negative or threshold not positive, or
        either is NaN; if mode is none of the three.

    Examples
    --------
    After four zeros a 1 has the mean 1/5, and so 4/5 is summed; 4/6 at the next.

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
    """Return where all alarms are, with the test begun anew after each.

    Parameters
    ----------
    stream, delta, threshold, mode
        As `page_hinkley` takes them.

    Returns
    -------
    list of int
        Indices into the whole stream, rising. In mode "both" an alarm in one direction begins both directions
        anew; in the other modes the direction that is not asked for begins nothing anew.

    Raises
    ------
    ValueError
        Where `page_hinkley` does.

    Examples
    --------
    The ones that follow the first alarm are the new normal, and the zeros after them are a change again.

    >>> stream = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    >>> page_hinkley_alarms(stream, delta=0.0, threshold=1.0)
    [5, 10]
    >>> page_hinkley_alarms(stream, delta=0.0, threshold=1.0, mode="up")
    [5]
    """
    raise NotImplementedError
