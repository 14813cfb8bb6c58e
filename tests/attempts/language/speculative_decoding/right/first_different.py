# different style; both bars
import numpy as np


def _overlap(target, draft):
    p = np.asarray(target, dtype=np.float64)
    q = np.asarray(draft, dtype=np.float64)
    return p, q, np.minimum(p, q)


def acceptance(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    # min(1, p / q) = min(p, q) / q, which cannot overflow
    _, q, common = _overlap(target, draft)
    return np.divide(common, q, out=np.ones_like(common), where=q > 0)


def residual(target: np.ndarray, draft: np.ndarray) -> np.ndarray:
    # max(0, p - q) = p - min(p, q)
    p, _, common = _overlap(target, draft)
    excess = p - common
    mass = excess.sum(axis=-1, keepdims=True)
    return np.divide(excess, mass, out=p.copy(), where=mass > 0)


def _race(weights, rng):
    # Exponential clocks with these rates: the first to ring is a draw in proportion to them, whatever their sum.
    support = np.flatnonzero(weights > 0)
    return support[np.argmin(rng.standard_exponential(support.size) / weights[support])]


def accept_or_resample(
    target: np.ndarray, draft: np.ndarray, drafted: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    p = np.asarray(target, dtype=np.float64)
    tokens = np.asarray(drafted).astype(np.int64)
    n = tokens.size
    if n == 0:
        return np.array([_race(p[0], rng)], dtype=np.int64)
    q = np.asarray(draft, dtype=np.float64)
    chance = acceptance(p[:n], q)[np.arange(n), tokens]
    rejected = np.append(rng.random(n) >= chance, True)
    stop = int(np.argmax(rejected))
    last = p[n] if stop == n else residual(p[stop], q[stop])
    return np.append(tokens[:stop], _race(last, rng)).astype(np.int64)
