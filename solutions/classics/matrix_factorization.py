"""Matrix factorization of ratings: alternating least squares (ALS), and a step of BPR for implicit feedback.

User u has the factors p_u, item i has q_i, and p_u . q_i is the score. ALS minimises, over the observed ratings,

    sum_(u, i observed) (r_ui - p_u . q_i)^2 + reg * (sum_u ||p_u||^2 + sum_i ||q_i||^2)

With the items fixed, this is a ridge regression for each user, and the other way round. The penalty is reg, not reg
times the number of ratings.

BPR ranks an item i that user u liked above another item j. It descends on

    -log sigmoid(p_u . q_i - p_u . q_j) + reg / 2 * (||p_u||^2 + ||q_i||^2 + ||q_j||^2)

All functions return new arrays and leave their arguments as they were.

Source: Koren, Bell and Volinsky, Matrix Factorization Techniques for Recommender Systems (2009); Rendle et al., BPR
(2009), section 4.

Strict
------
- ratings may be NaN where nothing is observed. In bpr_step, scores may be as large as 1e4.
"""

import math
from typing import NamedTuple

import numpy as np


class Factors(NamedTuple):
    """Arrays of shape (n_users, n_factors) and (n_items, n_factors)."""

    users: np.ndarray
    items: np.ndarray


def solve_users(ratings: np.ndarray, observed: np.ndarray, items: np.ndarray, reg: float) -> np.ndarray:
    """Return the best factors of the users for the given items.

    Parameters
    ----------
    ratings : array of shape (n_users, n_items)
        Any numbers where nothing is observed.
    observed : array of bool of shape (n_users, n_items)
        A user without a rating gets zeros. In fit_als, so does an item.
    items : array of shape (n_items, n_factors)
    reg : float
        Positive.

    Examples
    --------
    >>> ratings, observed = np.array([[3.0, 5.0], [0.0, 5.0]]), np.array([[True, True], [False, True]])
    >>> solve_users(ratings, observed, np.array([[1.0], [2.0]]), reg=1.0)  # 13 / 6 and 10 / 5
    array([[2.16666667],
           [2.        ]])
    """
    n_items, n_factors = items.shape
    products = (items[:, :, np.newaxis] * items[:, np.newaxis, :]).reshape(n_items, -1)
    gram = (observed @ products).reshape(-1, n_factors, n_factors) + reg * np.eye(n_factors)
    pull = np.where(observed, ratings, 0.0) @ items
    return np.linalg.solve(gram, pull[:, :, np.newaxis])[:, :, 0]


def fit_als(ratings: np.ndarray, observed: np.ndarray, items: np.ndarray, reg: float, n_sweeps: int) -> Factors:
    """Run n_sweeps sweeps of ALS. A sweep solves for the users, then for the items.

    Parameters
    ----------
    ratings, observed, items, reg
        As in solve_users. items is the start.
    n_sweeps : int
        At least 1.

    Examples
    --------
    >>> users, items = fit_als(np.array([[4.0]]), np.array([[True]]), np.array([[1.0]]), reg=1.0, n_sweeps=1)
    >>> users, items  # 4 / (1 + 1), then 8 / (4 + 1)
    (array([[2.]]), array([[1.6]]))
    """
    for _ in range(n_sweeps):
        users = solve_users(ratings, observed, items, reg)
        items = solve_users(ratings.T, observed.T, users, reg)
    return Factors(users, items)


def bpr_step(users: np.ndarray, items: np.ndarray, user: int, liked: int, other: int, lr: float, reg: float) -> Factors:
    """Take one gradient step of BPR.

    Parameters
    ----------
    users, items : arrays
        Shapes as in Factors.
    user, liked, other : int
        Rows u, i and j; i is not j.
    lr, reg : float

    Examples
    --------
    >>> users, items = np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [1.0, 1.0]])
    >>> bpr_step(users, items, user=0, liked=0, other=1, lr=0.1, reg=0.0).users
    array([[1.1 , 1.95]])
    """
    p, q_liked, q_other = users[user], items[liked], items[other]
    # 1 - sigmoid(x), by way of tanh, which does not overflow.
    miss = (1 - np.tanh(p @ (q_liked - q_other) / 2)) / 2
    users, items = users.astype(float), items.astype(float)
    users[user] += lr * (miss * (q_liked - q_other) - reg * p)
    items[liked] += lr * (miss * p - reg * q_liked)
    items[other] += lr * (-miss * p - reg * q_other)
    return Factors(users, items)


