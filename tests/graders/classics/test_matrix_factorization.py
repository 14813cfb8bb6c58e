import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

PURE = True

PAIR = np.array([[1.0], [2.0]])
# The scores of both items are 3.
USERS, ITEMS = np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [1.0, 1.0]])


@pytest.fixture
def table(rng):
    """Return five users' ratings of four items, 0 among them, what of it is observed, and two factors an item."""
    observed = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 0], [1, 1, 0, 0]], dtype=bool)
    ratings = rng.permuted(np.tile([0.0, 1.0, -2.0, 4.5], (5, 1)), axis=1)
    return ratings, observed, rng.normal(0.5, 1.0, size=(4, 2))


@pytest.fixture
def factors(rng):
    return rng.normal(0.3, 1.0, size=(3, 4)), rng.normal(-0.2, 1.0, size=(5, 4))


def defined(ratings, observed, items, reg):
    """Solve each user's ridge regression on the items that it rated."""
    users = []
    for row, seen in zip(ratings, observed, strict=True):
        rated = [items[i] for i in range(len(items)) if seen[i]]
        gram = reg * np.eye(items.shape[1]) + sum(np.outer(q, q) for q in rated)
        pull = sum((row[i] * items[i] for i in range(len(items)) if seen[i]), np.zeros(items.shape[1]))
        users.append(np.linalg.solve(gram, pull))
    return np.array(users)


def loss(ratings, observed, users, items, reg):
    errors = [ratings[u, i] - users[u] @ items[i] for u, i in np.argwhere(observed)]
    return sum(e * e for e in errors) + reg * ((users**2).sum() + (items**2).sum())


def bpr_loss(users, items, user, liked, other, reg):
    p, i, j = users[user], items[liked], items[other]
    return np.log1p(np.exp(-(p @ i - p @ j))) + reg / 2 * (p @ p + i @ i + j @ j)


def test_users(kata, table, rng):
    """Each user's factors are a ridge regression of its ratings on the items' factors."""
    users = kata.solve_users(np.array([[3.0, 5.0]]), np.ones((1, 2), dtype=bool), PAIR, 1.0)
    assert_close(users, [[13 / 6]])
    ratings, observed, items = table
    everything = np.ones(ratings.shape, dtype=bool)
    assert_close(kata.solve_users(ratings, everything, items, 0.3), defined(ratings, everything, items, 0.3))
    users = kata.solve_users(ratings, observed, items, 0.3)
    assert_close(users, defined(ratings, observed, items, 0.3))
    slope = numerical_gradient(lambda p: loss(ratings, observed, p, items, 0.3), users)
    assert_close(slope, np.zeros((5, 2)), atol=1e-6, what="the slope of the loss")
    # One factor, and more factors than ratings.
    for n_factors in (1, 6):
        items = rng.normal(size=(4, n_factors))
        assert_close(kata.solve_users(ratings, observed, items, 0.5), defined(ratings, observed, items, 0.5))


def test_observed_only(kata, table):
    """What is not observed does not count, whatever number stands there; an observed 0 does."""
    seen = np.array([[False, True], [True, True]])
    assert_close(kata.solve_users(np.array([[9.0, 5.0], [0.0, 6.0]]), seen, PAIR, 1.0), [[2.0], [2.0]])
    ratings, observed, items = table
    expected = defined(ratings, observed, items, 0.2)
    for filler in (0.0, 99.0, -1.0):
        filled = np.where(observed, ratings, filler)
        assert_close(kata.solve_users(filled, observed, items, 0.2), expected)


def test_cold(kata, table):
    """A user without a rating gets zeros, and so does an item that nobody rated."""
    seen = np.array([[False, False], [True, False]])
    assert_close(kata.solve_users(np.array([[3.0, 5.0], [4.0, 1.0]]), seen, PAIR, 1.0), [[0.0], [2.0]])
    ratings, observed, items = table
    observed = observed.copy()
    observed[1] = observed[:, 2] = False
    users = kata.solve_users(ratings, observed, items, 0.4)
    assert_close(users[1], [0.0, 0.0])
    assert_close(users, defined(ratings, observed, items, 0.4))
    fit = kata.fit_als(ratings, observed, items, 0.4, 2)
    assert_close(fit.items[2], [0.0, 0.0])
    assert_close(fit.users[1], [0.0, 0.0])


