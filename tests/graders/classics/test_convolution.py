import numpy as np

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

# n, in_channels, height, width, out_channels, kernel_height, kernel_width, stride, padding: no two problems alike.
PLAIN = [
    (2, 3, 5, 7, 4, 3, 2, 1, 0),
    (1, 1, 4, 3, 1, 1, 1, 1, 0),
    (3, 2, 3, 5, 2, 3, 5, 1, 0),
    (1, 2, 6, 4, 3, 2, 3, 1, 0),
]
PADDED = [
    (2, 2, 4, 5, 3, 3, 3, 1, 1),
    (1, 3, 3, 2, 2, 2, 4, 1, 2),
    (2, 1, 1, 1, 2, 3, 3, 1, 1),
    (2, 2, 3, 4, 3, 1, 1, 1, 1),
]
STRIDED = [
    (2, 2, 7, 5, 3, 3, 3, 2, 0),
    (1, 2, 5, 9, 2, 2, 3, 3, 0),
    (2, 3, 6, 4, 2, 1, 1, 2, 0),
    (2, 2, 4, 6, 3, 3, 2, 2, 1),
]
LEFT_OVER = [
    (2, 2, 6, 8, 3, 3, 3, 2, 0),
    (1, 1, 5, 6, 2, 2, 2, 3, 0),
    (2, 2, 5, 5, 2, 2, 3, 4, 1),
    (1, 2, 4, 7, 2, 4, 3, 5, 0),
]

X = np.array([[[[1.0, 2.0, 3.0, 4.0]]]])
WEIGHT = np.array([[[[1.0, 10.0]]]])


def draw(rng, case):
    """Return x, weight, bias, stride, padding of a case."""
    n, channels, height, width, n_out, kernel_height, kernel_width, stride, padding = case
    x = rng.normal(size=(n, channels, height, width))
    return x, rng.normal(size=(n_out, channels, kernel_height, kernel_width)), rng.normal(size=n_out), stride, padding