def solve_users_via_loop(ratings: np.ndarray, observed: np.ndarray, items: np.ndarray, reg: float) -> np.ndarray:
    """Solve the normal equations of one user at a time, on the items that it rated."""
    users = np.zeros((len(ratings), items.shape[1]))
    for u, (row, seen) in enumerate(zip(ratings, observed, strict=True)):
        rated = items[seen]
        gram = sum((np.outer(q, q) for q in rated), reg * np.eye(items.shape[1]))
        users[u] = np.linalg.inv(gram) @ sum(
            (r * q for r, q in zip(row[seen], rated, strict=True)), np.zeros(len(gram))
        )
    return users


def solve_users_via_more_items(ratings: np.ndarray, observed: np.ndarray, items: np.ndarray, reg: float) -> np.ndarray:
    """Take the penalty for ratings of 0 of one more item for each factor, and solve by least squares."""
    n_factors = items.shape[1]
    extended = np.concatenate([items, math.sqrt(reg) * np.eye(n_factors)])
    users = []
    for row, seen in zip(ratings, observed, strict=True):
        kept = np.append(seen, np.ones(n_factors, dtype=bool))
        targets = np.append(row[seen], np.zeros(n_factors))
        users.append(np.linalg.lstsq(extended[kept], targets, rcond=None)[0])
    return np.array(users)


def fit_als_via_recursion(
    ratings: np.ndarray, observed: np.ndarray, items: np.ndarray, reg: float, n_sweeps: int
) -> Factors:
    """Take the users of a matrix for the items of its transpose: a sweep is two half sweeps of the same kind."""

    def solved(matrix: np.ndarray, seen: np.ndarray, given: np.ndarray, halves: int) -> tuple[np.ndarray, np.ndarray]:
        found = solve_users_via_more_items(matrix, seen, given, reg)
        return solved(matrix.T, seen.T, found, halves - 1) if halves > 1 else (given, found)

    return Factors(*solved(ratings, observed, items, 2 * n_sweeps))


def fit_als_via_loop(
    ratings: np.ndarray, observed: np.ndarray, items: np.ndarray, reg: float, n_sweeps: int
) -> Factors:
    """Gather each row's and each column's ratings once, and solve one after another."""
    n_users, n_items = ratings.shape
    users, items = np.zeros((n_users, items.shape[1])), items.astype(float)
    rated = [np.flatnonzero(row) for row in observed]
    raters = [np.flatnonzero(column) for column in observed.T]

    def ridge(factors: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return np.linalg.solve(factors.T @ factors + np.diag(np.full(items.shape[1], reg)), factors.T @ targets)

    for _ in range(n_sweeps):
        for u in range(n_users):
            users[u] = ridge(items[rated[u]], ratings[u, rated[u]])
        for i in range(n_items):
            items[i] = ridge(users[raters[i]], ratings[raters[i], i])
    return Factors(users, items)


def bpr_step_via_gradients(
    users: np.ndarray, items: np.ndarray, user: int, liked: int, other: int, lr: float, reg: float
) -> Factors:
    """Lay out the whole gradient, with zeros for the rows that the loss does not have."""
    chosen, contrast = np.arange(len(users)) == user, np.zeros(len(items))
    contrast[[liked, other]] = 1.0, -1.0
    difference = contrast @ items
    slope = -np.exp(-np.logaddexp(0.0, users[user] @ difference))
    users_grad = np.outer(chosen, slope * difference) + reg * users * chosen[:, np.newaxis]
    items_grad = np.outer(contrast, slope * users[user]) + reg * items * np.abs(contrast)[:, np.newaxis]
    return Factors(users - lr * users_grad, items - lr * items_grad)


def bpr_step_via_loop(
    users: np.ndarray, items: np.ndarray, user: int, liked: int, other: int, lr: float, reg: float
) -> Factors:
    """Treat one factor at a time, in plain Python."""
    new_users, new_items = users.tolist(), items.tolist()
    triples = list(zip(new_users[user], new_items[liked], new_items[other], strict=True))
    x = sum(p * (a - b) for p, a, b in triples)
    small = math.exp(-abs(x))
    miss = small / (1 + small) if x > 0 else 1 / (1 + small)
    for f, (p, a, b) in enumerate(triples):
        new_users[user][f] = (1 - lr * reg) * p + lr * miss * (a - b)
        new_items[liked][f] = (1 - lr * reg) * a + lr * miss * p
        new_items[other][f] = (1 - lr * reg) * b - lr * miss * p
    return Factors(np.array(new_users), np.array(new_items))
