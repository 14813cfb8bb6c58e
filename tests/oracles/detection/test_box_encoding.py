"""`encode` and `decode` beside torchvision's `BoxCoder`, and the claims of the follow-ups.

torchvision does not install beside the PyTorch of these tests, so its definition is written out here, in PyTorch. It
differs in one thing: it does not look for boxes without area.
"""

import math

import numpy as np
import pytest
import torch

CLOSE = {"rtol": 1e-9, "atol": 1e-9}

LOG_CAP = math.log(1000 / 16)


def centre_and_size(rows):
    w, h = rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1]
    return rows[:, 0] + 0.5 * w, rows[:, 1] + 0.5 * h, w, h


def encoded(boxes, anchors, weights=(1.0, 1.0, 1.0, 1.0)):
    x, y, w, h = centre_and_size(torch.tensor(boxes, dtype=torch.float64))
    xa, ya, wa, ha = centre_and_size(torch.tensor(anchors, dtype=torch.float64))
    deltas = (x - xa) / wa, (y - ya) / ha, torch.log(w / wa), torch.log(h / ha)
    return torch.stack([factor * delta for factor, delta in zip(weights, deltas, strict=True)], dim=1).numpy()


def decoded(deltas, anchors, weights=(1.0, 1.0, 1.0, 1.0), log_cap=LOG_CAP):
    dx, dy, dw, dh = (torch.tensor(deltas, dtype=torch.float64) / torch.tensor(weights, dtype=torch.float64)).T
    xa, ya, wa, ha = centre_and_size(torch.tensor(anchors, dtype=torch.float64))
    x, y = dx * wa + xa, dy * ha + ya
    w, h = torch.exp(torch.clamp(dw, max=log_cap)) * wa, torch.exp(torch.clamp(dh, max=log_cap)) * ha
    return torch.stack([x - 0.5 * w, y - 0.5 * h, x + 0.5 * w, y + 0.5 * h], dim=1).numpy()


def draw(rng, n):
    lower = rng.normal(scale=50.0, size=(n, 2))
    return np.hstack([lower, lower + rng.gamma(2.0, 20.0, size=(n, 2)) + 0.1])


def test_random(reference, rng):
    for _ in range(100):
        n = int(rng.integers(0, 9))
        boxes, anchors, weights = draw(rng, n), draw(rng, n), tuple(rng.uniform(0.1, 10.0, size=4).tolist())
        deltas = rng.normal(scale=3.0, size=(n, 4))
        np.testing.assert_allclose(reference.encode(boxes, anchors), encoded(boxes, anchors), **CLOSE)
        np.testing.assert_allclose(reference.encode(boxes, anchors, weights), encoded(boxes, anchors, weights), **CLOSE)
        np.testing.assert_allclose(reference.decode(deltas, anchors), decoded(deltas, anchors), **CLOSE)
        cap = float(rng.uniform(0.1, 5.0))
        expected = decoded(deltas, anchors, weights, math.log(cap))
        np.testing.assert_allclose(reference.decode(deltas, anchors, weights, cap), expected, **CLOSE)
        back = reference.decode(reference.encode(boxes, anchors, weights), anchors, weights, 1e6)
        np.testing.assert_allclose(back, boxes, **CLOSE)


def test_edges(reference):
    """The cap is torchvision's; sizes of 0 come out, integers go in."""
    anchors = np.array([[0, 0, 4, 8], [-100, -120, 100, 120]], dtype=np.int8)
    boxes = anchors[[1, 0]]
    deltas = np.array([[1.0, 2.0, 99.0, -99.0], [-1e5, 0.0, 1e6, -1e6]])
    np.testing.assert_allclose(reference.decode(deltas, anchors), decoded(deltas, anchors), **CLOSE)
    np.testing.assert_allclose(reference.encode(boxes, anchors), encoded(boxes, anchors), **CLOSE)
    for scale in (1e-6, 1e6):
        pair = boxes * scale, anchors * scale
        np.testing.assert_allclose(reference.encode(*pair), encoded(*pair), **CLOSE)


@pytest.mark.parametrize("bad", [[0, 0, 0, 1], [0, 1, 1, 1], [1, 0, 0, 1], [0, 1, 1, 0], [0, 0, np.nan, 1], [0, 0, 1]])
def test_bad_input(reference, bad):
    good, bad = np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([bad], dtype=float)
    for function, boxes, anchors in [
        (reference.encode, bad, good),
        (reference.encode, good, bad),
        (reference.decode, good, bad),
    ]:
        with pytest.raises(ValueError):
            function(boxes, anchors)


def test_bad_parameters(reference):
    good = np.array([[0.0, 0.0, 1.0, 1.0]])
    for function in (reference.encode, reference.decode):
        with pytest.raises(ValueError):
            function(good, good, (1.0, 1.0, 0.0, 1.0))
        with pytest.raises(ValueError):
            function(good, np.vstack([good, good]))
    with pytest.raises(ValueError):
        reference.decode(good, good, max_scale=0.0)


def test_claims_of_scale(reference):
    """The numbers of the first follow-up."""
    anchors = np.array([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 1000.0, 1000.0]])
    boxes = anchors + np.array([[1.0, 0.0, 1.0, 0.0], [100.0, 0.0, 100.0, 0.0]])
    deltas = reference.encode(boxes, anchors)
    np.testing.assert_allclose(deltas[0], deltas[1], rtol=1e-12)
    squares = ((boxes - anchors) ** 2).sum(axis=1)
    assert squares[1] / squares.sum() == pytest.approx(0.9999, abs=5e-6)
    assert np.log(2) == pytest.approx(0.69, abs=0.005)


def test_claims_of_weights(reference):
    """The numbers of the second follow-up."""
    anchor = np.array([[0.0, 0.0, 10.0, 10.0]])
    box = np.array([[1.0, 0.0, 11.0, 10.0]])
    moved = reference.decode(reference.encode(box, anchor, (10.0, 10.0, 5.0, 5.0)), anchor)
    np.testing.assert_allclose(moved, [[10, 0, 20, 10]])


def test_claims_of_the_cap(reference):
    """The numbers of the third follow-up."""
    box = reference.decode(np.array([[0.0, 0.0, 10.0, 0.0]]), np.array([[0.0, 0.0, 1.0, 1.0]]), max_scale=1e6)
    assert box[0, 2] - box[0, 0] == pytest.approx(22_026, abs=0.5)
    assert torch.exp(torch.tensor(12.0, dtype=torch.float16)).isinf()


def test_claims_of_losses(reference):
    """The numbers of the fourth follow-up: overlap of an interval with its anchor, from 0 to 1."""
    for deltas, expected in [([0.2, 0, 0, 0], 0.67), ([0, 0, 0.2, 0], 0.82)]:
        x1, _, x2, _ = reference.decode(np.array([deltas]), np.array([[0.0, 0.0, 1.0, 1.0]]))[0]
        assert (min(x2, 1) - max(x1, 0)) / (max(x2, 1) - min(x1, 0)) == pytest.approx(expected, abs=0.005)
