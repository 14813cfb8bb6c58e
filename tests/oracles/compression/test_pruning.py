"""The reference beside PyTorch's pruning utilities, topk for n:m, and the shares that the follow-ups name."""

import numpy as np
import pytest
import torch
from torch.nn.utils import prune

from tests.bench.peers import Peer


class Layers(torch.nn.Module):
    """Holds several arrays as parameters."""

    def __init__(self, weights):
        super().__init__()
        self.weights = torch.nn.ParameterList([torch.tensor(w) for w in weights])


def pytorch_mask(w, sparsity):
    layer = Layers([w])
    prune.l1_unstructured(layer.weights, "0", amount=float(sparsity))
    return layer.weights.get_buffer("0_mask").bool().numpy()


def pytorch_masks(weights, sparsity):
    layer = Layers(weights)
    names = [str(k) for k in range(len(weights))]
    prune.global_unstructured(
        [(layer.weights, name) for name in names], pruning_method=prune.L1Unstructured, amount=float(sparsity)
    )
    return [layer.weights.get_buffer(f"{name}_mask").bool().numpy() for name in names]


def test_random_layers(reference, rng):
    for _ in range(60):
        w = rng.normal(size=tuple(rng.integers(1, 7, size=rng.integers(1, 4))))
        sparsity = rng.choice([0.0, 1.0, 0.5, rng.uniform()])
        np.testing.assert_array_equal(reference.magnitude_mask(w, sparsity), pytorch_mask(w, sparsity))


def test_layers_together(reference, rng):
    for _ in range(60):
        weights = [rng.normal(size=tuple(rng.integers(1, 5, size=2))) for _ in range(rng.integers(1, 4))]
        sparsity = rng.uniform()
        for ours, theirs in zip(
            reference.global_masks(weights, sparsity), pytorch_masks(weights, sparsity), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)


def test_ties_and_zeros(reference, rng):
    """PyTorch prunes as many, of the same sizes, though perhaps at other places."""
    for _ in range(60):
        w = rng.integers(-2, 3, size=(4, 5)).astype(float)
        sparsity = rng.uniform()
        ours, theirs = reference.magnitude_mask(w, sparsity), pytorch_mask(w, sparsity)
        np.testing.assert_array_equal(np.sort(np.abs(w[ours])), np.sort(np.abs(w[theirs])))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 9])
def test_halves(reference, rng, n):
    w = rng.normal(size=n)
    np.testing.assert_array_equal(reference.magnitude_mask(w, 0.5), pytorch_mask(w, 0.5))


def test_groups(reference, rng):
    for _ in range(60):
        m = int(rng.integers(1, 6))
        n = int(rng.integers(1, m + 1))
        w = rng.normal(size=(int(rng.integers(1, 5)), m * int(rng.integers(1, 4))))
        groups = torch.tensor(w).abs().reshape(-1, m)
        expected = torch.zeros_like(groups).scatter(1, groups.topk(n, dim=1).indices, 1.0).reshape(w.shape)
        np.testing.assert_array_equal(reference.n_m_mask(w, n, m), expected.bool())


def test_groups_of_equal_weights(reference):
    for w in (np.zeros((2, 8)), np.ones((2, 8)), np.tile([0.0, 0.0, 0.0, 1.0], (2, 2))):
        assert (reference.n_m_mask(w).reshape(-1, 4).sum(axis=1) == 2).all()


def lost(w, mask):
    return (w[~mask] ** 2).sum() / (w**2).sum()


@pytest.mark.parametrize("seed", range(20))
def test_claim_structure(reference, seed):
    w = np.random.default_rng(seed).normal(size=(256, 256))
    rows = reference.magnitude_mask(np.linalg.norm(w, axis=1), 0.5)
    assert 0.070 < lost(w, reference.magnitude_mask(w, 0.5)) < 0.073
    assert 0.13 < lost(w, reference.n_m_mask(w)) < 0.14
    assert 0.46 < lost(w, np.repeat(rows[:, None], 256, axis=1)) < 0.475
    assert 0.55 < lost(w, reference.magnitude_mask(w, 0.9)) < 0.57


@pytest.mark.parametrize("seed", range(20))
def test_claim_layers(reference, seed):
    first, second = np.random.default_rng(seed).normal(size=(2, 100, 100))
    masks = reference.global_masks([first, 0.1 * second], 0.5)
    assert 0.11 < 1 - masks[0].mean() < 0.13
    assert 0.87 < 1 - masks[1].mean() < 0.89


@pytest.mark.parametrize("seed", range(20))
def test_claim_activations(reference, seed):
    """Weights times the norm of their inputs are the better measure."""
    rng = np.random.default_rng(seed)
    w, x = rng.normal(size=(256, 256)), rng.normal(size=(1_000, 256)) * np.exp(rng.normal(size=256))
    out = x @ w.T

    def missed(mask):
        return np.linalg.norm(x @ (w * mask).T - out) / np.linalg.norm(out)

    scores = w * np.linalg.norm(x, axis=0)
    assert 0.24 < missed(reference.magnitude_mask(w, 0.5)) < 0.28
    assert 0.05 < missed(np.stack([reference.magnitude_mask(row, 0.5) for row in scores])) < 0.11


def peers(reference, rng):
    """Yield one large layer, and groups of four."""
    w = rng.normal(size=(1_024, 1_024))
    x = torch.tensor(w)

    def smallest():
        mask = torch.ones(w.size, dtype=torch.bool)
        mask[x.abs().flatten().topk(w.size // 2, largest=False).indices] = False
        return mask

    def groups():
        sizes = x.abs().reshape(-1, 4)
        return torch.zeros_like(sizes, dtype=torch.bool).scatter(1, sizes.topk(2, dim=1).indices, value=True)

    slow = "A full sort here, a partition there."
    yield Peer("1,024 x 1,024, 50 %", "topk", lambda: reference.magnitude_mask(w, 0.5), smallest, slow)
    yield Peer("1,024 x 1,024, 2:4", "topk", lambda: reference.n_m_mask(w), groups, slow)