def test_penalty(kata, table):
    """The penalty is reg for every user, whatever its number of ratings."""
    # 6 / (1 + 2) with the first item alone, (6 + 2) / (1 + 4 + 2) with both.
    seen = np.array([[True, False], [True, True]])
    assert_close(kata.solve_users(np.array([[6.0, 0.0], [6.0, 1.0]]), seen, PAIR, 2.0), [[2.0], [8 / 7]])
    for reg in (1e-3, 0.7, 50.0):
        assert_close(kata.solve_users(*table, reg), defined(*table, reg))


def test_sweeps(kata, table):
    """A sweep solves for the users, and then for the items with the new users."""
    fit = kata.fit_als(np.array([[4.0]]), np.ones((1, 1), dtype=bool), np.array([[1.0]]), 1.0, 2)
    # 2, 8/5; then 6.4 / (2.56 + 1) and so on.
    user = 6.4 / 3.56
    assert_close(fit.users, [[user]])
    assert_close(fit.items, [[4 * user / (user**2 + 1)]])
    # From a small item the factors grow slowly, and settle slowly as well.
    fit = kata.fit_als(np.array([[1.05]]), np.ones((1, 1), dtype=bool), np.array([[1e-3]]), 1.0, 150)
    item = 1e-3
    for _ in range(150):
        user = 1.05 * item / (item**2 + 1)
        item = 1.05 * user / (user**2 + 1)
    assert_close(fit.users, [[user]])
    assert_close(fit.items, [[item]])
    ratings, observed, items = table
    for n_sweeps in (1, 2, 5):
        fit = kata.fit_als(ratings, observed, items, 0.6, n_sweeps)
        expected = items
        for _ in range(n_sweeps):
            users = defined(ratings, observed, expected, 0.6)
            expected = defined(ratings.T, observed.T, users, 0.6)
        assert_close(fit.users, users, rtol=1e-7, atol=1e-10)
        assert_close(fit.items, expected, rtol=1e-7, atol=1e-10)


def test_loss_never_rises(kata, table):
    """No sweep raises the loss, and at the end its slope is 0 in the items."""
    ratings, observed, items = table
    fits = [kata.fit_als(ratings, observed, items, 0.5, n_sweeps) for n_sweeps in range(1, 7)]
    losses = [loss(ratings, observed, *fit, 0.5) for fit in fits]
    assert_close(np.maximum(np.diff(losses), 0.0), np.zeros(5), atol=1e-9, what="the rises of the loss")
    slope = numerical_gradient(lambda q: loss(ratings, observed, fits[-1].users, q, 0.5), fits[-1].items)
    assert_close(slope, np.zeros((4, 2)), atol=1e-6, what="the slope of the loss")


def test_bpr(kata, factors):
    """A step goes against the gradient of -log sigmoid(x_ui - x_uj), with all three rows as they were before."""
    step = kata.bpr_step(USERS, ITEMS, 0, 0, 1, 0.1, 0.0)
    assert_close(step.users, [[1.1, 1.95]])
    assert_close(step.items, [[3.05, 0.1], [0.95, 0.9]])
    # With the items exchanged all goes the other way.
    step = kata.bpr_step(USERS, ITEMS, 0, 1, 0, 0.1, 0.0)
    assert_close(step.users, [[0.9, 2.05]])
    assert_close(step.items, [[2.95, -0.1], [1.05, 1.1]])
    users, items = factors
    for triple in [(1, 4, 0), (0, 2, 3), (2, 0, 1)]:
        step = kata.bpr_step(users, items, *triple, 0.2, 0.0)
        users_slope = numerical_gradient(lambda p, t=triple: bpr_loss(p, items, *t, 0.0), users)
        items_slope = numerical_gradient(lambda q, t=triple: bpr_loss(users, q, *t, 0.0), items)
        assert_close(step.users, users - 0.2 * users_slope, rtol=1e-6, atol=1e-8)
        assert_close(step.items, items - 0.2 * items_slope, rtol=1e-6, atol=1e-8)


def test_bpr_penalty(kata, factors):
    """The penalty pulls the three rows of the step towards 0, each by lr * reg of itself."""
    step = kata.bpr_step(USERS, ITEMS, 0, 0, 1, 0.1, 0.5)
    assert_close(step.users, [[1.1 - 0.05, 1.95 - 0.1]])
    assert_close(step.items, [[3.05 - 0.15, 0.1], [0.95 - 0.05, 0.9 - 0.05]])
    users, items = factors
    step = kata.bpr_step(users, items, 2, 1, 3, 0.3, 0.7)
    users_slope = numerical_gradient(lambda p: bpr_loss(p, items, 2, 1, 3, 0.7), users)
    items_slope = numerical_gradient(lambda q: bpr_loss(users, q, 2, 1, 3, 0.7), items)
    assert_close(step.users, users - 0.3 * users_slope, rtol=1e-6, atol=1e-8)
    assert_close(step.items, items - 0.3 * items_slope, rtol=1e-6, atol=1e-8)


