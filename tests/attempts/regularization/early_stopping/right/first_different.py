# different style; both bars
from typing import NamedTuple

import numpy as np


class EarlyStopping(NamedTuple):
    stop_epoch: int | None
    best_epoch: int


def _improves(new, old, min_delta) -> bool:
    if new != new:
        return False
    if old != old:
        return True
    if isinstance(new, int):
        return old - new > min_delta  # whole numbers: exact, however large
    return new < old - min_delta


def early_stopping(losses: np.ndarray, patience: int, min_delta: float = 0.0) -> EarlyStopping:
    values = np.asarray(losses).tolist()
    if not values or patience < 1 or min_delta < 0:
        raise ValueError("needs losses, patience >= 1 and min_delta >= 0")
    patience = int(patience)
    best = 0
    while True:  # jump from one best epoch to the next within its window of patience
        deadline = best + patience
        window = range(best + 1, min(deadline + 1, len(values)))
        following = next((t for t in window if _improves(values[t], values[best], min_delta)), None)
        if following is None:
            return EarlyStopping(deadline if deadline < len(values) else None, best)
        best = following