def places(x, weight, stride, padding):
    """Return the padded images and the corners of all windows, by output place."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = range(0, padded.shape[2] - weight.shape[2] + 1, stride)
    columns = range(0, padded.shape[3] - weight.shape[3] + 1, stride)
    return padded, {(i, j): (top, left) for i, top in enumerate(rows) for j, left in enumerate(columns)}


def defined(x, weight, bias, stride, padding):
    """Return out, one place at a time."""
    padded, corners = places(x, weight, stride, padding)
    out = np.empty((len(x), len(weight), *np.add(max(corners), 1)))
    for (i, j), (top, left) in corners.items():
        window = padded[:, :, top : top + weight.shape[2], left : left + weight.shape[3]]
        for o, kernel in enumerate(weight):
            out[:, o, i, j] = (window * kernel).sum(axis=(1, 2, 3)) + bias[o]
    return out


def defined_gradients(grad_out, x, weight, stride, padding):
    """Return the gradients: each place of the output passes its own back to its window and to its kernel."""
    padded, corners = places(x, weight, stride, padding)
    grad_padded, grad_weight = np.zeros(padded.shape), np.zeros(weight.shape)
    for (i, j), (top, left) in corners.items():
        window = np.s_[:, top : top + weight.shape[2], left : left + weight.shape[3]]
        for n in range(len(x)):
            for o, kernel in enumerate(weight):
                grad_padded[n][window] += grad_out[n, o, i, j] * kernel
                grad_weight[o] += grad_out[n, o, i, j] * padded[n][window]
    height, width = x.shape[2:]
    inside = np.s_[:, :, padding : padding + height, padding : padding + width]
    return grad_padded[inside], grad_weight, grad_out.sum(axis=(0, 2, 3))


def assert_backward(kata, rng, cases):
    """Check the gradients of some cases."""
    for case in cases:
        x, weight, bias, stride, padding = draw(rng, case)
        out, cache = kata.conv2d_forward(x, weight, bias, stride, padding)
        grad_out = rng.normal(size=np.shape(out))
        found = kata.conv2d_backward(grad_out, cache)
        for have, want in zip(found, defined_gradients(grad_out, x, weight, stride, padding), strict=True):
            assert_close(have, want, atol=1e-10)


def test_windows(kata, rng):
    """An output is the bias plus the sum of window times kernel over all input channels; the kernel is not flipped."""
    assert_close(kata.conv2d_forward(X, WEIGHT, np.array([0.5])).out, [[[[21.5, 32.5, 43.5]]]])
    column = kata.conv2d_forward(X.swapaxes(2, 3), WEIGHT.swapaxes(2, 3), np.array([0.0])).out
    assert_close(column, [[[[21.0], [32.0], [43.0]]]])
    for case in PLAIN:
        problem = draw(rng, case)
        assert_close(kata.conv2d_forward(*problem).out, defined(*problem), atol=1e-10)


def test_padding(kata, rng):
    """Zeros stand on all four sides of the image."""
    out = kata.conv2d_forward(X, WEIGHT, np.array([0.0]), padding=1).out
    assert_close(out, [[[[0.0] * 5, [10.0, 21.0, 32.0, 43.0, 4.0], [0.0] * 5]]])
    # A kernel of one entry meets the zeros as well: there only the bias is left.
    out = kata.conv2d_forward(X, np.array([[[[2.0]]]]), np.array([0.5]), padding=1).out
    assert_close(out, [[[[0.5] * 6, [0.5, 2.5, 4.5, 6.5, 8.5, 0.5], [0.5] * 6]]])
    for case in PADDED:
        problem = draw(rng, case)
        assert_close(kata.conv2d_forward(*problem).out, defined(*problem), atol=1e-10)


def test_stride(kata, rng):
    """The window moves in steps of stride, down and to the right."""
    assert_close(kata.conv2d_forward(X, WEIGHT, np.array([0.0]), stride=2).out, [[[[21.0, 43.0]]]])
    for case in STRIDED:
        problem = draw(rng, case)
        assert_close(kata.conv2d_forward(*problem).out, defined(*problem), atol=1e-10)


def test_rest(kata, rng):
    """If the steps do not come out even, the last rows and columns are used by no window, and get gradient 0."""
    out, cache = kata.conv2d_forward(X, WEIGHT, np.array([0.0]), stride=3)
    assert_close(out, [[[[21.0]]]])
    assert_close(kata.conv2d_backward(np.array([[[[2.0]]]]), cache).grad_x, [[[[2.0, 20.0, 0.0, 0.0]]]])
    for case in LEFT_OVER:
        problem = draw(rng, case)
        assert_close(kata.conv2d_forward(*problem).out, defined(*problem), atol=1e-10)
    assert_backward(kata, rng, LEFT_OVER)


def test_gradients(kata, rng):
    """Backward returns the gradients for x, weight and bias, summed over everything that each had a part in."""
    cache = kata.conv2d_forward(X, WEIGHT, np.array([0.5])).cache
    found = kata.conv2d_backward(np.array([[[[1.0, 0.0, 2.0]]]]), cache)
    assert_close(found.grad_x, [[[[1.0, 10.0, 2.0, 20.0]]]])
    assert_close(found.grad_weight, [[[[7.0, 10.0]]]])
    assert_close(found.grad_bias, [3.0])
    assert_backward(kata, rng, PLAIN)


def test_gradients_with_padding_and_stride(kata, rng):
    """The gradient for x has the shape of x, without the padding."""
    cache = kata.conv2d_forward(X, WEIGHT, np.array([0.0]), 2, 1).cache
    found = kata.conv2d_backward(np.array([[[[5.0, 1.0, 3.0], [9.0, 9.0, 9.0]]]]), cache)
    assert_close(found.grad_x, [[[[0.0, 0.0, 0.0, 0.0]]]])
    cache = kata.conv2d_forward(X, WEIGHT, np.array([0.0]), 1, 1).cache
    grad_out = np.array([[[[9.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], [9.0] * 5]]])
    assert_close(kata.conv2d_backward(grad_out, cache).grad_x, [[[[12.0, 23.0, 34.0, 45.0]]]])
    assert_backward(kata, rng, PADDED + STRIDED)


def test_finite_differences(kata, rng):
    """The gradients are those of the loss sum(grad_out * out)."""
    x, weight, bias, stride, padding = draw(rng, (2, 2, 4, 3, 2, 2, 3, 2, 1))
    out, cache = kata.conv2d_forward(x, weight, bias, stride, padding)
    grad_out = rng.normal(size=np.shape(out))
    found = kata.conv2d_backward(grad_out, cache)

    def loss(x, weight):
        return (grad_out * defined(x, weight, bias, stride, padding)).sum()

    assert_close(found.grad_x, numerical_gradient(lambda moved: loss(moved, weight), x), rtol=1e-5, atol=1e-8)
    assert_close(found.grad_weight, numerical_gradient(lambda moved: loss(x, moved), weight), rtol=1e-5, atol=1e-8)


def test_cache(kata, rng):
    """The backward pass belongs to the call that made the cache, also a second time."""
    for case, other in [(STRIDED[0], PADDED[0]), (PADDED[0], PADDED[0])]:
        first, second = draw(rng, case), draw(rng, other)
        out, cache = kata.conv2d_forward(*first)
        kata.conv2d_forward(*second)
        grad_out = rng.normal(size=np.shape(out))
        for _ in range(2):
            found = kata.conv2d_backward(grad_out, cache)
            for have, want in zip(found, defined_gradients(grad_out, first[0], first[1], *first[3:]), strict=True):
                assert_close(have, want, atol=1e-10)


def test_time(kata, rng):
    """A batch of images is convolved by array operations."""
    x, weight = rng.normal(size=(8, 8, 40, 40)), rng.normal(size=(16, 8, 3, 3))
    out, cache = kata.conv2d_forward(x, weight, np.zeros(16), 1, 1)
    assert_equal(np.shape(out), (8, 16, 40, 40), what="the shape of the output")
    assert_close(out[3, 5, 7, 0], (x[3, :, 6:9, :2] * weight[5, :, :, 1:]).sum(), atol=1e-10, what="out[3, 5, 7, 0]")
    assert_equal(np.shape(kata.conv2d_backward(out, cache).grad_x), x.shape, what="the shape of grad_x")


@strict
def test_bytes(kata, rng):
    """Images may hold bytes, of which sums do not fit into a byte."""
    x, weight, bias, stride, padding = draw(rng, PADDED[0])
    x = rng.integers(0, 256, size=x.shape).astype(np.uint8)
    weight = rng.integers(-3, 4, size=weight.shape).astype(np.int8)
    out, cache = kata.conv2d_forward(x, weight, bias, stride, padding)
    assert_close(out, defined(x.astype(float), weight.astype(float), bias, stride, padding))
    grad_out = rng.normal(size=np.shape(out))
    expected = defined_gradients(grad_out, x.astype(float), weight.astype(float), stride, padding)
    for have, want in zip(kata.conv2d_backward(grad_out, cache), expected, strict=True):
        assert_close(have, want, atol=1e-9)


def workload(kata, rng, n):
    """Two convolutions of n small images, with and without padding and stride, and their gradients."""
    found = []
    for stride, padding in [(1, 1), (2, 0)]:
        x, weight = rng.normal(size=(n, 2, 6, 5)), rng.normal(size=(3, 2, 3, 2))
        step = kata.conv2d_forward(x, weight, rng.normal(size=3), stride, padding)
        found += [step.out, kata.conv2d_backward(rng.normal(size=np.shape(step.out)), step.cache)]
    return found


MISTAKES = {
    "the kernel flipped": (
        "    out = np.tensordot(windows, weight, axes",
        "    out = np.tensordot(windows, weight[:, :, ::-1, ::-1], axes",
    ),
    "no bias": ("np.moveaxis(out + bias, -1, 1)", "np.moveaxis(out, -1, 1)"),
    "output channels last": ("np.moveaxis(out + bias, -1, 1)", "out + bias"),
    "stride in one direction only": ("windows[:, :, ::stride, ::stride]", "windows[:, :, ::stride]"),
    "stride ignored": ("windows[:, :, ::stride, ::stride]", "windows"),
    "padding on one side of each axis": (
        "((0, 0), (0, 0), (padding, padding), (padding, padding)))",
        "((0, 0), (0, 0), (padding, 0), (padding, 0)))",
    ),
    "padding with the edge": (
        "(padding, padding), (padding, padding)))",
        '(padding, padding), (padding, padding)), mode="edge")',
    ),
    "padding ignored": ("padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))", "padded = x"),
    "gradient of x with the padding": (
        "grad_padded[:, :, padding : padding + height, padding : padding + width]",
        "grad_padded",
    ),
    "padding cut off by a negative index, which fails for 0": (
        "grad_padded[:, :, padding : padding + height, padding : padding + width]",
        "grad_padded[:, :, padding:-padding, padding:-padding]",
    ),
    "gradient of x ignores the stride": (
        "slice(u, u + stride * n_rows, stride), slice(v, v + stride * n_columns, stride)",
        "slice(u, u + n_rows), slice(v, v + n_columns)",
    ),
    "gradient of x with the kernel flipped": (
        'np.einsum("noij,oc->ncij", grad_out, weight[:, :, u, v])',
        'np.einsum("noij,oc->ncij", grad_out, weight[:, :, ::-1, ::-1][:, :, u, v])',
    ),
    "windows overwrite each other": ("grad_padded[:, :, rows, columns] += np", "grad_padded[:, :, rows, columns] = np"),
    "bias gradient of the first image": ("grad_out.sum(axis=(0, 2, 3))", "grad_out[0].sum(axis=(1, 2))"),
    "bias gradient as a mean over the batch": (
        "grad_out.sum(axis=(0, 2, 3))",
        "grad_out.sum(axis=(2, 3)).mean(axis=0)",
    ),
    "weight gradient as a mean over the batch": (
        "return Backward(grad_x, grad_weight,",
        "return Backward(grad_x, grad_weight / len(x),",
    ),
    "weight gradient with all the padding at the end": (
        "    grad_weight = np.tensordot(grad_out, _windows(x, weight, stride, padding), axes",
        (
            "    moved = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))\n"
            "    grad_weight = np.tensordot(grad_out, _windows(moved, weight, stride, 0), axes"
        ),
    ),
    "height for width": (
        "    height, width = x.shape[2:]\n    grad_padded",
        "    height = width = x.shape[2]\n    grad_padded",
    ),
    "an image padded up to full windows": (
        "    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))\n",
        (
            "    rest = [-(x.shape[axis] + 2 * padding - weight.shape[axis]) % stride for axis in (2, 3)]\n"
            "    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding + rest[0]), (padding, padding + rest[1])))\n"
        ),
    ),
    "the last window missing": (
        "return windows[:, :, ::stride, ::stride]",
        "return windows[:, :, ::stride, : max(windows.shape[3] - 1, 1) : stride]",
    ),
}

STRICT_MISTAKES = {
    "sums in a byte": ("np.tensordot(windows, weight, axes", "np.tensordot(windows, weight.astype(x.dtype), axes"),
}
