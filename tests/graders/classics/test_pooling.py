import numpy as np

from katagrad.testing import assert_close, numerical_gradient, strict

# n, channels, height, width, size, stride, padding.
EVEN = [(2, 3, 4, 6, 2, 2, 0), (1, 2, 6, 3, 3, 3, 0), (2, 1, 3, 5, 1, 1, 0), (1, 1, 2, 2, 2, 1, 0)]
OVERLAPPING = [(2, 2, 5, 7, 3, 1, 0), (1, 3, 7, 5, 3, 2, 0), (2, 1, 4, 6, 2, 1, 0)]
LEFT_OVER = [(2, 2, 5, 7, 2, 2, 0), (1, 2, 5, 6, 2, 4, 0), (1, 1, 7, 8, 3, 3, 0), (1, 2, 5, 4, 1, 3, 0)]
PADDED = [(2, 2, 4, 5, 3, 1, 1), (1, 3, 5, 4, 2, 2, 1), (2, 1, 3, 7, 3, 2, 1), (1, 2, 4, 3, 4, 3, 2)]

X = np.array([[[[1.0, 3.0, 2.0], [5.0, 0.0, 4.0]]]])


def windows(x, size, stride, padding):
    """Yield each output place with the pixels of its window: their places in x."""
    height, width = x.shape[2:]
    for i, top in enumerate(range(-padding, height + padding - size + 1, stride)):
        for j, left in enumerate(range(-padding, width + padding - size + 1, stride)):
            rows, columns = range(top, top + size), range(left, left + size)
            yield (
                (i, j),
                [(row, column) for row in rows for column in columns if 0 <= row < height and 0 <= column < width],
            )


def pooled(x, size, stride, padding, pool):
    """Return the output by the definition, one window of one channel at a time."""
    places = list(windows(x, size, stride, padding))
    out = np.empty((*x.shape[:2], *np.add(max(place for place, _ in places), 1)))
    for (i, j), pixels in places:
        for n, c in np.ndindex(x.shape[:2]):
            values = [x[n, c, row, column] for row, column in pixels]
            out[n, c, i, j] = max(values) if pool == "max" else sum(values) / size**2
    return out


def gradient(grad_out, x, size, stride, padding, pool):
    """Return the gradient for x, one window of one channel at a time."""
    grad_x = np.zeros(x.shape)
    for (i, j), pixels in windows(x, size, stride, padding):
        for n, c in np.ndindex(x.shape[:2]):
            values = [x[n, c, row, column] for row, column in pixels]
            for place, (row, column) in enumerate(pixels):
                share = place == values.index(max(values)) if pool == "max" else 1 / size**2
                grad_x[n, c, row, column] += share * grad_out[n, c, i, j]
    return grad_x


def functions(kata, pool):
    """Return forward and backward of a kind of pooling."""
    if pool == "max":
        return kata.max_pool_forward, kata.max_pool_backward
    return kata.average_pool_forward, kata.average_pool_backward


def assert_pooled(kata, rng, cases, pool):
    """Check forward and backward on some cases."""
    forward, backward = functions(kata, pool)
    for *shape, size, stride, padding in cases:
        x = rng.normal(size=shape) - 1
        out, cache = forward(x, size, stride, padding)
        assert_close(out, pooled(x, size, stride, padding, pool))
        grad_out = rng.normal(size=np.shape(out))
        assert_close(backward(grad_out, cache), gradient(grad_out, x, size, stride, padding, pool))


def test_maximum(kata, rng):
    """Max pooling takes the largest number of each window, channel by channel, and sends it the gradient."""
    out, cache = kata.max_pool_forward(X, 2, 1)
    assert_close(out, [[[[5.0, 4.0]]]])
    assert_close(kata.max_pool_backward(np.array([[[[7.0, -2.0]]]]), cache), [[[[0, 0, 0], [7.0, 0, -2.0]]]])
    assert_pooled(kata, rng, EVEN, "max")


def test_mean(kata, rng):
    """Average pooling takes the mean of each window, and spreads the gradient evenly."""
    out, cache = kata.average_pool_forward(X, 2, 1)
    assert_close(out, [[[[2.25, 2.25]]]])
    assert_close(kata.average_pool_backward(np.array([[[[4.0, 8.0]]]]), cache), [[[[1.0, 3.0, 2.0], [1.0, 3.0, 2.0]]]])
    assert_pooled(kata, rng, EVEN, "average")


