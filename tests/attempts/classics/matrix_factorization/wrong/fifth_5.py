# wrong (core): bpr_step decays every item, not only i and j
from typing import NamedTuple

import numpy as np


class Factors(NamedTuple):
    users: np.ndarray
    items: np.ndarray


def solve_users(ratings, observed, items, reg):
    ratings = np.asarray(ratings, dtype=float)
    observed = np.asarray(observed, dtype=bool)
    items = np.asarray(items, dtype=float)
    k = items.shape[1]
    users = np.zeros((len(ratings), k))
    for u in range(len(ratings)):
        mask = observed[u]
        if not mask.any():
            continue
        q = items[mask]
        users[u] = np.linalg.solve(q.T @ q + reg * np.eye(k), q.T @ ratings[u, mask])
    return users


def fit_als(ratings, observed, items, reg, n_sweeps):
    ratings = np.asarray(ratings, dtype=float)
    observed = np.asarray(observed, dtype=bool)
    items = np.array(items, dtype=float)
    for _ in range(n_sweeps):
        users = solve_users(ratings, observed, items, reg)
        items = solve_users(ratings.T, observed.T, users, reg)
    return Factors(users, items)


def bpr_step(users, items, user, liked, other, lr, reg):
    users = np.array(users, dtype=float)
    items = np.array(items, dtype=float)
    p, qi, qj = users[user].copy(), items[liked].copy(), items[other].copy()
    x = p @ qi - p @ qj
    g = np.exp(-np.logaddexp(0.0, x))
    items *= 1 - lr * reg
    users[user] = p + lr * (g * (qi - qj) - reg * p)
    items[liked] += lr * g * p
    items[other] -= lr * g * p
    return Factors(users, items)
