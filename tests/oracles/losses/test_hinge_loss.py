"""The reference beside scikit-learn's hinge_loss, and PyTorch: autograd, and multi_margin_loss of two classes."""

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch.nn import functional

from tests.bench.peers import Peer


def binary(score, y):
    return torch.relu(1 - y * score).mean()


def crammer_singer(scores, labels):
    own = scores.gather(1, labels[:, None])
    others = scores.scatter(1, labels[:, None], -torch.inf)
    # By index: the gradient of a maximum is shared between ties.
    return torch.relu(1 + others.gather(1, others.argmax(1, keepdim=True)) - own).mean()


def assert_agree(step, loss, scores, labels):
    tensor = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    expected = loss(tensor, torch.tensor(labels))
    (grad,) = torch.autograd.grad(expected, tensor)
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("whole", [False, True])
def test_binary(reference, rng, whole):
    for _ in range(200):
        y = rng.choice([-1, 1], size=rng.integers(2, 30))
        score = rng.integers(-3, 4, size=y.size).astype(float) if whole else rng.normal(scale=2.0, size=y.size)
        step = reference.hinge(score, y)
        assert_agree(step, binary, score, y)
        if np.unique(y).size == 2:
            np.testing.assert_allclose(step.loss, metrics.hinge_loss(y, score), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("whole", [False, True])
def test_multiclass(reference, rng, whole):
    for _ in range(200):
        shape = tuple(rng.integers(2, 8, size=2))
        labels = rng.integers(0, shape[1], size=shape[0])
        scores = rng.integers(-2, 3, size=shape).astype(float) if whole else rng.normal(scale=2.0, size=shape)
        step = reference.multiclass_hinge(scores, labels)
        assert_agree(step, crammer_singer, scores, labels)
        if shape[1] > 2:
            expected = metrics.hinge_loss(labels, scores, labels=range(shape[1]))
            np.testing.assert_allclose(step.loss, expected, rtol=1e-9, atol=1e-14)


def test_two_classes(reference, rng):
    """PyTorch divides by the two classes."""
    for _ in range(50):
        scores, labels = rng.normal(size=(7, 2)), rng.integers(0, 2, size=7)
        assert_agree(
            reference.multiclass_hinge(scores, labels),
            lambda s, t: 2 * functional.multi_margin_loss(s, t),
            scores,
            labels,
        )


def test_bad_input(reference):
    for y in ([0, 1], [2, -1], [np.nan, 1]):
        with pytest.raises(ValueError, match="label"):
            reference.hinge(np.zeros(2), np.array(y))
    with pytest.raises(ValueError, match="shape"):
        reference.hinge(np.zeros(2), np.ones((2, 1)))
    for labels in ([0, 3], [-1, 0], [0]):
        with pytest.raises(ValueError, match="label"):
            reference.multiclass_hinge(np.zeros((2, 3)), np.array(labels))


def test_claims_of_scores(reference):
    """The numbers of the first follow-up."""
    for positives in (6, 7, 8, 9):
        y = np.repeat([1, -1], [positives, 10 - positives])
        score = logit = 0.0
        for _ in range(5000):
            score -= 0.005 * reference.hinge(np.full(10, score), y).grad.sum()
            logit -= 0.1 * (1 / (1 + np.exp(-logit)) - positives / 10)
        assert score == pytest.approx(1, abs=0.01)
        assert logit == pytest.approx({6: 0.41, 9: 2.20}.get(positives, logit), abs=0.005)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = rng.choice([-1, 1], size=10_000)
        assert 0.83 < (reference.hinge(2 * y + rng.normal(size=y.size), y).grad == 0).mean() < 0.86


def test_claims_of_many_classes(reference):
    """The numbers of the second follow-up."""

    def weston_watkins(scores, labels):
        tensor = torch.tensor(scores), torch.tensor(labels)
        return functional.multi_margin_loss(*tensor).item() * 3

    for counts, losses, sums in (((4, 3, 3), (1, 1.2), (2, 1.8)), ((6, 2, 2), (1, 0.8), (2, 1.2))):
        labels = np.repeat([0, 1, 2], counts)
        for scores, loss, total in zip(([0.0, 0.0, 0.0], [1.0, 0.0, 0.0]), losses, sums, strict=True):
            assert reference.multiclass_hinge(np.tile(scores, (10, 1)), labels).loss == pytest.approx(loss)
            assert weston_watkins(np.tile(scores, (10, 1)), labels) == pytest.approx(total)


def test_claims_of_margins(reference):
    """The numbers of the third and the fifth follow-up."""
    assert reference.hinge(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1, 1, -1, -1])).loss == pytest.approx(0.5)
    for factor, loss in ((1, 0.5), (2, 0.0)):
        assert reference.hinge(factor * np.array([0.5, -0.5]), np.array([1, -1])).loss == pytest.approx(loss)


def peers(reference, rng):
    """Yield both losses on a large batch, with gradients."""
    score, y = rng.normal(size=200_000), rng.choice([-1, 1], size=200_000)
    scores, labels = rng.normal(size=(20_000, 10)), rng.integers(0, 10, size=20_000)
    cases = [("hinge, 200,000 samples", reference.hinge, binary, score, y)]
    cases += [("multiclass_hinge, 20,000 samples of 10", reference.multiclass_hinge, crammer_singer, scores, labels)]
    for what, ours, loss, x, truth in cases:
        tensor, target = torch.tensor(x, requires_grad=True), torch.tensor(truth)
        yield Peer(
            what,
            "the formula in PyTorch, autograd",
            lambda ours=ours, x=x, truth=truth: ours(x, truth),
            lambda loss=loss, tensor=tensor, target=target: torch.autograd.grad(loss(tensor, target), tensor),
        )