def test_bpr_other_rows(kata, factors):
    """Every other row stays exactly as it was."""
    users, items = factors
    step = kata.bpr_step(users, items, 1, 4, 2, 0.5, 0.3)
    assert_equal(step.users[[0, 2]], users[[0, 2]])
    assert_equal(step.items[[0, 1, 3]], items[[0, 1, 3]])


@strict
def test_not_a_number(kata, table):
    """A rating may be NaN where nothing is observed."""
    ratings, observed, items = table
    missing = np.where(observed, ratings, np.nan)
    assert_close(kata.solve_users(missing, observed, items, 0.2), defined(ratings, observed, items, 0.2))
    assert_close(kata.fit_als(missing, observed, items, 0.2, 1).users, defined(ratings, observed, items, 0.2))


@strict
def test_large_scores(kata):
    """Scores of 1e4 do not overflow: an order that is right is left alone, a wrong one pulls with the slope 1."""
    users, items = np.array([[100.0]]), np.array([[100.0], [-1.0]])
    step = kata.bpr_step(users, items, 0, 0, 1, 0.5, 0.0)
    assert_close(step.users, users)
    assert_close(step.items, items)
    step = kata.bpr_step(users, items, 0, 1, 0, 0.5, 0.0)
    assert_close(step.users, [[100 - 0.5 * 101]])
    assert_close(step.items, [[50.0], [49.0]])


@strict
def test_integers(kata):
    """Ratings and factors may be integers: nothing is truncated."""
    ratings, seen, items = np.array([[3, 5], [2, 5]]), np.ones((2, 2), dtype=bool), np.array([[1], [2]])
    assert_close(kata.solve_users(ratings, seen, items, 1), [[13 / 6], [2.0]])
    step = kata.bpr_step(np.array([[1, 2]]), np.array([[3, 0], [1, 1]]), 0, 0, 1, 0.1, 0)
    assert_close(step.users, [[1.1, 1.95]])
    assert_close(step.items, [[3.05, 0.1], [0.95, 0.9]])


