"""The reference beside SciPy's rel_entr and entropy, and PyTorch's kl_div, differentiated by autograd."""

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch.nn import functional

from tests.bench.peers import Peer


def draw(rng, shape, zeros=0.0):
    weights = rng.exponential(size=shape) * (rng.random(shape) >= zeros)
    weights[:, 0] += 0.1
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("zeros_of_p", "zeros_of_q"), [(0, 0), (0.5, 0), (0, 0.2), (0.5, 0.2)])
def test_divergence(reference, rng, zeros_of_p, zeros_of_q):
    for _ in range(100):
        shape = tuple(rng.integers(1, 8, size=2))
        p, q = draw(rng, shape, zeros_of_p), draw(rng, shape, zeros_of_q)
        expected = special.rel_entr(p, q).sum(axis=1)
        with np.errstate(divide="ignore"):
            logs = np.log(p), np.log(q)
        for found in (reference.kl_divergence(p, q), reference.kl_from_log_probs(*logs)):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(expected, stats.entropy(p, q, axis=1), rtol=1e-9, atol=1e-14)


def test_logarithms(reference, rng):
    for scale in (1.0, 100.0, 1e4):
        for _ in range(50):
            logs = [special.log_softmax(scale * rng.normal(size=(4, 6)), axis=1) for _ in range(2)]
            log_p, log_q = (torch.tensor(each) for each in logs)
            expected = functional.kl_div(log_q, log_p, reduction="none", log_target=True).sum(dim=1)
            np.testing.assert_allclose(reference.kl_from_log_probs(*logs), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1.0, 5.0, 1e4])
def test_loss(reference, rng, scale):
    for _ in range(100):
        shape = tuple(rng.integers(2, 8, size=2))
        logits = scale * rng.normal(size=shape)
        for reverse in (False, True):
            p = draw(rng, shape, zeros=0 if reverse else 0.3)
            z, target = torch.tensor(logits, requires_grad=True), torch.tensor(p)
            log_q = functional.log_softmax(z, dim=1)
            if reverse:
                expected = functional.kl_div(target.log(), log_q, reduction="batchmean", log_target=True)
            else:
                expected = functional.kl_div(log_q, target, reduction="batchmean")
            (grad,) = torch.autograd.grad(expected, z)
            step = reference.kl_loss(logits, p, reverse)
            np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-12)


def test_bad_input(reference):
    good = np.array([[0.5, 0.5]])
    for rows in ([[0.5, 0.4]], [[1.0, 2.0]], [[1.5, -0.5]], [[np.nan, 0.5]], [[0.5, 0.5], [0.5, 0.5]]):
        for pair in ((good, np.array(rows)), (np.array(rows), good)):
            with pytest.raises(ValueError, match=r"row|entry|shape"):
                reference.kl_divergence(*pair)


def test_small_probabilities(reference):
    for tiny in (1e-6, 1e-300, 1e-310):
        p, q = np.array([[0.5, 0.5]]), np.array([[tiny, 1.0]])
        expected = special.rel_entr(p, q).sum(axis=1) if tiny > 1e-308 else [-np.log(tiny) / 2 - np.log(2)]
        np.testing.assert_allclose(reference.kl_divergence(p, q), expected, rtol=1e-9)


def test_claims_of_directions(reference):
    """The numbers of the first and the second follow-up."""
    p = np.array([[0.49, 0.02, 0.49]] * 2)
    q = np.array([[1 / 3] * 3, [0.96, 0.02, 0.02]])
    np.testing.assert_allclose(reference.kl_divergence(p, q), [0.32, 1.24], atol=0.005)
    np.testing.assert_allclose(reference.kl_divergence(q, p), [0.68, 0.58], atol=0.005)
    logits, half = np.array([[0.0, -20.0]]), np.array([[0.5, 0.5]])
    np.testing.assert_allclose(reference.kl_loss(logits, half).grad, [[0.5, -0.5]], atol=1e-8)
    step = reference.kl_loss(logits, half, reverse=True)
    assert step.loss == pytest.approx(np.log(2), abs=1e-6)
    np.testing.assert_allclose(np.abs(step.grad), 4e-8, rtol=0.1)


def test_claims_of_samples(reference):
    """The numbers of the third follow-up."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        z = rng.normal(size=(1, 100))
        q, p = special.softmax(z, axis=1), special.softmax(z + 0.1 * rng.normal(size=(1, 100)), axis=1)
        exact = reference.kl_divergence(q, p)[0]
        for terms, low, high in ((np.log(q / p), 15.9, 24), (p / q - 1 - np.log(p / q), 1.1, 1.9)):
            assert (q * terms).sum() == pytest.approx(exact)
            assert low < np.sqrt((q * (terms - exact) ** 2).sum()) / exact < high
        assert 0.41 < q[q < p].sum() < 0.59


def test_claims_of_eps(reference):
    """The numbers of the last three follow-ups."""
    p = np.array([[0.5, 0.5]])
    assert np.isinf(reference.kl_divergence(p, np.array([[1.0, 0.0]])))
    for eps, value in ((1e-8, 8.5), (1e-12, 13.1)):
        found = reference.kl_from_log_probs(np.log(p), np.log(np.array([[1.0, 0.0]]) + eps))
        assert found[0] == pytest.approx(value, abs=0.05)
    same = torch.tensor([0.5, 0.5])
    assert functional.kl_div(same, same, reduction="sum").item() == pytest.approx(-1.19, abs=0.005)
    assert reference.kl_divergence(p, np.array([[0.6, 0.4]]))[0] == pytest.approx(0.0204, abs=5e-5)


def peers(reference, rng):
    """Yield the divergence of many rows, and the loss with its gradient."""
    p, q = draw(rng, (20_000, 10)), draw(rng, (20_000, 10))
    yield Peer(
        "20,000 rows of 10",
        "rel_entr of SciPy",
        lambda: reference.kl_divergence(p, q),
        lambda: special.rel_entr(p, q).sum(axis=1),
        "rel_entr is one compiled loop and checks no sums",
    )
    logits = rng.normal(size=(20_000, 10))
    z, target = torch.tensor(logits, requires_grad=True), torch.tensor(p)
    yield Peer(
        "kl_loss, 20,000 rows of 10",
        "log_softmax and kl_div of PyTorch, autograd",
        lambda: reference.kl_loss(logits, p),
        lambda: torch.autograd.grad(
            functional.kl_div(functional.log_softmax(z, dim=1), target, reduction="batchmean"), z
        ),
    )
