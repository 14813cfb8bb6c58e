import numpy as np
import pytest

from katagrad.picture import Line, Panel
from katagrad.testing import assert_close, assert_equal, strict

PURE = True


class Task:
    """Samples whose losses and gradients have nothing in common, and a record of all batches asked for."""

    def __init__(self, rng, n_samples, n_weights=3):
        # The second column numbers the rows, so that a batch tells which rows it has.
        self.X = np.column_stack([rng.normal(size=n_samples), np.arange(n_samples), rng.normal(size=n_samples)])
        self.y = rng.normal(size=n_samples)
        self.losses = rng.normal(scale=5.0, size=n_samples)
        self.gradients = rng.normal(size=(n_samples, n_weights))
        self.start = rng.normal(size=n_weights)
        self.asked, self.given = [], []

    def loss_grad(self, weights, X, y):
        """Answer for the rows of X, and note what was asked."""
        rows = np.asarray(X)[:, 1].astype(int)
        self.asked.append((np.array(weights), np.array(X), np.array(y)))
        # The loss depends on the weights, the gradient on the weights and the rows.
        loss = float(self.losses[rows].mean() + np.square(weights).sum())
        gradient = self.gradients[rows].mean(axis=0) + 0.1 * weights
        self.given.append((loss, gradient))
        return loss, gradient

    def run(self, kata, lr, batch_size, n_epochs, rng):
        """Train on all samples."""
        return kata.sgd(self.loss_grad, self.start.copy(), self.X, self.y, lr, batch_size, n_epochs, rng)

    def rows(self):
        """Return the rows of each batch so far."""
        return [X[:, 1].astype(int).tolist() for _, X, _ in self.asked]


def squares(weights, X, y):
    """Return the mean of the halved squares of the errors, and its gradient."""
    error = X @ weights - y
    return float(np.mean(error**2) / 2), X.T @ error / len(X)


def sizes(n_samples, batch_size):
    return [min(batch_size, n_samples - start) for start in range(0, n_samples, batch_size)]


def test_batches(kata, rng):
    """An epoch has each row once, in batches of batch_size; only the last batch may be smaller."""
    assert_equal([len(batch) for batch in kata.minibatches(5, 2, rng)], [2, 2, 1])
    for n_samples, batch_size in [(5, 2), (6, 2), (7, 3), (10, 4), (9, 8), (6, 1), (4, 4), (3, 10), (1, 1)]:
        batches = kata.minibatches(n_samples, batch_size, rng)
        assert_equal([len(batch) for batch in batches], sizes(n_samples, batch_size))
        assert_equal(sorted(int(row) for batch in batches for row in batch), list(range(n_samples)))


def test_all_orders(kata, rng):
    """All orders of the rows are equally likely: each row in each place, and with each other in a batch."""
    orders = np.array([np.concatenate(kata.minibatches(5, 2, rng)) for _ in range(400)]).astype(int)
    places = np.argsort(orders, axis=1)
    # Seven standard deviations of a share of 400 draws.
    for row in range(5):
        shares = np.bincount(places[:, row], minlength=5) / 400
        assert_close(shares, np.full(5, 0.2), rtol=0.0, atol=7 * (0.16 / 400) ** 0.5)
    batch = places // 2
    for first in range(5):
        for second in range(first):
            # Of the 10 pairs of places, two lie in one batch.
            assert_close(np.mean(batch[:, first] == batch[:, second]), 0.2, rtol=0.0, atol=7 * (0.16 / 400) ** 0.5)


def test_randomness_comes_from_rng(kata):
    """The same state of rng gives the same batches, and another state gives others."""
    once, again, other = (
        np.concatenate(kata.minibatches(40, 7, np.random.default_rng(seed))).tolist() for seed in (1, 1, 2)
    )
    assert_equal(again, once)
    assert_equal(other == once, False)
    X, y = np.arange(12.0)[:, None], np.zeros(12)
    runs = [kata.sgd(squares, np.ones(1), X, y, 0.001, 1, 1, np.random.default_rng(seed)).losses for seed in (1, 1, 2)]
    assert_close(runs[1], runs[0])
    assert_equal(bool(np.allclose(runs[2], runs[0], rtol=1e-9)), False, what="equal losses under two seeds")


