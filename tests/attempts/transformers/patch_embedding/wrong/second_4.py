# wrong (core): the pixels of a channel are flattened column by column when tokens are made
"""Image patches as tokens, the first layer of a vision transformer.

An image is cut into squares of size by size pixels that do not overlap. Each patch is flattened into one row:

    images     (n_images, channels, height, width)
    patches    (n_images, n_patches, channels * size * size)

Patches are in reading order: the top row of patches from left to right, then the next row. Within a patch, all pixels
of channel 0 come first, then those of channel 1 and so on; the pixels of a channel are in reading order too.

Source: Dosovitskiy et al., An Image is Worth 16x16 Words (2021), section 3.1. The order is that of PyTorch's unfold.
"""

import numpy as np
import math


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
    images = np.asarray(images)
    n, c, h, w = images.shape
    if h % size or w % size:
        raise ValueError("height and width have to be divisible by size")
    grid = images.reshape(n, c, h // size, size, w // size, size)
    return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n, (h // size) * (w // size), c * size * size)


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
    patches = np.asarray(patches)
    n, _, d = patches.shape
    c = d // (size * size)
    grid = patches.reshape(n, height // size, width // size, c, size, size)
    return grid.transpose(0, 3, 1, 4, 2, 5).reshape(n, c, height, width)


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
    weight = np.asarray(weight, dtype=np.float64)
    size = math.isqrt(weight.shape[1] // np.shape(images)[1])
    patches = patchify(np.swapaxes(images, 2, 3), size).astype(np.float64)
    gw, gh = np.shape(images)[3] // size, np.shape(images)[2] // size
    patches = patches.reshape(len(patches), gw, gh, -1).swapaxes(1, 2).reshape(patches.shape)
    return patches @ weight.T + bias
