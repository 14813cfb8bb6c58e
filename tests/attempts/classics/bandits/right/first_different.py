# different style; both bars
import math
from typing import NamedTuple

import numpy as np


class Choice(NamedTuple):
    arm: int
    scores: np.ndarray


def _first_largest(scores):
    best = 0
    for k, score in enumerate(scores):
        if score > scores[best]:
            best = k
    return Choice(best, np.array(scores, dtype=float))


def ucb1(counts: np.ndarray, totals: np.ndarray, c: float = 2.0) -> Choice:
    # Python's numbers: no integer type that could overflow.
    counts, totals = np.asarray(counts).tolist(), np.asarray(totals).tolist()
    pulls = sum(counts)
    scores = []
    for n, s in zip(counts, totals):
        if n == 0:
            scores.append(math.inf)
        else:
            scores.append(s / n + math.sqrt(float(c) * math.log(pulls) / n))
    return _first_largest(scores)


def thompson_step(successes: np.ndarray, failures: np.ndarray, rng: np.random.Generator) -> Choice:
    # If A ~ Gamma(a) and B ~ Gamma(b), then A / (A + B) ~ Beta(a, b).
    scores = []
    for s, f in zip(np.asarray(successes).tolist(), np.asarray(failures).tolist()):
        a = rng.standard_gamma(1.0 + s)
        b = rng.standard_gamma(1.0 + f)
        scores.append(float(a / (a + b)))
    return _first_largest(scores)


def regret(means: np.ndarray, arms: np.ndarray) -> np.ndarray:
    # Regret after t pulls = sum over arms of gap_k * (pulls of arm k up to t).
    means = np.asarray(means, dtype=float)
    arms = np.asarray(arms).astype(np.int64)
    gaps = means.max() - means
    pulls = np.cumsum(arms[:, None] == np.arange(len(means))[None, :], axis=0)
    return pulls @ gaps
