# different style; both bars
# Replace each `raise NotImplementedError`. NumPy and the standard library only. Leave the arguments unchanged.
# Strict: arrays may hold integers of any type. To grade: nox -s grade -- patch_embedding
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
    n, channels, height, width = images.shape
    if height % size or width % size:
        raise ValueError("height and width must be divisible by size")
    columns = width // size
    patches = np.empty((n, height // size * columns, channels * size * size), dtype=images.dtype)
    for p in range(patches.shape[1]):
        top, left = size * (p // columns), size * (p % columns)
        window = images[:, :, top : top + size, left : left + size]
        patches[:, p] = window.reshape(n, patches.shape[2])
    return patches


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
    n, _, length = patches.shape
    channels = length // (size * size)
    # for each pixel, the patch in which it is, and its place in there
    rows, columns = np.arange(height)[:, None], np.arange(width)
    patch = rows // size * (width // size) + columns // size
    place = rows % size * size + columns % size
    channel = np.arange(channels)[:, None, None]
    return patches[:, patch, channel * size * size + place]


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
    d_model, length = weight.shape
    channels = images.shape[1]
    size = math.isqrt(length // channels)
    height, width = images.shape[2] // size, images.shape[3] // size
    if images.shape[2] % size or images.shape[3] % size:
        raise ValueError("height and width must be divisible by size")
    images, weight = np.asarray(images, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    # as a convolution: one product for each pixel of a patch, over all patches
    kernel = weight.reshape(d_model, channels, size, size)
    tokens = np.zeros((len(images), height, width, d_model)) + np.asarray(bias, dtype=np.float64)
    for u in range(size):
        for v in range(size):
            tokens += np.einsum("ncij,mc->nijm", images[:, :, u::size, v::size], kernel[:, :, u, v])
    return tokens.reshape(len(images), height * width, d_model)