def test_overlapping_windows(kata, rng):
    """Where windows overlap, a pixel collects the gradients of all of them."""
    x = np.array([[[[1.0, 9.0, 1.0]]]])
    cache = kata.max_pool_forward(np.concatenate([x, x - 1], axis=2), 2, 1).cache
    assert_close(kata.max_pool_backward(np.array([[[[2.0, 3.0]]]]), cache), [[[[0, 5.0, 0], [0, 0, 0]]]])
    for pool in ("max", "average"):
        assert_pooled(kata, rng, OVERLAPPING, pool)


def test_rest(kata, rng):
    """Rows and columns that no window reaches have gradient 0."""
    x = np.array([[[[1.0, 2.0, 3.0]]]])
    out, cache = kata.max_pool_forward(x, 1, 2)
    assert_close(out, [[[[1.0, 3.0]]]])
    assert_close(kata.max_pool_backward(np.array([[[[4.0, 5.0]]]]), cache), [[[[4.0, 0.0, 5.0]]]])
    for pool in ("max", "average"):
        assert_pooled(kata, rng, LEFT_OVER, pool)


def test_padding_of_the_maximum(kata, rng):
    """Padding is never the maximum, also if all pixels are negative."""
    out, cache = kata.max_pool_forward(np.array([[[[-4.0, -8.0]]]]), 2, 2, 1)
    assert_close(out, [[[[-4.0, -8.0]]]])
    assert_close(kata.max_pool_backward(np.array([[[[1.0, 2.0]]]]), cache), [[[[1.0, 2.0]]]])
    assert_pooled(kata, rng, PADDED, "max")


def test_padding_of_the_mean(kata, rng):
    """Zeros of the padding count: the mean divides by size * size everywhere."""
    out, cache = kata.average_pool_forward(np.array([[[[4.0, 8.0]]]]), 2, 2, 1)
    assert_close(out, [[[[1.0, 2.0]]]])
    assert_close(kata.average_pool_backward(np.array([[[[4.0, 12.0]]]]), cache), [[[[1.0, 3.0]]]])
    assert_pooled(kata, rng, PADDED, "average")


def test_ties(kata, rng):
    """Of several maxima the first in reading order gets the gradient."""
    x = np.array([[[[1.0, 3.0, 3.0], [2.0, 0.0, 3.0]]]])
    cache = kata.max_pool_forward(x, 2, 1).cache
    assert_close(kata.max_pool_backward(np.array([[[[10.0, 1.0]]]]), cache), [[[[0.0, 11.0, 0.0], [0.0, 0.0, 0.0]]]])
    for *shape, size, stride, padding in EVEN + OVERLAPPING + PADDED:
        x = rng.integers(-2, 1, size=shape).astype(float)
        out, cache = kata.max_pool_forward(x, size, stride, padding)
        grad_out = rng.normal(size=np.shape(out))
        assert_close(kata.max_pool_backward(grad_out, cache), gradient(grad_out, x, size, stride, padding, "max"))


def test_finite_differences(kata, rng):
    """The gradients are those of the loss sum(grad_out * out)."""
    x = rng.permutation(40.0 * np.arange(40)).reshape(1, 2, 4, 5)
    for pool in ("max", "average"):
        forward, backward = functions(kata, pool)
        out, cache = forward(x, 3, 2, 1)
        grad_out = rng.normal(size=np.shape(out))

        def loss(moved, grad_out=grad_out, pool=pool):
            return (grad_out * pooled(moved, 3, 2, 1, pool)).sum()

        assert_close(backward(grad_out, cache), numerical_gradient(loss, x, step=1e-2), rtol=1e-5, atol=1e-8)


def test_cache(kata, rng):
    """The backward pass belongs to the call that made the cache, also a second time."""
    for pool in ("max", "average"):
        forward, backward = functions(kata, pool)
        x = rng.normal(size=(2, 1, 5, 4))
        out, cache = forward(x, 2, 1, 1)
        forward(rng.normal(size=(1, 2, 4, 4)), 2, 2)
        grad_out = rng.normal(size=np.shape(out))
        for _ in range(2):
            assert_close(backward(grad_out, cache), gradient(grad_out, x, 2, 1, 1, pool))


@strict
def test_bytes(kata, rng):
    """Images may hold bytes; means are fractions, and sums do not fit into a byte."""
    for x in (
        rng.integers(0, 256, size=(2, 2, 5, 4)).astype(np.uint8),
        rng.integers(-128, 0, (2, 2, 5, 4)).astype(np.int8),
    ):
        for pool in ("max", "average"):
            out = functions(kata, pool)[0](x, 2, 1, 1).out
            assert_close(out, pooled(x.astype(float), 2, 1, 1, pool))


