# candidate, par time, from the stub alone
import numpy as np


def page_hinkley(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> int | None:
    return next(_alarms(stream, delta, threshold, mode), None)


def page_hinkley_alarms(stream: np.ndarray, delta: float, threshold: float, mode: str = "both") -> list[int]:
    return list(_alarms(stream, delta, threshold, mode))


def _alarms(stream, delta, threshold, mode):
    t = 0
    for i, x in enumerate(stream):
        if t == 0:
            total = up = down = 0.0
            up_min, down_max = np.inf, -np.inf
        t += 1
        total += x
        mean = total / t
        up += x - mean - delta
        down += x - mean + delta
        up_min = min(up_min, up)
        down_max = max(down_max, down)
        up_alarm = mode != "down" and up - up_min > threshold
        down_alarm = mode != "up" and down_max - down > threshold
        if up_alarm or down_alarm:
            yield i
            t = 0
