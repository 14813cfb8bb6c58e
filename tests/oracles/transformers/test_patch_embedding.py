"""The reference beside PyTorch's unfold, fold and conv2d."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def draw(rng):
    """Return images and the size of a patch that divides their sides."""
    n_images, channels, rows, columns, size = (int(number) for number in rng.integers(1, 5, size=5))
    return rng.normal(size=(n_images, channels, rows * size, columns * size)), size


def test_unfold(reference, rng):
    for _ in range(100):
        images, size = draw(rng)
        expected = functional.unfold(torch.tensor(images), size, stride=size).swapaxes(1, 2)
        np.testing.assert_array_equal(reference.patchify(images, size), expected)


def test_fold(reference, rng):
    for _ in range(100):
        images, size = draw(rng)
        height, width = images.shape[2:]
        patches = rng.normal(size=reference.patchify(images, size).shape)
        expected = functional.fold(torch.tensor(patches).swapaxes(1, 2), (height, width), size, stride=size)
        np.testing.assert_array_equal(reference.unpatchify(patches, size, height, width), expected)


def test_convolution(reference, rng):
    for _ in range(100):
        images, size = draw(rng)
        weight, bias = rng.normal(size=(5, images.shape[1] * size * size)), rng.normal(size=5)
        kernel = torch.tensor(weight).reshape(5, images.shape[1], size, size)
        expected = functional.conv2d(torch.tensor(images), kernel, torch.tensor(bias), stride=size)
        tokens = reference.embed_patches(images, weight, bias)
        np.testing.assert_allclose(tokens, expected.flatten(2).swapaxes(1, 2), rtol=1e-9, atol=1e-12)


def test_not_divisible(reference, rng):
    """PyTorch leaves the rest of the image out; here it is an error."""
    with pytest.raises(ValueError, match="reshape"):
        reference.patchify(rng.normal(size=(1, 1, 5, 4)), 2)


def test_claim_numbers_of_tokens(reference):
    image = np.zeros((1, 3, 224, 224))
    assert [reference.patchify(image, size).shape[1:] for size in (16, 8)] == [(196, 768), (784, 192)]
    counts = {reference.patchify(image, size)[0].size * 768 for size in (4, 8, 16)}
    assert len(counts) == 1


def peers(reference, rng):
    """Yield the embedding of a small batch."""
    images, weight, bias = rng.normal(size=(8, 3, 64, 64)), rng.normal(size=(64, 3 * 64)), rng.normal(size=64)
    tensors = torch.tensor(images), torch.tensor(weight).reshape(64, 3, 8, 8), torch.tensor(bias)
    yield Peer(
        "8 images of 64 x 64, patches of 8",
        "conv2d",
        lambda: reference.embed_patches(images, weight, bias),
        lambda: functional.conv2d(*tensors, stride=8),
    )
