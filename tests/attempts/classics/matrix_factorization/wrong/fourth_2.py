# wrong (core): in fit_als an item without a rating keeps its start
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
    items = np.asarray(items, dtype=float)
    observed = np.asarray(observed, dtype=bool)
    ratings = np.where(observed, np.asarray(ratings, dtype=float), 0.0)
    penalty = reg * np.eye(items.shape[1])
    users = np.zeros((len(ratings), items.shape[1]))
    for u, seen in enumerate(observed):
        if seen.any():
            q = items[seen]
            users[u] = np.linalg.solve(q.T @ q + penalty, items.T @ ratings[u])
    return users


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
    ratings, observed = np.asarray(ratings), np.asarray(observed)
    for _ in range(n_sweeps):
        users = solve_users(ratings, observed, items, reg)
        rated = observed.any(axis=0)
        items = np.array(items, dtype=float)
        items[rated] = solve_users(ratings.T[rated], observed.T[rated], users, reg)
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
    users, items = np.array(users, dtype=float), np.array(items, dtype=float)
    p, q_i, q_j = users[user].copy(), items[liked].copy(), items[other].copy()
    margin = p @ (q_i - q_j)
    small = np.exp(-abs(margin))
    g = (small if margin >= 0 else 1.0) / (1.0 + small)  # sigmoid(-margin)
    users[user] += lr * (g * (q_i - q_j) - reg * p)
    items[liked] += lr * (g * p - reg * q_i)
    items[other] -= lr * (g * p + reg * q_j)
    return Factors(users, items)
