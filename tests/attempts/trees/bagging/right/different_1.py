# different style; both bars
import numpy as np


def bootstrap_indices(n: int, rng: np.random.Generator) -> np.ndarray:
    n = int(n)
    if n <= 0:
        return np.zeros(0, dtype=int)
    # How often each row is drawn is multinomial; the order is free.
    drawn = []
    for row, times in enumerate(rng.multinomial(n, [1.0 / n] * n).tolist()):
        drawn += [row] * times
    return np.array(drawn, dtype=int)


def out_of_bag_mask(indices: np.ndarray, n: int) -> np.ndarray:
    n = int(n)
    in_bag = set(map(int, np.asarray(indices).ravel().tolist()))
    if in_bag and (min(in_bag) < 0 or max(in_bag) > n - 1):
        raise ValueError("an index lies outside 0 to n - 1")
    return np.array([row not in in_bag for row in range(n)], dtype=bool)


def oob_accuracy(votes: np.ndarray, masks: np.ndarray, y: np.ndarray) -> float:
    tallies = {}
    for labels, mask in zip(np.asarray(votes).tolist(), np.asarray(masks).tolist()):
        for row, (label, out) in enumerate(zip(labels, mask)):
            if out:
                tally = tallies.setdefault(row, {})
                tally[label] = tally.get(label, 0) + 1
    if not tallies:
        raise ValueError("no row is out of bag for any tree")
    truth = np.asarray(y).tolist()
    right = 0
    for row, tally in tallies.items():
        winner = min(tally, key=lambda label: (-tally[label], label))
        right += winner == truth[row]
    return right / len(tallies)
