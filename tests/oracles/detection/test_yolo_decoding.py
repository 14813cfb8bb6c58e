"""The decoder beside YOLOv3's definition, pair by pair, at 50 digits; no library of these tests has it.

The layout of the channels is that of Darknet's `yolo` layer, the order of the boxes that of Ultralytics' YOLOv3.
"""

from decimal import Decimal, localcontext

import numpy as np
import pytest

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def sigmoid(t):
    return 1 / (1 + (-t).exp())


def pairs(logits, anchors, stride):
    """Yield anchor, row, column, box and scores, exact to 50 digits."""
    size = len(logits) // len(anchors)
    for a, (w, h) in enumerate(anchors.tolist()):
        for row, column in np.ndindex(logits.shape[1:]):
            t = [Decimal(float(one)) for one in logits[a * size : (a + 1) * size, row, column]]
            x, y = Decimal(stride) * (column + sigmoid(t[0])), Decimal(stride) * (row + sigmoid(t[1]))
            w2, h2 = Decimal(w) * t[2].exp() / 2, Decimal(h) * t[3].exp() / 2
            yield [x - w2, y - h2, x + w2, y + h2], [sigmoid(t[4]) * sigmoid(one) for one in t[5:]]


def assert_decodes(reference, logits, anchors, stride):
    with localcontext() as context:
        context.prec = 50
        boxes, scores = zip(*pairs(logits, anchors, stride), strict=True)
    boxes, scores = np.array(boxes, dtype=float), np.array(scores, dtype=float)
    for name in ("decode_grid", "decode_grid_via_loop", "decode_grid_via_rows"):
        found = getattr(reference, name)(logits, anchors, stride)
        np.testing.assert_allclose(found.boxes, boxes, **CLOSE)
        np.testing.assert_allclose(found.scores, scores, rtol=1e-9, atol=0)
    return boxes, scores


def draw(rng):
    """Return logits, anchors and a stride."""
    n, classes, height, width = rng.integers(1, 4, size=4)
    logits = rng.normal(scale=rng.choice([0.5, 3.0]), size=(n * (5 + classes), height, width))
    return logits, rng.uniform(1, 90, size=(n, 2)), float(rng.choice([1.0, 8.0, 32.0]))


def test_random(reference, rng):
    for _ in range(40):
        assert_decodes(reference, *draw(rng))


def test_edges(reference, rng):
    logits, anchors, _ = rng.normal(size=(12, 2, 3)), np.array([[4, 2], [100, 60]]), 8.0
    for kind in (np.float16, np.float32):
        assert_decodes(reference, logits.astype(kind), anchors, 8.0)
    for kind in (np.int8, np.int64):
        assert_decodes(reference, (logits * 2).astype(kind), anchors.astype(np.uint8), 8.0)
    extreme = logits.copy()
    extreme[4, 0, 0], extreme[5, 0, 0], extreme[0, 0, 1], extreme[1, 0, 1] = -300.0, -300.0, -700.0, 700.0
    assert_decodes(reference, extreme, anchors, 8.0)
    for bad in (logits[:11], logits[:10], logits[:3]):
        for name in ("decode_grid", "decode_grid_via_loop", "decode_grid_via_rows"):
            with pytest.raises(ValueError):
                getattr(reference, name)(bad, anchors, 8.0)


def test_detections(reference, rng):
    for _ in range(40):
        logits, anchors, stride = draw(rng)
        # Logits of whole numbers give ties.
        grids = [logits.round(), logits.round()[:, :1], -logits.round()]
        threshold = float(rng.choice([0.0, 0.1, 0.3, 0.99]))
        rows = []
        for k, grid in enumerate(grids):
            boxes, scores = reference.decode_grid(grid, anchors, stride * (k + 1))
            rows += [(-s, len(rows), b, c) for b, row in zip(boxes, scores, strict=True) for c, s in enumerate(row)]
        rows = sorted((row for row in rows if -row[0] > threshold), key=lambda row: row[0])
        for name in ("detect", "detect_via_loop", "detect_via_sort"):
            strides = [stride, stride * 2, stride * 3]
            found = getattr(reference, name)(grids, [anchors] * 3, strides, threshold)
            np.testing.assert_array_equal(found.labels, [row[3] for row in rows])
            np.testing.assert_array_equal(found.scores, [-row[0] for row in rows])
            np.testing.assert_array_equal(found.boxes, np.array([row[2] for row in rows]).reshape(-1, 4))


def test_claims(reference):
    """The numbers of the follow-ups."""
    for share, logit in [(0.99, 4.6), (0.999, 6.9)]:
        assert np.log(share / (1 - share)) == pytest.approx(logit, abs=0.05)
    one = np.array([0.0, 0.0, 3.0, 0.0, 0.0, 3.0, 3.0])[:, None, None]
    boxes, scores = reference.decode_grid(one, np.array([[1.0, 1.0]]), 8.0)
    assert boxes[0, 2] - boxes[0, 0] == pytest.approx(20, abs=0.1)
    np.testing.assert_allclose(scores / 0.5, [[0.95, 0.95]], atol=0.005)
    grids = [np.zeros((18, 416 // stride, 416 // stride)) for stride in (8, 16, 32)]
    assert sum(len(reference.decode_grid(grid, np.ones((3, 2)), 1.0).boxes) for grid in grids) == 10_647
    np.testing.assert_array_equal(np.spacing(np.array([1024, 2047], dtype=np.float16)), [1, 1])
