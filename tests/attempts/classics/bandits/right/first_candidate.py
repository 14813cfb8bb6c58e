# candidate, par time, from the stub alone
from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    arm: int
    scores: np.ndarray


def ucb1(counts: np.ndarray, totals: np.ndarray, c: float = 2.0) -> Choice:
    scores = np.full(len(counts), np.inf)
    pulled = counts > 0
    if pulled.any():
        n = counts[pulled]
        scores[pulled] = totals[pulled] / n + np.sqrt(c * np.log(counts.sum()) / n)
    return Choice(int(np.argmax(scores)), scores)


def thompson_step(successes: np.ndarray, failures: np.ndarray, rng: np.random.Generator) -> Choice:
    scores = rng.beta(1 + successes, 1 + failures)
    return Choice(int(np.argmax(scores)), scores)


def regret(means: np.ndarray, arms: np.ndarray) -> np.ndarray:
    return np.cumsum(means.max() - means[arms])