def workload(kata, rng, n):
    """Fit whole-number ratings of which a third is observed, with a cold user and a cold item; take a BPR step."""
    shape = n + 2, n // 2 + 3
    ratings, observed = rng.integers(1, 6, size=shape).astype(float), rng.random(shape) < 0.3
    observed[0] = observed[:, 0] = False
    items = rng.normal(size=(n // 2 + 3, 2))
    users = kata.solve_users(ratings, observed, items, 0.4)
    fit = kata.fit_als(ratings, observed, items, 0.8, 2)
    return users, fit, kata.bpr_step(users, items, 1, 2, 0, 0.1, 0.2)


GRAM = "gram = (observed @ products).reshape(-1, n_factors, n_factors) + reg * np.eye(n_factors)"
PULL = "pull = np.where(observed, ratings, 0.0) @ items"

MISTAKES = {
    "what is not observed counts as 0": (GRAM, GRAM.replace("observed @", "np.ones(observed.shape) @")),
    "what is not observed counts as it stands": (PULL, "pull = ratings @ items"),
    "a rating of 0 is not observed": (
        "    n_items, n_factors = items.shape\n",
        "    observed = observed & (ratings != 0)\n    n_items, n_factors = items.shape\n",
    ),
    "reg times the number of ratings": (
        GRAM,
        GRAM.replace("reg * np.eye(n_factors)", "reg * observed.sum(axis=1)[:, None, None] * np.eye(n_factors)"),
    ),
    "reg times the number, at least one": (
        GRAM,
        GRAM.replace("reg *", "reg * np.maximum(observed.sum(axis=1), 1)[:, None, None] *"),
    ),
    "half of reg": (GRAM, GRAM.replace("reg *", "reg / 2 *")),
    "twice reg": (GRAM, GRAM.replace("reg *", "2 * reg *")),
    "no penalty": (GRAM, GRAM.replace("reg *", "1e-12 *")),
    "reg on every entry": (GRAM, GRAM.replace("reg * np.eye(n_factors)", "reg")),
    "a cold user gets the mean of the others": (
        "    return np.linalg.solve(gram, pull[:, :, np.newaxis])[:, :, 0]\n",
        (
            "    found = np.linalg.solve(gram, pull[:, :, np.newaxis])[:, :, 0]\n"
            "    found[~observed.any(axis=1)] = found.mean(axis=0)\n"
            "    return found\n"
        ),
    ),
    "a cold user gets NaN": (
        "    return np.linalg.solve(gram, pull[:, :, np.newaxis])[:, :, 0]\n",
        (
            "    n_seen = observed.sum(axis=1)[:, None]\n"
            "    return np.linalg.solve(gram, pull[:, :, np.newaxis])[:, :, 0] * n_seen / n_seen\n"
        ),
    ),
    "one matrix for all users": (
        GRAM,
        "gram = items.T @ items + reg * np.eye(n_factors)\n    gram = np.array([gram] * len(ratings))",
    ),
    "the users solved for once more": (
        "    return Factors(users, items)\n\n\ndef bpr_step(",
        "    return Factors(solve_users(ratings, observed, items, reg), items)\n\n\ndef bpr_step(",
    ),
    "the sweeps end once the items hardly change": (
        "        items = solve_users(ratings.T, observed.T, users, reg)\n    return",
        (
            "        before, items = items, solve_users(ratings.T, observed.T, users, reg)\n"
            "        if np.abs(items - before).max() < 1e-6:\n"
            "            break\n"
            "    return"
        ),
    ),
    "a sweep too few": ("for _ in range(n_sweeps):", "for _ in range(max(1, n_sweeps - 1)):"),
    "the items without a penalty": ("observed.T, users, reg)\n    return", "observed.T, users, 1e-9)\n    return"),
    "the items from all ratings": (
        "solve_users(ratings.T, observed.T, users, reg)\n    return",
        "solve_users(ratings.T, observed.T | True, users, reg)\n    return",
    ),
    "the mean of the users' ratings taken off": (
        "    for _ in range(n_sweeps):\n        users",
        "    ratings = ratings - ratings[observed].mean()\n    for _ in range(n_sweeps):\n        users",
    ),
    "the slope of a pair that is right": ("(1 - np.tanh(", "(1 + np.tanh("),
    "no sigmoid": ("miss = (1 - np.tanh(p @ (q_liked - q_other) / 2)) / 2", "miss = 1.0"),
    "up the loss": [
        ("lr * (miss * (q_liked", "lr * (-miss * (q_liked"),
        ("lr * (miss * p", "lr * (-1 * miss * p"),
        ("lr * (-miss * p", "lr * (miss * p"),
    ],
    "the other item goes up as well": ("lr * (-miss * p", "lr * (miss * p"),
    "the other item stays": ("    items[other] += lr * (-miss * p - reg * q_other)\n", ""),
    "the items move with the new user": ("users[user] += lr * (miss", "p = users[user]\n    p += lr * (miss"),
    "the penalty pushes outwards": (
        "lr * (miss * (q_liked - q_other) - reg * p)",
        "lr * (miss * (q_liked - q_other) + reg * p)",
    ),
    "the penalty of the user only": [
        ("(miss * p - reg * q_liked)", "(miss * p)"),
        ("(-miss * p - reg * q_other)", "(-miss * p)"),
    ],
    "the penalty without its half": [
        ("- reg * p)", "- 2 * reg * p)"),
        ("- reg * q_liked)", "- 2 * reg * q_liked)"),
        ("- reg * q_other)", "- 2 * reg * q_other)"),
    ],
    "the penalty not times lr": (
        "lr * (miss * (q_liked - q_other) - reg * p)",
        "lr * miss * (q_liked - q_other) - reg * p",
    ),
    "all items shrink": (
        "    users[user] += lr",
        "    items -= lr * reg * items * (np.arange(len(items)) != liked)[:, None]\n    users[user] += lr",
    ),
    "all items shrink but these two": (
        "    users[user] += lr",
        "    items[~np.isin(np.arange(len(items)), [liked, other])] *= 1 - lr * reg\n    users[user] += lr",
    ),
    "in place": ("users, items = users.astype(float), items.astype(float)\n    users[user]", "users[user]"),
}

STRICT_MISTAKES = {
    "NaN times 0": (PULL, "pull = (observed * ratings) @ items"),
    "factors of the kind that came": (
        "users, items = users.astype(float), items.astype(float)\n    users[user] +=",
        "users, items = users.copy(), items.copy()\n    users[user] = users[user] +",
    ),
    "the power of the score": (
        "(1 - np.tanh(p @ (q_liked - q_other) / 2)) / 2",
        "np.exp(-p @ (q_liked - q_other)) / (1 + np.exp(-p @ (q_liked - q_other)))",
    ),
}
