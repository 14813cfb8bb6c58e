"""`bilinear` beside PyTorch's grid_sample, and `roi_align` beside torchvision's definition, point by point.

torchvision does not install beside the PyTorch of these tests.
"""

import numpy as np
import pytest
import torch

from tests.oracles.claims import within

CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def sampled(features, y, x):
    """Sample with borders repeated, and drop what is more than a cell outside."""
    _, height, width = features.shape
    grid = torch.tensor(np.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], axis=-1))[None, None]
    values = torch.nn.functional.grid_sample(
        torch.tensor(features)[None], grid, padding_mode="border", align_corners=False
    )
    return values[0, :, 0].numpy() * ((y >= -1) & (y <= height) & (x >= -1) & (x <= width))


def interpolated(plane, y, x):
    """Follow torchvision's bilinear_interpolate."""
    height, width = plane.shape
    if y < -1 or y > height or x < -1 or x > width:
        return 0.0
    y, x = max(y, 0.0), max(x, 0.0)
    y_low, x_low = int(y), int(x)
    if y_low >= height - 1:
        y_high = y_low = height - 1
        y = float(y_low)
    else:
        y_high = y_low + 1
    if x_low >= width - 1:
        x_high = x_low = width - 1
        x = float(x_low)
    else:
        x_high = x_low + 1
    ly, lx = y - y_low, x - x_low
    return (
        (1 - ly) * (1 - lx) * plane[y_low, x_low]
        + (1 - ly) * lx * plane[y_low, x_high]
        + ly * (1 - lx) * plane[y_high, x_low]
        + ly * lx * plane[y_high, x_high]
    )


def aligned(features, boxes, output_size, spatial_scale, s):
    """Follow torchvision's roi_align with aligned=True and s points along each axis."""
    height, width = output_size
    out = np.zeros((len(boxes), len(features), height, width))
    for (n, c, i, j), _ in np.ndenumerate(out):
        start_x, start_y, end_x, end_y = (float(value) * spatial_scale - 0.5 for value in boxes[n])
        bin_y, bin_x = (end_y - start_y) / height, (end_x - start_x) / width
        for iy, ix in np.ndindex(s, s):
            y = start_y + i * bin_y + (iy + 0.5) * bin_y / s
            x = start_x + j * bin_x + (ix + 0.5) * bin_x / s
            out[n, c, i, j] += interpolated(features[c], y, x) / (s * s)
    return out


def test_points(reference, rng):
    for _ in range(60):
        n_channels, height, width = rng.integers(1, [4, 8, 8])
        features = rng.normal(size=(n_channels, height, width))
        y, x = rng.uniform(-2, height + 1.5, size=30), rng.uniform(-2, width + 1.5, size=30)
        np.testing.assert_allclose(reference.bilinear(features, y, x), sampled(features, y, x), **CLOSE)


def test_boxes(reference, rng):
    """Whole coordinates give boxes without width, and points at edges and exactly one cell outside."""
    for _ in range(40):
        features = rng.normal(size=rng.integers(1, [3, 8, 8]))
        corners = rng.uniform(-10, 20, size=(3, 2))
        boxes = np.column_stack([corners, corners + rng.uniform(0, 30, size=(3, 2))])
        if rng.random() < 0.5:
            boxes = boxes.round()
        output_size, s = tuple(rng.integers(1, 4, size=2).tolist()), 2 ** int(rng.integers(0, 3))
        scale = float(rng.choice([1.0, 0.5, 0.25]))
        ours = reference.roi_align(features, boxes, output_size, scale, s)
        np.testing.assert_allclose(ours, aligned(features, boxes, output_size, scale, s), **CLOSE)


def test_edges(reference):
    features = np.arange(12).reshape(1, 3, 4)
    assert reference.roi_align(features, np.zeros((0, 4)), (2, 3)).shape == (0, 1, 2, 3)
    for kind in (np.uint8, np.int8, np.int32):
        boxes = np.array([[0, 0, 100, 90], [3, 3, 3, 3], [7, 1, 9, 12]], dtype=kind)
        ours = reference.roi_align(features.astype(kind), boxes, (2, 2), 0.1, 3)
        np.testing.assert_allclose(ours, aligned(features, boxes, (2, 2), 0.1, 3), **CLOSE)


@pytest.mark.parametrize(
    ("box", "output_size", "s"),
    [([1, 0, 0, 1], (1, 1), 2), ([0, 1, 1, 0], (1, 1), 2), ([0, 0, 1, 1], (0, 1), 2), ([0, 0, 1, 1], (1, 1), 0)],
)
def test_bad_input(reference, box, output_size, s):
    with pytest.raises(ValueError):
        reference.roi_align(np.ones((1, 3, 3)), np.array([box], dtype=float), output_size, 1.0, s)


def test_claim_of_rounding():
    def overlap(rng):
        means = []
        for side in (32, 64, 256):
            corners = rng.uniform(0, 500, size=(2_000, 2))
            boxes = np.column_stack([corners, corners + side])
            rounded = np.round(boxes / 16) * 16
            lower, upper = np.maximum(boxes, rounded)[:, :2], np.minimum(boxes, rounded)[:, 2:]
            both = (upper - lower).prod(axis=1)
            means.append((both / (side**2 + (rounded[:, 2:] - rounded[:, :2]).prod(axis=1) - both)).mean())
        return means

    within([0.62, 0.78, 0.935], [0.64, 0.80, 0.945], overlap)


def test_claim_of_half_a_cell(reference):
    ramp = np.tile(np.arange(20.0), (1, 20, 1))
    box = np.array([[3.0, 4.0, 11.0, 9.0]])
    shifted = reference.roi_align(ramp, box + 0.5, (3, 3)) - reference.roi_align(ramp, box, (3, 3))
    np.testing.assert_allclose(shifted, 0.5)


def test_claim_of_points(reference):
    box = np.array([[0.0, 0.0, 256.0, 256.0]])

    def correlations(rng):
        features = rng.normal(size=(1, 256, 256))
        exact = features.reshape(32, 8, 32, 8).mean(axis=(1, 3)).ravel()
        found = [reference.roi_align(features, box, (32, 32), 1.0, s).ravel() for s in (1, 2, 4)]
        return [np.corrcoef(one, exact)[0, 1] for one in found]

    within([0.1, 0.4, 1 - 1e-9], [0.4, 0.6, 1 + 1e-9], correlations)


def test_claim_of_gradients(reference):
    """Of points inside, all weights of a bin add up to 1."""
    box = np.array([[1.0, 1.0, 4.0, 5.0]])
    cells = np.eye(30).reshape(30, 5, 6)
    np.testing.assert_allclose(reference.roi_align(cells, box, (2, 2)).sum(axis=1), 1.0)
