# different style; both bars
import math
import statistics

import numpy as np


def _frobenius(entries: list) -> float:
    if any(x != x for x in entries):
        return math.nan
    return math.hypot(*entries)  # scales by itself: no overflow of the squares


def _finite_rows(table) -> list[list[float]]:
    return [row for row in np.asarray(table).tolist() if all(map(math.isfinite, row))]


def update_ratio(before: list[np.ndarray], after: list[np.ndarray]) -> np.ndarray:
    def one(b, a):
        old, new = np.ravel(b).tolist(), np.ravel(a).tolist()  # Python ints cannot wrap around
        size = _frobenius(old)
        change = _frobenius([y - x for x, y in zip(old, new)])
        if size:
            return change / size
        return math.inf if change else 0.0

    return np.array([one(b, a) for b, a in zip(before, after)], dtype=float)


def detect_vanishing(grad_norms: np.ndarray, threshold: float = 1e-3) -> bool:
    quotients = [float(row[0]) / float(row[-1]) for row in _finite_rows(grad_norms) if row[-1] != 0]
    return bool(quotients) and bool(statistics.median(quotients) < threshold)


def triage(
    losses: np.ndarray, grad_norms: np.ndarray, update_ratios: np.ndarray, saturated: np.ndarray, chance_loss: float
) -> str:
    loss = np.asarray(losses).tolist()
    grad = np.asarray(grad_norms).tolist()
    chance = float(chance_loss)

    def diverged():
        return not all(map(math.isfinite, loss)) or loss[-1] > 2 * loss[0]

    def stalled():
        return loss[-1] > 0.99 * loss[0]

    def r():
        return statistics.median(float(max(row)) for row in _finite_rows(update_ratios))

    checks = {
        "not_finite": lambda: not all(map(math.isfinite, [loss[0], *grad[0]])),
        "large_start": lambda: loss[0] > 10 * chance,
        "no_gradient": lambda: 0 in grad[-1],
        "exploding": lambda: grad[0][0] > 1000 * grad[0][-1],
        "vanishing": lambda: detect_vanishing(grad_norms),
        "saturated": lambda: any(s > 0.9 for s in np.asarray(saturated).tolist()),
        "lr_too_large": lambda: diverged() and r() > 0.1,
        "spike": diverged,
        "tiny_updates": lambda: stalled() and r() < 1e-5,
        "stalled": stalled,
        "healthy": lambda: True,
    }
    return next(name for name, check in checks.items() if check())
