# candidate, par time, from the stub alone
import numpy as np


def _keep_first(probs, order, n):
    """Keep the first n[i] tokens of row i in the order given."""
    keep_sorted = np.arange(probs.shape[1]) < n
    keep = np.zeros(probs.shape, dtype=bool)
    np.put_along_axis(keep, order, keep_sorted, axis=1)
    return _renormalize(np.where(keep, probs, 0.0))


def _renormalize(probs):
    return probs / probs.sum(axis=1, keepdims=True)


def filter_top_k(probs: np.ndarray, k: int) -> np.ndarray:
    probs = np.asarray(probs, dtype=float)
    order = np.argsort(-probs, axis=1, kind="stable")
    return _keep_first(probs, order, np.full((len(probs), 1), k))


def filter_top_p(probs: np.ndarray, p: float) -> np.ndarray:
    probs = np.asarray(probs, dtype=float)
    if p >= 1:
        return _renormalize(probs)
    order = np.argsort(-probs, axis=1, kind="stable")
    cumulative = np.cumsum(np.take_along_axis(probs, order, axis=1), axis=1)
    n = (cumulative < p).sum(axis=1, keepdims=True) + 1
    return _keep_first(probs, order, n)


def filter_min_p(probs: np.ndarray, min_p: float) -> np.ndarray:
    probs = np.asarray(probs, dtype=float)
    keep = probs >= min_p * probs.max(axis=1, keepdims=True)
    return _renormalize(np.where(keep, probs, 0.0))


def sample(
    logits: np.ndarray, temperature: float, top_k: int | None, top_p: float, min_p: float, rng: np.random.Generator
) -> np.ndarray:
    logits = np.asarray(logits, dtype=float)
    if temperature == 0:
        return logits.argmax(axis=1)
    probs = _renormalize(np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature))
    if top_k is not None:
        probs = filter_top_k(probs, top_k)
    probs = filter_top_p(probs, top_p)
    probs = filter_min_p(probs, min_p)
    cumulative = np.cumsum(probs, axis=1)
    cumulative /= cumulative[:, -1:]
    u = rng.random((len(probs), 1))
    return (cumulative <= u).sum(axis=1)
