"""Early stopping: end a training run when the validation loss no longer improves.

Epochs are numbered from 0, and epoch 0 is the first best one. After each later epoch t, in order:

    improvement:  losses[t] < losses[best] - min_delta,    then best = t
    stop:         t - best >= patience

So patience is the number of epochs in a row without an improvement after which training stops. What comes after the
stop is never seen. The model to keep is that of the best epoch, not the last one.

Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 7.8. The rule is that of Keras' EarlyStopping
and of XGBoost's.

Strict
------
- NaN is never an improvement. If the loss of epoch 0 is NaN, any number improves on it.
- ValueError if there are no losses, patience < 1 or min_delta < 0.
- Losses may be integers of any type.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class EarlyStopping(NamedTuple):
    """The epoch after which training stops, None if the stop rule never holds, and the best epoch."""

    stop_epoch: int | None
    best_epoch: int


def early_stopping(losses: np.ndarray, patience: int, min_delta: float = 0.0) -> EarlyStopping:
    """Return where training stops, and which epoch is the best one at that time.

    Parameters
    ----------
    losses : array of shape (n_epochs,)
        The validation loss after each epoch. Lower is better.
    patience : int
        1 or more.
    min_delta : float
        0 or more.

    Examples
    --------
    3.5 and 4.0 are below 5.0, but not below 3.0. The 1.0 comes too late.

    >>> losses = np.array([6.0, 3.0, 5.0, 3.5, 4.0, 1.0])
    >>> early_stopping(losses, patience=3)
    EarlyStopping(stop_epoch=4, best_epoch=1)
    >>> early_stopping(losses, patience=4)
    EarlyStopping(stop_epoch=None, best_epoch=5)
    """
    _check(losses, patience, min_delta)
    best_epoch, best = 0, math.inf
    for epoch, loss in enumerate(losses.tolist()):
        if loss < best - min_delta:
            best_epoch, best = epoch, loss
        elif epoch - best_epoch >= patience:
            return EarlyStopping(epoch, best_epoch)
    return EarlyStopping(None, best_epoch)


def _check(losses: np.ndarray, patience: int, min_delta: float) -> None:
    if not (len(losses) and patience >= 1 and min_delta >= 0):
        raise ValueError(f"{len(losses)} losses, patience {patience}, min_delta {min_delta}: at least 1, 1 and 0")


def early_stopping_via_windows(losses: np.ndarray, patience: int, min_delta: float = 0.0) -> EarlyStopping:
    """Jump from one best epoch to the next: the first improvement among the next `patience` losses."""
    _check(losses, patience, min_delta)
    values = np.where(np.isnan(losses), np.inf, losses)
    best = 0
    while True:
        window = values[best + 1 : best + 1 + patience]
        better = np.flatnonzero(window < values[best] - min_delta)
        if not len(better):
            return EarlyStopping(best + patience if len(window) == patience else None, best)
        best += 1 + better[0]


def early_stopping_via_records(losses: np.ndarray, patience: int, min_delta: float = 0.0) -> EarlyStopping:
    """Find the improvements as if training never stopped, then the first gap between them that is too wide."""
    _check(losses, patience, min_delta)
    values = [math.inf if math.isnan(loss) else loss for loss in losses.tolist()]
    records = [0]
    for epoch, loss in enumerate(values):
        if loss + min_delta < values[records[-1]]:
            records.append(epoch)
    for best, following in pairwise([*records, math.inf]):
        if following - best > patience and best + patience < len(values):
            return EarlyStopping(best + patience, best)
    return EarlyStopping(None, records[-1])


def early_stopping_via_wait(losses: np.ndarray, patience: int, min_delta: float = 0.0) -> EarlyStopping:
    """Count the epochs without an improvement, as Keras does."""
    _check(losses, patience, min_delta)
    best, wait = 0, 0
    for epoch in range(1, len(losses)):
        wait += 1
        before, now = float(losses[best]), float(losses[epoch])
        if before - now > min_delta or (math.isnan(before) and not math.isnan(now)):
            best, wait = epoch, 0
        if wait == patience:
            return EarlyStopping(epoch, best)
    return EarlyStopping(None, best)
