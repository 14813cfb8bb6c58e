import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

# Two channels of two rows and four columns: a pixel's value tells its channel, row and column.
IMAGE = np.array(
    [[[[0.0, 1.0, 2.0, 3.0], [10.0, 11.0, 12.0, 13.0]], [[100.0, 101.0, 102.0, 103.0], [110.0, 111.0, 112.0, 113.0]]]]
)
PATCHES = np.array(
    [[[0.0, 1.0, 10.0, 11.0, 100.0, 101.0, 110.0, 111.0], [2.0, 3.0, 12.0, 13.0, 102.0, 103.0, 112.0, 113.0]]]
)
# Images, channels, height, width and size.
SIZES = [
    (2, 3, 4, 6, 2),
    (1, 1, 6, 3, 3),
    (3, 2, 2, 8, 2),
    (2, 4, 5, 3, 1),
    (1, 3, 4, 4, 4),
    (2, 1, 9, 6, 3),
    (1, 2, 10, 5, 5),
]


def defined(images, size):
    """Return the patches, one pixel at a time."""
    channels, height, width = images.shape[1:]
    return np.array(
        [
            [
                [image[c, top + y, left + x] for c in range(channels) for y in range(size) for x in range(size)]
                for top in range(0, height, size)
                for left in range(0, width, size)
            ]
            for image in images
        ]
    )


def test_pixels_of_a_patch(kata, rng):
    """A patch holds its pixels channel by channel, and each channel in reading order."""
    assert_close(kata.patchify(IMAGE, 2), PATCHES)
    for n_images, channels, height, width, size in SIZES:
        images = rng.normal(size=(n_images, channels, height, width))
        assert_close(kata.patchify(images, size), defined(images, size))


def test_order_of_patches(kata):
    """Patches come in reading order: a row of patches from left to right, then the next row."""
    image = np.arange(6.0).repeat(4).reshape(2, 3, 2, 2).swapaxes(1, 2).reshape(1, 1, 4, 6)
    assert_close(kata.patchify(image, 2), np.arange(6.0).repeat(4).reshape(1, 6, 4))
    assert_close(kata.patchify(image, 1), image.reshape(1, 24, 1))


def test_several_images(kata, rng):
    """Each image is cut up by itself."""
    assert_close(kata.patchify(np.array([[[[1.0]]], [[[2.0]]]]), 1), [[[1.0]], [[2.0]]])
    images = rng.normal(size=(3, 2, 4, 6))
    assert_close(kata.patchify(images, 2), np.concatenate([defined(image[None], 2) for image in images]))


def test_not_divisible(kata, rng):
    """A height or width that is not divisible by size raises ValueError."""
    for height, width, size in [(4, 5, 2), (5, 4, 2), (3, 3, 2), (4, 6, 4), (2, 4, 3), (2, 2, 4), (6, 1, 2), (4, 4, 8)]:
        with pytest.raises(ValueError):
            kata.patchify(rng.normal(size=(1, 2, height, width)), size)


def test_way_back(kata, rng):
    """Unpatchify puts every pixel back, also in images that are not square."""
    assert_close(kata.unpatchify(PATCHES, 2, height=2, width=4), IMAGE)
    for n_images, channels, height, width, size in SIZES:
        images = rng.normal(size=(n_images, channels, height, width))
        assert_close(kata.unpatchify(defined(images, size), size, height, width), images)


def test_shape_of_the_image(kata, rng):
    """The same patches make a wide or a high image, as height and width say."""
    patches = np.array([[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]])
    assert_close(kata.unpatchify(patches, 1, height=2, width=3), [[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    assert_close(kata.unpatchify(patches, 1, height=3, width=2), [[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]])
    patches = rng.normal(size=(2, 6, 12))
    for height, width in [(4, 6), (6, 4), (2, 12), (12, 2)]:
        assert_close(defined(kata.unpatchify(patches, 2, height, width), 2), patches, what="the patches of the result")


def test_tokens(kata, rng):
    """A token is patch @ weight.T + bias, with the columns of weight in the order of a flattened patch."""
    weight = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, -1.0]])
    assert_close(kata.embed_patches(IMAGE, weight, np.array([0.5, -1.0])), [[[0.5, -91.0], [2.5, -87.0]]])
    for n_images, channels, height, width, size in SIZES:
        images, bias = rng.normal(size=(n_images, channels, height, width)), rng.normal(size=5)
        weight = rng.normal(size=(5, channels * size * size))
        expected = np.einsum("npi,di->npd", defined(images, size), weight) + bias
        assert_close(kata.embed_patches(images, weight, bias), expected, atol=1e-10)


