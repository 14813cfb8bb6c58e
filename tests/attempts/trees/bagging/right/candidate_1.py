# candidate, par time, from the stub alone
import numpy as np


def bootstrap_indices(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, n, size=n)


def out_of_bag_mask(indices: np.ndarray, n: int) -> np.ndarray:
    mask = np.ones(n, dtype=bool)
    mask[indices] = False
    return mask


def oob_accuracy(votes: np.ndarray, masks: np.ndarray, y: np.ndarray) -> float:
    covered = masks.any(axis=0)
    if not covered.any():
        raise ValueError("no row is out of bag for any tree")
    labels = np.unique(votes)
    counts = np.array([((votes == label) & masks).sum(axis=0) for label in labels])
    winner = labels[counts.argmax(axis=0)]  # first maximum: smallest label
    return float((winner == y)[covered].mean())