def test_full_batch(kata, rng):
    """With one batch for all samples it is gradient descent, and losses has the loss before each step."""
    # The loss is (w^2 + (w - 4)^2) / 4: 4 at 0, where the gradient is -2, and 2.5 at 1.
    X, y = np.ones((2, 1)), np.array([0.0, 4.0])
    for batch_size in (2, 3, 100):
        # All is in proportion to y.
        for size in (1.0, 1e3, 1e-6):
            descent = kata.sgd(squares, np.zeros(1), X, size * y, 0.5, batch_size, 2, rng)
            assert_close(descent.weights, [1.5 * size])
            assert_close(descent.losses, [4.0 * size**2, 2.5 * size**2])
    X, y, start = rng.normal(size=(7, 2)), rng.normal(size=7), rng.normal(size=2)
    weights, losses = start, []
    for _ in range(5):
        loss, gradient = squares(weights, X, y)
        losses.append(loss)
        weights = weights - 0.3 * gradient
    descent = kata.sgd(squares, start, X, y, 0.3, 7, 5, rng)
    assert_close(descent.weights, weights)
    assert_close(descent.losses, losses)


def test_steps(kata, rng):
    """Each batch takes one step of lr times its gradient, at the weights that the batch before it left."""
    for n_samples, batch_size, lr in [(6, 2, 0.3), (7, 3, 0.5), (5, 1, 0.1), (4, 9, 2.0)]:
        task = Task(rng, n_samples)
        descent = task.run(kata, lr, batch_size, 3, rng)
        weights = task.start
        assert_equal(len(task.asked), 3 * len(sizes(n_samples, batch_size)), what="calls of loss_grad")
        for (asked, _, _), (_, gradient) in zip(task.asked, task.given, strict=True):
            assert_close(asked, weights, what="the weights given to loss_grad")
            weights = weights - lr * gradient
        assert_close(descent.weights, weights)


def test_rows(kata, rng):
    """Each epoch passes each row once, with its own target, and the short batch last."""
    for n_samples, batch_size in [(7, 3), (6, 3), (9, 2), (3, 5)]:
        task = Task(rng, n_samples)
        task.run(kata, 0.1, batch_size, 2, rng)
        expected = sizes(n_samples, batch_size)
        assert_equal([len(rows) for rows in task.rows()], expected * 2, what="sizes of the batches")
        for epoch in (task.rows()[: len(expected)], task.rows()[len(expected) :]):
            assert_equal(sorted(row for batch in epoch for row in batch), list(range(n_samples)))
        for (_, X, y), rows in zip(task.asked, task.rows(), strict=True):
            assert_close(X, task.X[rows])
            assert_close(y, task.y[rows])


def test_new_order(kata, rng):
    """Each epoch draws an order of its own."""
    task = Task(rng, 30)
    task.run(kata, 0.1, 4, 4, rng)
    rows = [row for batch in task.rows() for row in batch]
    orders = {tuple(rows[start : start + 30]) for start in range(0, 120, 30)} | {tuple(range(30))}
    assert_equal(len(orders), 5, what="different orders of four epochs and the sorted one")
    # Nor does the same set of rows make a batch in every epoch.
    batches = {frozenset(batch) for batch in task.rows()}
    assert_equal(len(batches) > 16, True, what="more than half of the batches are new")


