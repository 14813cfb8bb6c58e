# wrong (core): compares with the lowest loss seen, not with losses[best]: a slow descent never improves
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
    losses = np.asarray(losses)
    if losses.shape[0] == 0 or patience < 1 or min_delta < 0:
        raise ValueError("need losses, patience >= 1 and min_delta >= 0")
    values = [v if isinstance(v, int) else float(v) for v in losses.tolist()]
    best, best_loss = 0, values[0]
    for t in range(1, len(values)):
        loss = values[t]
        if loss < best_loss - min_delta or (best_loss != best_loss and loss == loss):
            best, best_loss = t, loss
        elif loss < best_loss:
            best_loss = loss
        if t - best >= patience:
            return EarlyStopping(t, best)
    return EarlyStopping(None, best)
