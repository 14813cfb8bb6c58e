# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class EarlyStopping(NamedTuple):
    stop_epoch: int | None
    best_epoch: int


def early_stopping(losses: np.ndarray, patience: int, min_delta: float = 0.0) -> EarlyStopping:
    best = 0
    for t in range(1, len(losses)):
        if losses[t] < losses[best] - min_delta:
            best = t
        if t - best >= patience:
            return EarlyStopping(t, best)
    return EarlyStopping(None, best)
