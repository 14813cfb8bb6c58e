# different style; both bars
import math

import numpy as np


def _watch(stream, delta, threshold, mode):
    """Check everything, then return a lazy sequence of alarms."""
    if mode not in ("up", "down", "both"):
        raise ValueError("unknown mode")
    if not delta >= 0:
        raise ValueError("delta must be at least 0")
    if not threshold > 0:
        raise ValueError("threshold must be above 0")
    values = [v if isinstance(v, int) else float(v) for v in np.asarray(stream).ravel().tolist()]
    if not all(map(math.isfinite, values)):
        raise ValueError("the stream must be finite")
    delta, threshold = float(delta), float(threshold)
    up, down = mode != "down", mode != "up"

    def alarms():
        # U_t - min(U) and max(D) - D_t as two queues that never fall below 0.
        count = 0
        for i, value in enumerate(values):
            if count == 0:
                origin, total, rise, fall = value, 0, 0.0, 0.0
            count += 1
            step = value - origin
            total += step
            deviation = float(step - total / count)
            rise = max(0.0, rise + (deviation - delta))
            fall = max(0.0, fall - (deviation + delta))
            if (up and rise > threshold) or (down and fall > threshold):
                yield i
                count = 0

    return alarms()


def page_hinkley(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    return next(_watch(stream, delta, threshold, mode), None)


def page_hinkley_alarms(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> list[int]:
    return list(_watch(stream, delta, threshold, mode))
