"""Image patches as tokens, the first layer of a vision transformer.

An image is cut into squares of size by size pixels that do not overlap. Each patch is flattened into one row:

    images     (n_images, channels, height, width)
    patches    (n_images, n_patches, channels * size * size)

Patches are in reading order: the top row of patches from left to right, then the next row. Within a patch, all pixels
of channel 0 come first, then those of channel 1 and so on; the pixels of a channel are in reading order too.

Source: Dosovitskiy et al., An Image is Worth 16x16 Words (2021), section 3.1. The order is that of PyTorch's unfold.
"""

import math

import numpy as np


def patchify(images: np.ndarray, size: int) -> np.ndarray:
    """Cut images into patches.

    Parameters
    ----------
    images : array of shape (n_images, channels, height, width)
    size : int
        The side of a patch in pixels, at least 1.

    Raises
    ------
    ValueError
        If height or width is not divisible by size.

    Examples
    --------
    >>> image = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> patchify(image, 2)
    array([[[ 0.,  1.,  4.,  5.],
            [ 2.,  3.,  6.,  7.],
            [ 8.,  9., 12., 13.],
            [10., 11., 14., 15.]]])
    """
    n_images, channels, height, width = images.shape
    # Where size does not divide a side, reshape raises ValueError itself.
    grid = images.reshape(n_images, channels, height // size, size, width // size, size)
    return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n_images, -1, channels * size * size)


def unpatchify(patches: np.ndarray, size: int, height: int, width: int) -> np.ndarray:
    """Put patches together again: the inverse of patchify.

    Parameters
    ----------
    patches : array of shape (n_images, n_patches, channels * size * size)
    size : int
    height, width : int
        Of the images, both divisible by size.

    Returns
    -------
    array of shape (n_images, channels, height, width)

    Examples
    --------
    >>> patches = np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
    >>> unpatchify(patches, 1, height=1, width=3)
    array([[[[1., 3., 5.]],
    <BLANKLINE>
            [[2., 4., 6.]]]])
    """
    rows, columns = height // size, width // size
    grid = patches.reshape(len(patches), rows, columns, -1, size, size)
    return grid.transpose(0, 3, 1, 4, 2, 5).reshape(len(patches), -1, height, width)


def embed_patches(images: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Map each patch to a token: patch @ weight.T + bias.

    This is a convolution with kernel and stride of one patch.

    Parameters
    ----------
    images : array of shape (n_images, channels, height, width)
    weight : array of shape (d_model, channels * size * size)
        Its columns are in the order of a flattened patch. size follows from it and from channels.
    bias : array of shape (d_model,)

    Returns
    -------
    array of shape (n_images, n_patches, d_model)

    Examples
    --------
    >>> image = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> embed_patches(image, np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]), np.array([0.0, 100.0]))
    array([[[  0., 110.],
            [  2., 118.]]])
    """
    size = math.isqrt(weight.shape[1] // images.shape[1])
    return patchify(images, size) @ weight.T + bias


def patchify_via_windows(images: np.ndarray, size: int) -> np.ndarray:
    """Take every size-th of all windows of the size of a patch."""
    if any(side % size for side in images.shape[2:]):
        raise ValueError("the sides are not divisible by the size of a patch")
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(2, 3))[:, :, ::size, ::size]
    rows = np.moveaxis(windows, 1, 3)
    return rows.reshape(len(images), rows.shape[1] * rows.shape[2], images.shape[1] * size * size)


def patchify_via_loop(images: np.ndarray, size: int) -> np.ndarray:
    """Cut out and flatten one patch after the other."""
    height, width = images.shape[2:]
    if height // size * size != height or width // size * size != width:
        raise ValueError("the sides are not divisible by the size of a patch")
    corners = [(top, left) for top in range(0, height, size) for left in range(0, width, size)]
    return np.array(
        [[image[:, top : top + size, left : left + size].ravel() for top, left in corners] for image in images]
    )


def unpatchify_via_blocks(patches: np.ndarray, size: int, height: int, width: int) -> np.ndarray:
    """Join the patches of a row side by side, and the rows one below the other."""
    squares = patches.reshape(*patches.shape[:2], -1, size, size)
    per_row = width // size
    rows = [
        np.concatenate([squares[:, i + j] for j in range(per_row)], -1) for i in range(0, squares.shape[1], per_row)
    ]
    return np.concatenate(rows, axis=2).reshape(len(patches), -1, height, width)


def unpatchify_via_loop(patches: np.ndarray, size: int, height: int, width: int) -> np.ndarray:
    """Write each pixel where it belongs."""
    channels = patches.shape[2] // size**2
    images = np.empty((len(patches), channels, height, width), dtype=patches.dtype)
    for channel in range(channels):
        for y in range(height):
            for x in range(width):
                place = channel * size * size + y % size * size + x % size
                images[:, channel, y, x] = patches[:, y // size * (width // size) + x // size, place]
    return images


def embed_patches_via_convolution(images: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Slide a kernel over the image in steps of its own size."""
    channels, height, width = images.shape[1:]
    per_channel = weight.reshape(len(weight), channels, -1)
    size = math.isqrt(per_channel.shape[2])
    kernel = per_channel.reshape(*per_channel.shape[:2], size, size)
    rows, columns = height // size, width // size
    tokens = np.zeros((len(images), rows, columns, len(weight)))
    for i in range(size):
        for j in range(size):
            tokens += np.einsum("ncyx,dc->nyxd", images[:, :, i::size, j::size], kernel[:, :, i, j])
    return tokens.reshape(len(images), rows * columns, len(weight)) + bias


def embed_patches_via_loop(images: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Multiply one patch at a time."""
    size = 1
    while size * size * images.shape[1] < weight.shape[1]:
        size += 1
    return np.array([[weight @ patch + bias for patch in patches] for patches in patchify_via_loop(images, size)])
