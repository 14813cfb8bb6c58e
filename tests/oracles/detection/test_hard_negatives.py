"""`hard_negatives` beside PyTorch: its cross-entropy, its top k and its autograd; and the claims of the follow-ups.

torchvision, whose SSD mines the same way, does not install beside the PyTorch of these tests. It marks the anchors
whose rank among the negatives of their image is below ratio times the positives, and divides by the positives.
"""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.bench.peers import Peer
from tests.oracles.claims import within


def mined(logits, labels, ratio):
    """Return loss and gradient by autograd. The order of tied losses is PyTorch's own."""
    z, y = torch.tensor(logits, requires_grad=True), torch.tensor(labels)
    losses = cross_entropy(z.permute(0, 2, 1), y, reduction="none")
    total = losses[y > 0].sum()
    for row, positive in zip(losses, y > 0, strict=True):
        negatives = row[~positive]
        total = total + negatives.topk(min(ratio * int(positive.sum()), len(negatives))).values.sum()
    (total / max(int((y > 0).sum()), 1)).backward()
    return total.item() / max(int((y > 0).sum()), 1), z.grad.numpy()


def draw(rng, images, anchors, share, classes=4):
    labels = np.where(rng.random((images, anchors)) < share, rng.integers(1, classes, size=(images, anchors)), 0)
    return rng.normal(0.5, 3.0, size=(images, anchors, classes)), labels


def assert_agrees(reference, logits, labels, ratio):
    ours, theirs = reference.mined_cross_entropy(logits, labels, ratio), mined(logits, labels, ratio)
    np.testing.assert_allclose(ours.loss, theirs[0], rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(ours.grad, theirs[1], rtol=1e-9, atol=1e-14)


def test_random(reference, rng):
    for _ in range(60):
        images, anchors = rng.integers(1, 5), rng.integers(1, 25)
        assert_agrees(reference, *draw(rng, images, anchors, rng.random() ** 2), int(rng.integers(0, 5)))


def test_edges(reference, rng):
    for share in (0.0, 1.0):
        assert_agrees(reference, *draw(rng, 2, 7, share), 3)
    logits, labels = draw(rng, 3, 9, 0.2)
    assert_agrees(reference, logits * 2000, labels, 3)
    assert_agrees(reference, logits, labels, 10**6)
    with pytest.raises(ValueError):
        reference.hard_negative_mask(logits[:, :, 0], labels > 0, -1)


def test_ties_by_brute_force(reference, rng):
    """An anchor is marked if fewer negatives than the quota go before it: larger, or equal and earlier."""
    for _ in range(60):
        losses, positive = rng.integers(-1, 2, size=(3, 12)) * 10.0 ** rng.integers(-6, 7), rng.random((3, 12)) < 0.2
        ratio = int(rng.integers(0, 5))
        mask = reference.hard_negative_mask(losses, positive, ratio)
        for i in range(3):
            for j in range(12):
                before = [k for k in range(12) if not positive[i, k] and (-losses[i, k], k) < (-losses[i, j], j)]
                assert mask[i, j] == (not positive[i, j] and len(before) < ratio * positive[i].sum())


def test_claim_of_easy_negatives(reference):
    labels = np.zeros((1, 8732), dtype=int)
    labels[0, :10] = 1
    probs = np.where(labels > 0, 0.3, 0.01)
    logits = np.stack([np.log(1 - probs), np.log(probs)], axis=2)
    alone, mined_too, everything = (reference.mined_cross_entropy(logits, labels, r).loss for r in (0, 3, 10**4))
    assert 7 < everything / alone - 1 < 8
    assert 0.02 < mined_too / alone - 1 < 0.03


def test_claim_of_one_image(reference):
    def kept(rng):
        losses = rng.uniform(0.5, 1.0, size=(2, 101)) * [[1], [10]]
        positive = np.arange(101) == [[0], [0]]
        apart = reference.hard_negative_mask(losses, positive)
        together = reference.hard_negative_mask(losses.reshape(1, -1), positive.reshape(1, -1))
        return apart[0].sum(), together[0, :101].sum()

    within([3, 0], [3, 0], kept)


def test_claim_of_unlabelled_objects(reference, rng):
    losses = np.concatenate([rng.uniform(size=10_050), rng.uniform(2.0, 3.0, size=50)])[None]
    mask = reference.hard_negative_mask(losses, np.arange(10_100)[None] < 100)
    assert mask[0, 10_050:].sum() / mask.sum() == pytest.approx(1 / 6)


def test_claim_of_finite_differences(reference, rng):
    logits, labels = draw(rng, 2, 8, 0.2)
    labels[:, 0] = 1
    found = reference.mined_cross_entropy(logits, labels, 2).grad
    for place in np.ndindex(logits.shape):
        step = np.zeros(logits.shape)
        step[place] = 1e-6
        up, down = (reference.mined_cross_entropy(logits + s * step, labels, 2).loss for s in (1, -1))
        assert found[place] == pytest.approx((up - down) / 2e-6, abs=1e-6)


def peers(reference, rng):
    """Yield one batch of SSD300's size."""
    logits, labels = draw(rng, 8, 8732, 0.002, 21)
    yield Peer(
        "8 images, 8,732 anchors, 21 classes",
        "PyTorch cross_entropy, topk and autograd",
        lambda: reference.mined_cross_entropy(logits, labels),
        lambda: mined(logits, labels, 3),
    )
