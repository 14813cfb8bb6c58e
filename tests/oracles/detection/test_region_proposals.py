"""`region_proposals` beside torchvision's steps, written out in PyTorch, and the claims of the follow-ups.

torchvision does not install beside the PyTorch of these tests. Its RegionProposalNetwork takes logits, of several
levels, and has each step of this kata, in this order.
"""

import math

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer


def decoded(deltas, anchors):
    """Return the boxes as torchvision's BoxCoder with weights of 1."""
    widths, heights = anchors[:, 2] - anchors[:, 0], anchors[:, 3] - anchors[:, 1]
    x, y = anchors[:, 0] + 0.5 * widths, anchors[:, 1] + 0.5 * heights
    dx, dy, dw, dh = deltas.unbind(1)
    limit = math.log(1000 / 16)
    x, y = dx * widths + x, dy * heights + y
    half_width, half_height = 0.5 * dw.clamp(max=limit).exp() * widths, 0.5 * dh.clamp(max=limit).exp() * heights
    return torch.stack([x - half_width, y - half_height, x + half_width, y + half_height], dim=1)


def suppressed(boxes, iou_threshold):
    """Return the places that are kept of boxes in order, by the definition of NMS."""
    left, kept = list(range(len(boxes))), []
    for _ in range(len(boxes)):
        if not left:
            break
        first, *others = left
        kept.append(first)
        left = [i for i in others if overlap(boxes[first].tolist(), boxes[i].tolist()) <= iou_threshold]
    return kept


def overlap(a, b):
    sides = [max(min(a[k + 2], b[k + 2]) - max(a[k], b[k]), 0.0) for k in (0, 1)]
    both = sides[0] * sides[1]
    either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / either if either else 0.0


def filtered(scores, deltas, anchors, image_size, pre=99, post=99, iou=0.7, size=1e-3, low=0.0):
    """Return boxes and scores of one image."""
    scores, boxes = torch.tensor(scores), decoded(torch.tensor(deltas), torch.tensor(anchors))
    order = torch.sort(scores, descending=True, stable=True).indices[:pre]
    boxes, scores = boxes[order], scores[order]
    height, width = image_size
    boxes = torch.stack([boxes[:, k].clamp(0, width if k % 2 == 0 else height) for k in range(4)], dim=1)
    keep = (boxes[:, 2] - boxes[:, 0] >= size) & (boxes[:, 3] - boxes[:, 1] >= size)
    boxes, scores = boxes[keep], scores[keep]
    keep = scores >= low
    boxes, scores = boxes[keep], scores[keep]
    kept = suppressed(boxes, iou)[:post]
    return boxes[kept].numpy(), scores[kept].numpy()


def draw(rng, n):
    centres, sizes = rng.uniform(-5.0, [65.0, 45.0], size=(n, 2)), rng.choice([4.0, 12.0, 30.0], size=(n, 2))
    anchors = np.hstack([centres - sizes / 2, centres + sizes / 2])
    return rng.random(n).round(2), rng.normal(size=(n, 4)) * 0.5, anchors, (40.0, 60.0)


def assert_agrees(reference, image, pre=99, post=99, *rest):
    ours, theirs = reference.propose(*image, pre, post, *rest), filtered(*image, pre, post, *rest)
    np.testing.assert_allclose(ours.boxes, theirs[0], rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(ours.scores, theirs[1], rtol=1e-9)


def test_random(reference, rng):
    for _ in range(25):
        n = int(rng.integers(1, 60))
        pre, post = rng.integers(1, 70, size=2).tolist()
        assert_agrees(reference, draw(rng, n), pre, post, rng.random(), rng.choice([0.0, 1e-3, 5.0]), rng.random() / 3)


def test_edges(reference, rng):
    scores, deltas, anchors, size = draw(rng, 30)
    for image in [(scores[:0], deltas[:0], anchors[:0], size), (scores, deltas * 20, anchors, size)]:
        assert_agrees(reference, image)
    for parameters in [(0,), (30, 0), (30, 30, 0.0), (30, 30, 1.0), (30, 30, 0.5, 0.0), (30, 30, 0.5, 1.0, 2.0)]:
        assert_agrees(reference, (scores, deltas, anchors, size), *parameters)
    assert_agrees(reference, (np.full(30, 0.5), deltas, anchors, size), 20, 10, 0.3)
    assert_agrees(reference, (scores, 0 * deltas, anchors + 1e6, size), 20, 10, 0.3, 0.0)
    with pytest.raises(ValueError):
        reference.propose(scores[:-1], deltas, anchors, size, 9, 9)


def kept(reference, boxes, scores, **parameters):
    """Return how many of these boxes are kept, with deltas of 0."""
    boxes = np.array(boxes, dtype=float)
    return len(
        reference.propose(np.array(scores), np.zeros(boxes.shape), boxes, (400.0, 400.0), 9, 9, **parameters).scores
    )


def test_claim_of_two_people(reference):
    people = [[0, 0, 64, 128], [8, 0, 72, 128]]
    assert overlap(*people) == pytest.approx(0.78, abs=0.005)
    assert kept(reference, people, [0.99, 0.99]) == 1


def test_claim_of_clipping(reference):
    boxes = np.array([[-90.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 10.0]])
    assert overlap(*boxes.tolist()) == pytest.approx(0.1)
    assert kept(reference, boxes, [0.9, 0.8]) == 1
    assert kept(reference, boxes + 100, [0.9, 0.8]) == 2


def test_claim_of_levels(reference, rng):
    scores, deltas, anchors, _ = draw(rng, 40)
    level, scores = np.arange(40) % 2, scores + np.arange(40) * 1e-6
    apart = [
        reference.propose(scores[level == k], deltas[level == k], anchors[level == k] + 100, (500, 500), 99, 99)
        for k in (0, 1)
    ]
    shifted = anchors + 100 + 1000 * level[:, None]
    together = reference.propose(scores, deltas, shifted, (5000, 5000), 99, 99)
    assert sorted(together.scores) == sorted(np.concatenate([each.scores for each in apart]))


def test_claim_of_the_limit(reference):
    box = reference.propose(
        np.ones(1), np.array([[0, 0, 10.0, 0]]), np.array([[1e4, 1, 1e4 + 1, 2]]), (1e5, 1e5), 9, 9
    ).boxes
    assert box[0, 2] - box[0, 0] == pytest.approx(62.5)
    assert math.exp(10) == pytest.approx(22_026, abs=1)


def peers(reference, rng):
    """Yield 2,000 anchors."""
    image = draw(rng, 2000)
    yield Peer(
        "2,000 anchors",
        "the same steps in PyTorch, NMS in Python",
        lambda: reference.propose(*image, 2000, 1000),
        lambda: filtered(*image, 2000, 1000),
    )
