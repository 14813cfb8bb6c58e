"""The reference beside PyTorch: its SGD on the batches that were drawn, and its batch sampler."""

import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from tests.bench.peers import Peer

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def squares(weights, X, y):
    error = X @ weights - y
    return float(np.mean(error**2) / 2), X.T @ error / len(X)


def recorded(asked):
    def loss_grad(weights, X, y):
        asked.append((X, y))
        return squares(weights, X, y)

    return loss_grad


def test_training(reference, rng):
    for _ in range(40):
        n, size, n_epochs, lr = *(int(rng.integers(1, high)) for high in (20, 9, 4)), float(rng.uniform(0.01, 0.3))
        X, y, start, asked = rng.normal(size=(n, 3)), rng.normal(size=n), rng.normal(size=3), []
        descent = reference.sgd(recorded(asked), start, X, y, lr, size, n_epochs, rng)
        weights = torch.nn.Parameter(torch.tensor(start))
        optimizer, losses = torch.optim.SGD([weights], lr=lr), []
        for rows, targets in asked:
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(torch.tensor(rows) @ weights, torch.tensor(targets)) / 2
            loss.backward()
            optimizer.step()
            losses += [loss.item()] * len(rows)
        np.testing.assert_allclose(descent.weights, weights.detach(), **CLOSE)
        np.testing.assert_allclose(descent.losses, np.reshape(losses, (n_epochs, n)).mean(axis=1), **CLOSE)
        # Each epoch has the rows of X, each beside its own target.
        for epoch in np.split(
            np.column_stack([np.vstack([a for a, _ in asked]), np.hstack([b for _, b in asked])]), n_epochs
        ):
            np.testing.assert_array_equal(epoch[np.argsort(epoch[:, 0])], np.column_stack([X, y])[np.argsort(X[:, 0])])


def test_sizes(reference, rng):
    for n in range(1, 14):
        for size in range(1, 16):
            ours = reference.minibatches(n, size, rng)
            theirs = list(BatchSampler(RandomSampler(range(n)), size, drop_last=False))
            assert [len(batch) for batch in ours] == [len(batch) for batch in theirs]
            assert sorted(np.concatenate(ours).tolist()) == sorted(sum(theirs, []))  # noqa: RUF017 - they are few


def test_orders(reference, rng):
    """All 24 orders of four rows come, each within seven standard deviations of its share."""
    orders = [tuple(np.concatenate(reference.minibatches(4, 3, rng)).tolist()) for _ in range(12_000)]
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24
    assert np.abs(counts - 500).max() < 7 * 500**0.5


def test_edges(reference, rng):
    X, y = np.ones((3, 2)), np.ones(3)
    weights, losses = reference.sgd(squares, np.array([1.0, 2.0]), X, y, 0.1, 2, 0, rng)
    assert weights.tolist() == [1.0, 2.0]
    assert losses.shape == (0,)
    for size in (0, -1):
        with pytest.raises(ValueError, match="batch_size"):
            reference.minibatches(3, size, rng)
        with pytest.raises(ValueError, match="batch_size"):
            reference.sgd(squares, np.ones(2), X, y, 0.1, size, 1, rng)


def line(rng, n, d, noise):
    X = rng.normal(size=(n, d))
    y = X @ np.ones(d) + noise * rng.normal(size=n)
    best = squares(np.linalg.lstsq(X, y, rcond=None)[0], X, y)[0]
    return X, y, lambda weights: squares(weights, X, y)[0] - best


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_size(reference, seed):
    """The excess loss after one epoch and after 20, for batches of 1,000, 100 and 10."""
    rng = np.random.default_rng(seed)
    X, y, excess = line(rng, 1_000, 5, 0.5)
    bounds = {
        (1_000, 1): (2.15, 2.55),
        (100, 1): (0.865, 0.925),
        (10, 1): (0.0, 0.00225),
        (1_000, 20): (0.285, 0.345),
        (100, 20): (0.0, 1e-5),
        (10, 20): (0.0003, 0.0035),
    }
    for (size, n_epochs), (low, high) in bounds.items():
        assert low <= excess(reference.sgd(squares, np.zeros(5), X, y, 0.05, size, n_epochs, rng).weights) <= high


@pytest.mark.parametrize("seed", range(20))
def test_claims_of_order(reference, seed):
    """In sorted order an epoch ends at 0.994; shuffled at 0.2 to 0.8. With replacement is 7 to 25 times worse."""
    rng = np.random.default_rng(seed)
    X, y, weights = np.ones((200, 1)), np.repeat([0.0, 1.0], 100), np.zeros(1)
    for row, target in zip(X, y, strict=True):
        weights = weights - 0.05 * squares(weights, row[None], target[None])[1]
    assert round(weights.item(), 3) == 0.994
    assert 0.2 <= reference.sgd(squares, np.zeros(1), X, y, 0.05, 1, 1, rng).weights.item() <= 0.8
    X, y, excess = line(rng, 100, 3, 1.0)
    shuffled = drawn = np.zeros(3)
    sums = np.zeros(2)
    for epoch in range(100):
        shuffled = reference.sgd(squares, shuffled, X, y, 0.01, 1, 1, rng).weights
        for row in rng.integers(100, size=100):
            drawn = drawn - 0.01 * squares(drawn, X[[row]], y[[row]])[1]
        sums += (excess(shuffled), excess(drawn)) if epoch >= 50 else (0.0, 0.0)
    assert 7 <= sums[1] / sums[0] <= 25


def test_claims_of_the_last_batch(reference, rng):
    """The epoch's loss is 1; the mean of the batches' means is 2.5 or 0.625. With drop_last there may be no batch."""
    seen = set()
    for _ in range(200):
        means = []

        def loss_grad(weights, _, y, means=means):
            means.append(float(np.mean(y)))
            return means[-1], np.zeros(weights.shape)

        descent = reference.sgd(loss_grad, np.zeros(1), np.ones((5, 1)), 5.0 * np.eye(5)[0], 0.0, 4, 1, rng)
        assert descent.losses.tolist() == [1.0]
        seen.add(float(np.mean(means)))
    assert seen == {0.625, 2.5}
    assert len(DataLoader(TensorDataset(torch.zeros(3)), batch_size=4, drop_last=True)) == 0


def peers(reference, rng):
    """Yield an epoch of linear regression."""
    X, y = rng.normal(size=(10_000, 50)), rng.normal(size=10_000)
    data = TensorDataset(torch.tensor(X), torch.tensor(y))

    def theirs():
        weights = torch.nn.Parameter(torch.zeros(50, dtype=torch.float64))
        optimizer = torch.optim.SGD([weights], lr=0.01)
        for rows, targets in DataLoader(data, batch_size=100, shuffle=True):
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(rows @ weights, targets) / 2).backward()
            optimizer.step()

    yield Peer(
        "10,000 x 50, batches of 100",
        "DataLoader and SGD",
        lambda: reference.sgd(squares, np.zeros(50), X, y, 0.01, 100, 1, rng),
        theirs,
    )