def workload(kata, rng, n):
    """Pool n small images with ties, overlapping and padded windows, and go back."""
    found = []
    for size, stride, padding in [(2, 2, 0), (3, 1, 1), (2, 3, 1)]:
        x = rng.integers(-3, 3, size=(n, 2, 6, 5)).astype(float)
        for pool in ("max", "average"):
            forward, backward = functions(kata, pool)
            out, cache = forward(x, size, stride, padding)
            found += [out, backward(rng.normal(size=np.shape(out)), cache)]
    return found


MISTAKES = {
    "max pooling pads with zeros": (
        "_windows(x, size, stride, padding, -np.inf)",
        "_windows(x, size, stride, padding, 0.0)",
    ),
    "the mean leaves the padding out": (
        "    return Forward(windows.mean(axis=-1), (x",
        (
            "    inside = _windows(np.ones(x.shape), size, stride, padding, 0.0).sum(axis=-1)\n"
            "    return Forward(windows.sum(axis=-1) / inside, (x"
        ),
    ),
    "every maximum gets the gradient": [
        ("(windows.argmax(axis=-1), x.shape", "(windows == windows.max(axis=-1, keepdims=True), x.shape"),
        ("(chosen[..., np.newaxis] == np.arange(size * size))", "chosen"),
    ],
    "maxima share the gradient": [
        ("(windows.argmax(axis=-1), x.shape", "(windows == windows.max(axis=-1, keepdims=True), x.shape"),
        ("(chosen[..., np.newaxis] == np.arange(size * size))", "chosen / chosen.sum(axis=-1, keepdims=True)"),
    ],
    "the last maximum gets the gradient": (
        "(windows.argmax(axis=-1), x.shape",
        "(size * size - 1 - windows[..., ::-1].argmax(axis=-1), x.shape",
    ),
    "overlapping windows overwrite each other": (": stride] += shares[..., place]", ": stride] = shares[..., place]"),
    "the gradient of the mean not divided": ("grad_out[..., np.newaxis] / size**2", "grad_out[..., np.newaxis]"),
    "the gradient of the mean divided by size": (
        "grad_out[..., np.newaxis] / size**2",
        "grad_out[..., np.newaxis] / size",
    ),
    "the gradient with its padding": (
        "    return padded[:, :, padding : padding + height, padding : padding + width]\n\n\ndef max_pool_forward_via",
        "    return padded\n\n\ndef max_pool_forward_via",
    ),
    "the padding cut off by a negative index, which fails for 0": (
        "    return padded[:, :, padding : padding + height, padding : padding + width]\n\n\ndef max_pool_forward_via",
        "    return padded[:, :, padding:-padding, padding:-padding]\n\n\ndef max_pool_forward_via",
    ),
    "stride taken for size": (
        "[:, :, ::stride, ::stride]\n    return windows.reshape",
        "[:, :, ::size, ::size]\n    return windows.reshape",
    ),
    "stride 1": ("[:, :, ::stride, ::stride]\n    return windows.reshape", "\n    return windows.reshape"),
    "maximum over channels too": (
        "windows.max(axis=-1), (",
        "windows.max(axis=(1, -1), keepdims=True)[..., 0] + 0 * windows[..., 0], (",
    ),
    "rows and columns of a window swapped on the way back": (
        "u, v = divmod(place, size)",
        "v, u = divmod(place, size)",
    ),
    "the gradient to the first pixel of each window": (
        "(windows.argmax(axis=-1), x.shape",
        "(0 * windows.argmax(axis=-1), x.shape",
    ),
    "padding on one side": (
        "(padding, padding), (padding, padding))\n    padded = np.pad(x.astype",
        "(2 * padding, 0), (2 * padding, 0))\n    padded = np.pad(x.astype",
    ),
    "a last window that reaches beyond the image": (
        "    padded = np.pad(x.astype(float), sides, constant_values=fill)\n",
        (
            "    rest = [-(side + 2 * padding - size) % stride for side in x.shape[2:]]\n"
            "    sides = (*sides[:2], (padding, padding + rest[0]), (padding, padding + rest[1]))\n"
            "    padded = np.pad(x.astype(float), sides, constant_values=fill)\n"
        ),
    ),
}

STRICT_MISTAKES = {
    "the type of x kept": ("np.pad(x.astype(float), sides", "np.pad(x, sides"),
}