def test_losses(kata, rng):
    """The loss of an epoch is a mean over samples: a short batch counts less, and none counts after its step."""
    for n_samples, batch_size in [(5, 4), (7, 3), (10, 4), (6, 2)]:
        task = Task(rng, n_samples)
        descent = task.run(kata, 0.2, batch_size, 3, rng)
        expected, each = [], len(sizes(n_samples, batch_size))
        for epoch in range(3):
            calls = zip(task.asked, task.given, strict=True)
            samples = [loss for (_, X, _), (loss, _) in list(calls)[epoch * each : (epoch + 1) * each] for _ in X]
            expected.append(sum(samples) / n_samples)
        assert_close(descent.losses, expected)


@strict
def test_no_epoch(kata, rng):
    """Without an epoch the weights stay, and there are no losses."""
    descent = kata.sgd(squares, np.array([1.0, 2.0]), np.ones((3, 2)), np.ones(3), 0.1, 2, 0, rng)
    assert_close(descent.weights, [1.0, 2.0])
    assert_equal(descent.losses.shape, (0,))


@strict
def test_whole_numbers(kata, rng):
    """Weights of integers are not truncated."""
    descent = kata.sgd(squares, np.array([0]), np.ones((2, 1)), np.array([0.0, 4.0]), 0.25, 2, 1, rng)
    assert_close(descent.weights, [0.5])


@strict
def test_bad_size(kata, rng):
    """A batch_size below 1 raises ValueError."""
    for batch_size in (0, -1, -5):
        with pytest.raises(ValueError):
            kata.minibatches(5, batch_size, rng)
        with pytest.raises(ValueError):
            kata.sgd(squares, np.zeros(1), np.ones((3, 1)), np.ones(3), 0.1, batch_size, 1, rng)


def workload(kata, rng, n):
    """Batches of an epoch, and three epochs of a line with a short last batch."""
    X, y = rng.normal(size=(n, 3)), rng.normal(size=n)
    batches = kata.minibatches(n, 5, np.random.default_rng(int(rng.integers(99))))
    results = [kata.sgd(squares, np.zeros(3), X, y, 0.1, size, 3, rng) for size in (3, n)]
    return [len(batch) for batch in batches], np.sort(np.concatenate(batches)), results[1]


def picture(kata, rng):
    X = rng.normal(size=(240, 5))
    y = X @ rng.normal(size=5) + 0.5 * rng.normal(size=240)
    best = squares(np.linalg.lstsq(X, y, rcond=None)[0], X, y)[0]
    curves = []
    for batch_size in (240, 24, 4):
        weights, excess = np.zeros(5), []
        for _ in range(30):
            excess.append(max(squares(weights, X, y)[0] - best, 1e-12))
            weights = kata.sgd(squares, weights, X, y, 0.05, batch_size, 1, rng).weights
        curves.append(Line(np.arange(30), excess, f"batches of {batch_size}"))
    return [
        Panel(
            "Loss above the smallest possible, lr 0.05",
            "epoch",
            "excess loss",
            curves,
            log="y",
            note="Small batches take more steps an epoch. At a constant rate, their noise keeps them from the minimum.",
        )
    ]


ORDER = "order = rng.permutation(n_samples)\n    return [order[start"
CUT = "[order[start : start + batch_size] for start in range(0, n_samples, batch_size)]"
EPOCH = (
    "for epoch in range(n_epochs):\n"
    "        for batch in minibatches(len(X), batch_size, rng):\n"
    "            loss, gradient"
)
CALL = "loss, gradient = loss_grad(weights, X[batch], y[batch])"
LOSS = "losses[epoch] += loss * len(batch) / len(X)"
STEP = "weights = weights - lr * gradient\n    return Descent(weights, losses)"