def test_size_from_the_weight(kata, rng):
    """embed_patches finds the size of a patch from weight and from the number of channels."""
    for channels, size, d_model in [(1, 1, 2), (3, 2, 1), (4, 1, 3), (4, 2, 3), (1, 4, 2), (2, 3, 4), (3, 7, 2)]:
        images = rng.normal(size=(2, channels, 2 * size, 3 * size))
        weight, bias = rng.normal(size=(d_model, channels * size * size)), rng.normal(size=d_model)
        tokens = kata.embed_patches(images, weight, bias)
        assert_equal(np.shape(tokens), (2, 6, d_model), what="the shape of the tokens")
        assert_close(
            tokens[1, 3], weight @ images[1, :, size:, :size].ravel() + bias, atol=1e-10, what="token 3 of image 1"
        )


@strict
def test_pixels_of_bytes(kata, rng):
    """Images may hold bytes, which patches keep."""
    images = rng.integers(0, 256, size=(2, 3, 4, 6)).astype(np.uint8)
    assert_close(kata.patchify(images, 2), defined(images.astype(float), 2))
    assert_close(kata.unpatchify(kata.patchify(images, 2), 2, 4, 6), images.astype(float))


def workload(kata, rng, n):
    """Cut n small images up, put them together and embed them."""
    images = rng.normal(size=(n, 3, 8, 12))
    patches = kata.patchify(images, 4)
    tokens = kata.embed_patches(images, rng.normal(size=(6, 48)), rng.normal(size=6))
    return patches, kata.unpatchify(patches, 4, 8, 12), tokens


MISTAKES = {
    "reshaped without a transpose": (
        "return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n_images,",
        "return grid.reshape(n_images,",
    ),
    "pixel by pixel, channels last": (
        "return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n_images,",
        "return grid.transpose(0, 2, 4, 3, 5, 1).reshape(n_images,",
    ),
    "patches in columns": (
        "return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n_images,",
        "return grid.transpose(0, 4, 2, 1, 3, 5).reshape(n_images,",
    ),
    "each patch transposed": (
        "return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n_images,",
        "return grid.transpose(0, 2, 4, 1, 5, 3).reshape(n_images,",
    ),
    "strided pixels instead of blocks": (
        (
            "images.reshape(n_images, channels, height // size, size, width // size, size)\n"
            "    return grid.transpose(0, 2, 4, 1, 3, 5)"
        ),
        (
            "images.reshape(n_images, channels, size, height // size, size, width // size)\n"
            "    return grid.transpose(0, 3, 5, 1, 2, 4)"
        ),
    ),
    "the rest of the image cut off": (
        "    # Where size does not divide a side, reshape raises ValueError itself.\n    grid = images.reshape(",
        (
            "    height, width = height // size * size, width // size * size\n"
            "    grid = images[:, :, :height, :width].reshape("
        ),
    ),
    "padded with zeros": (
        "    # Where size does not divide a side, reshape raises ValueError itself.\n",
        (
            "    images = np.pad(images, ((0, 0), (0, 0), (0, -height % size), (0, -width % size)))\n"
            "    height, width = images.shape[2:]\n"
        ),
    ),
    "height and width swapped on the way back": (
        "    rows, columns = height // size, width // size\n    grid",
        "    rows, columns = width // size, height // size\n    grid",
    ),
    "a square grid assumed": (
        "    rows, columns = height // size, width // size\n    grid",
        "    rows = columns = round(patches.shape[1] ** 0.5)\n    grid",
    ),
    "the same transpose for the way back": ("grid.transpose(0, 3, 1, 4, 2, 5)", "grid.transpose(0, 2, 4, 1, 3, 5)"),
    "three channels assumed": ("weight.shape[1] // images.shape[1]", "weight.shape[1] // 3"),
    "one channel assumed": ("weight.shape[1] // images.shape[1]", "weight.shape[1]"),
    "bias forgotten": ("patchify(images, size) @ weight.T + bias", "patchify(images, size) @ weight.T"),
    "only the first image": ("    grid = images.reshape(", "    grid = images[:1].repeat(n_images, 0).reshape("),
}