MISTAKES = {
    "the last rows dropped": (CUT, CUT.replace("range(0, n_samples, b", "range(0, n_samples - batch_size + 1, b")),
    "never shuffled": (ORDER, ORDER.replace("rng.permutation(n_samples)", "np.arange(n_samples)")),
    "drawn with replacement": (
        ORDER,
        ORDER.replace("rng.permutation(n_samples)", "rng.integers(n_samples, size=n_samples)"),
    ),
    "a generator of its own": (ORDER, ORDER.replace("rng.perm", "np.random.default_rng(0).perm")),
    "the global generator": (ORDER, ORDER.replace("rng.perm", "np.random.perm")),
    "whole batches shuffled, not rows": (
        f"{ORDER.splitlines()[0]}\n    return {CUT}",
        (
            "order = np.arange(n_samples)\n"
            f"    batches = {CUT}\n"
            "    return sorted(batches, key=lambda batch: (len(batch) < batch_size, rng.random()))"
        ),
    ),
    "only rotated": (
        ORDER,
        ORDER.replace("rng.permutation(n_samples)", "np.roll(np.arange(n_samples), rng.integers(n_samples))"),
    ),
    "even batches": (CUT, "np.array_split(order, -(-n_samples // batch_size))"),
    "the short batch first": (CUT, CUT + "[::-1]"),
    "the rest in the last batch": (
        CUT,
        "np.split(order, np.arange(batch_size, n_samples - batch_size + 1, batch_size))",
    ),
    "one batch each epoch": (STEP, STEP.replace("gradient\n", "gradient\n            break\n", 1)),
    "one order for all epochs": (
        EPOCH,
        (
            "batches = minibatches(len(X), batch_size, rng)\n"
            "    for epoch in range(n_epochs):\n        for batch in batches:\n            loss, gradient"
        ),
    ),
    "a new generator in each epoch": (
        EPOCH,
        EPOCH.replace("batch_size, rng)", "batch_size, np.random.default_rng(0))"),
    ),
    "y not shuffled along": (CALL, "loss, gradient = loss_grad(weights, X[batch], y[: len(batch)])"),
    "X and y shuffled apart": (CALL, "loss, gradient = loss_grad(weights, X[batch], y[rng.permutation(batch)])"),
    "the gradient at the start of the epoch": (
        f"{EPOCH} = loss_grad(weights,",
        EPOCH.replace("n_epochs):\n", "n_epochs):\n        start = weights\n") + " = loss_grad(start,",
    ),
    "starts from 0": ("losses = np.zeros(n_epochs)", "losses, weights = np.zeros(n_epochs), np.zeros(weights.shape)"),
    "the short batch steps less": (STEP, STEP.replace("lr * gradient", "lr * len(batch) / batch_size * gradient")),
    "the mean taken twice": (STEP, STEP.replace("lr * gradient", "lr * gradient / len(batch)")),
    "the sum of the gradients": (STEP, STEP.replace("lr * gradient", "lr * gradient * len(batch)")),
    "a step uphill": (STEP, STEP.replace("weights - lr", "weights + lr")),
    "weights changed in place": (STEP, STEP.replace("weights = weights - lr * gradient", "weights -= lr * gradient")),
    "the mean of the batches' losses": (LOSS, "losses[epoch] += loss / -(-len(X) // batch_size)"),
    "the loss of the last batch": (LOSS, "losses[epoch] = loss"),
    "the sum of the batches' losses": (LOSS, "losses[epoch] += loss"),
    "the sum over the samples": (LOSS, "losses[epoch] += loss * len(batch)"),
    "all batches count batch_size": (LOSS, "losses[epoch] += loss * batch_size / len(X)"),
    "the loss after the step": (
        f"{LOSS}\n            {STEP.splitlines()[0]}",
        (
            f"{STEP.splitlines()[0]}\n"
            "            losses[epoch] += loss_grad(weights, X[batch], y[batch])[0] * len(batch) / len(X)"
        ),
    ),
}

STRICT_MISTAKES = {
    "the size of a batch not checked": (
        "if batch_size < 1:\n        raise ValueError(f",
        "if batch_size == 0:\n        raise ValueError(f",
    ),
    "integers truncated": (
        STEP,
        STEP.replace("weights - lr * gradient", "(weights - lr * gradient).astype(weights.dtype)"),
    ),
}
