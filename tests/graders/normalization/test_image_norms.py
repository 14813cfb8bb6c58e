import numpy as np
import pytest

from katagrad.picture import Heat, Panel
from katagrad.testing import assert_close, numerical_gradient, strict

PURE = True
# Two images of one channel: mean 3 and variance 2 together, means 2 and 4 and variances of 1 apart.
PAIR = np.array([[[[1.0, 3.0]]], [[[3.0, 5.0]]]])
# One of 401 pixels is far from the others: mean 1 and variance 400, so that with eps = 41 the root is 21.
SPIKE = np.where(np.arange(401) == 7, 401.0, 0.0).reshape(1, 1, 1, 401)

# Few numbers share their statistics, so that the divisor of the variance shows.
SHAPES = [(3, 4, 2, 1), (2, 6, 1, 3)]
LARGER = [*SHAPES, (3, 6, 2, 4), (1, 6, 5, 2)]


def with_groups(shapes):
    """Yield each shape with each number of groups that divides its channels."""
    return [(shape, n_groups) for shape in shapes for n_groups in (1, 2, 3, 4, 6) if shape[1] % n_groups == 0]


def draw(rng, shape):
    """Return x whose samples and channels differ in mean and spread, with gamma (one is 0) and beta."""
    n, channels = shape[:2]
    means, spreads = rng.normal(0, 3, size=(n, channels, 1, 1)), rng.uniform(0.5, 3.0, size=(n, channels, 1, 1))
    gamma = rng.uniform(0.5, 2.0, size=channels) * rng.choice([-1, 1], size=channels)
    gamma[rng.integers(channels)] = 0.0
    return rng.normal(means, spreads, size=shape), gamma, rng.normal(size=channels)


def running(rng, shape):
    """Return a running mean and variance."""
    return rng.normal(size=shape[1]), rng.uniform(0.5, 2.0, size=shape[1])


def batch(shape):
    """Return the parts of an array that share their statistics in batch norm, as indices."""
    return [np.s_[:, c] for c in range(shape[1])]


def group(shape, n_groups):
    """Return these parts for group norm; as many groups as channels are instance norm."""
    size = shape[1] // n_groups
    return [np.s_[i, g * size : (g + 1) * size] for i in range(shape[0]) for g in range(n_groups)]


def defined(x, gamma, beta, parts, eps=1e-5, statistics=None):
    """Return what the definition makes of x, part by part."""
    x_hat = np.empty(x.shape)
    for k, part in enumerate(parts):
        if statistics:
            mean, var = statistics[0][k], statistics[1][k]
        else:
            mean = x[part].sum() / x[part].size
            var = ((x[part] - mean) ** 2).sum() / x[part].size
        x_hat[part] = (x[part] - mean) / (var + eps) ** 0.5
    return gamma[:, np.newaxis, np.newaxis] * x_hat + beta[:, np.newaxis, np.newaxis]


def assert_gradients(kata, rng, cache, values, parts, eps, statistics=None):
    """Compare with finite differences of the definition, from the simplest gradient to the hardest."""
    weights = rng.normal(size=values[0].shape)
    back = kata.image_norm_backward(weights, cache)
    for place in (2, 1, 0):

        def loss(value, place=place):
            return (weights * defined(*values[:place], value, *values[place + 1 :], parts, eps, statistics)).sum()

        assert_close(back[place], numerical_gradient(loss, values[place]), rtol=1e-5, atol=1e-7)


def test_batch_norm(kata, rng):
    """In training, batch norm takes mean and biased variance of a channel over samples, rows and columns."""
    step = kata.batch_norm_2d_forward(PAIR, np.array([2.0]), np.array([1.0]), np.zeros(1), np.ones(1), eps=2.0)
    assert_close(step.out, [[[[-1.0, 1.0]]], [[[1.0, 3.0]]]])
    step = kata.batch_norm_2d_forward(SPIKE, np.array([21.0]), np.zeros(1), np.zeros(1), np.ones(1), eps=41.0)
    assert_close(step.out, SPIKE - 1.0)
    for shape in LARGER:
        values = draw(rng, shape)
        step = kata.batch_norm_2d_forward(*values, *running(rng, shape), 0.3, 0.5)
        assert_close(step.out, defined(*values, batch(shape), 0.5))


def test_running_statistics(kata, rng):
    """Momentum is the weight of the batch's mean and unbiased variance, over n * height * width numbers."""
    for size in (1.0, 1e3, 1e-3):
        step = kata.batch_norm_2d_forward(size * PAIR, np.ones(1), np.zeros(1), np.zeros(1), np.ones(1), momentum=0.75)
        assert_close(step.running_mean, [2.25 * size])
        # The unbiased variance is 2 * 4 / 3.
        assert_close(step.running_var, [0.25 + 2.0 * size**2])
    # Unless given, momentum is 0.1.
    step = kata.batch_norm_2d_forward(PAIR, np.ones(1), np.zeros(1), np.zeros(1), np.ones(1))
    assert_close(step.running_mean, [0.3])
    for shape in LARGER:
        mean, var = running(rng, shape)
        # A second step goes on from the first, and at a momentum of 0 or 1 one of the two is all there is.
        for momentum in (0.1, 0.8, 0.0, 1.0):
            x, gamma, beta = draw(rng, shape)
            step = kata.batch_norm_2d_forward(x, gamma, beta, mean, var, momentum)
            rows = np.moveaxis(x, 1, -1).reshape(-1, shape[1])
            mean = (1 - momentum) * mean + momentum * rows.mean(axis=0)
            var = (1 - momentum) * var + momentum * rows.var(axis=0, ddof=1)
            assert_close(step.running_mean, mean)
            assert_close(step.running_var, var)


def test_inference(kata, rng):
    """In inference batch norm uses the running statistics and leaves them as they are."""
    step = kata.batch_norm_2d_forward(PAIR, np.ones(1), np.zeros(1), np.ones(1), np.ones(1), eps=3.0, training=False)
    assert_close(step.out, [[[[0.0, 1.0]]], [[[1.0, 2.0]]]])
    # The root is 60 and x_hat is 20, scaled and shifted by large numbers and by small ones.
    far = np.array([300.0, 2e-6]), np.array([-2e3, 3e-6]), np.full(2, 700.0), np.full(2, 3597.0)
    step = kata.batch_norm_2d_forward(np.full((1, 2, 1, 1), 1900.0), *far, eps=3.0, training=False)
    assert_close(step.out.ravel(), [4000.0, 4.3e-5])
    for shape in LARGER:
        values, statistics = draw(rng, shape), running(rng, shape)
        step = kata.batch_norm_2d_forward(*values, *statistics, 0.3, 0.5, training=False)
        assert_close(step.out, defined(*values, batch(shape), 0.5, statistics))
        assert_close(step.running_mean, statistics[0])
        assert_close(step.running_var, statistics[1])


def test_group_norm(kata, rng):
    """Group norm takes the statistics of neighbouring channels of a sample; gamma and beta belong to channels."""
    x = np.array([1.0, 3.0, 7.0, 7.0]).reshape(1, 4, 1, 1)
    gamma, beta = np.array([2.0, 4.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 5.0])
    for size in (1.0, 1e3, 1e-6):
        out = kata.group_norm_forward(x, 2, size * gamma, size * beta, eps=3.0).out
        assert_close(out.ravel(), size * np.array([-1.0, 3.0, 0.0, 5.0]))
    assert_close(kata.group_norm_forward(SPIKE, 1, np.array([21.0]), np.zeros(1), eps=41.0).out, SPIKE - 1.0)
    for shape, n_groups in with_groups(LARGER):
        values = draw(rng, shape)
        out = kata.group_norm_forward(values[0], n_groups, *values[1:], 0.5).out
        assert_close(out, defined(*values, group(shape, n_groups), 0.5))


def test_groups_that_do_not_divide(kata, rng):
    """A number of groups that does not divide the number of channels raises ValueError."""
    for channels, n_groups in ((6, 4), (3, 2), (4, 8)):
        # The numbers of an image can be divided by n_groups, its channels cannot.
        x, *rest = draw(rng, (2, channels, 4, 2))
        with pytest.raises(ValueError):
            kata.group_norm_forward(x, n_groups, *rest)


def test_instance_norm(kata, rng):
    """Instance norm takes the statistics of each channel of each sample by itself."""
    for size in (1.0, 1e3, 1e-6):
        out = kata.instance_norm_forward(PAIR, np.array([2.0 * size]), np.array([5.0 * size]), 3.0).out
        assert_close(out.ravel(), size * np.array([4.0, 6.0, 4.0, 6.0]))
    assert_close(kata.instance_norm_forward(SPIKE, np.array([21.0]), np.zeros(1), eps=41.0).out, SPIKE - 1.0)
    for shape in LARGER:
        values = draw(rng, shape)
        assert_close(kata.instance_norm_forward(*values, 0.5).out, defined(*values, group(shape, shape[1]), 0.5))


def test_eps(kata, rng):
    """Under the root, eps is added to the variance; it is 1e-5 unless given."""
    shape = (3, 4, 2, 5)
    x, gamma, beta = draw(rng, shape)
    # Of variances near 1e-5, so that eps shows.
    x = 0.002 * (x - x.mean(axis=(0, 2, 3), keepdims=True))
    for chosen in ((), (0.5,), (1e-7,)):
        normal = kata.batch_norm_2d_forward(x, gamma, beta, np.zeros(4), np.ones(4), 0.1, *chosen).out
        assert_close(normal, defined(x, gamma, beta, batch(shape), *chosen))
        normal = kata.group_norm_forward(x, 2, gamma, beta, *chosen).out
        assert_close(normal, defined(x, gamma, beta, group(shape, 2), *chosen))
        normal = kata.instance_norm_forward(x, gamma, beta, *chosen).out
        assert_close(normal, defined(x, gamma, beta, group(shape, 4), *chosen))


def test_constant(kata, rng):
    """What is constant becomes beta and has a gradient: its variance is 0, and eps alone is under the root."""
    # The root is 2: the own part is 3 / 2, of which the mean takes away half.
    step = kata.instance_norm_forward(np.full((1, 1, 1, 2), 7.0), np.array([3.0]), np.array([5.0]), eps=4.0)
    assert_close(step.out, [[[[5.0, 5.0]]]])
    grad_out = np.array([[[[1.0, 0.0]]]])
    assert_close(kata.image_norm_backward(grad_out, step.cache).grad_x, [[[[0.75, -0.75]]]])
    shape = SHAPES[0]
    x, *rest = draw(rng, shape)
    x[1], x[:, 2] = 0.25, -3.0
    values = x, *rest
    steps = [
        (kata.batch_norm_2d_forward(*values, np.zeros(4), np.ones(4), eps=0.5), batch(shape)),
        (kata.group_norm_forward(x, 2, *rest, eps=0.5), group(shape, 2)),
        (kata.instance_norm_forward(*values, eps=0.5), group(shape, 4)),
    ]
    for step, parts in steps:
        assert_close(step.out, defined(*values, parts, 0.5))
        assert_gradients(kata, rng, step.cache, values, parts, 0.5)


def test_gradients_of_batch_norm(kata, rng):
    """The gradients agree with finite differences; in inference, mean and variance are constants."""
    for training, expected in ((True, [5.0, -2.5, -2.5, 0.0]), (False, [10.0, 0.0, 0.0, 0.0])):
        # The root is 2 in both, and mean 3 and variance 2 in training: x_hat is -1, 0, 0, 1.
        cache = kata.batch_norm_2d_forward(
            PAIR, np.array([20.0]), np.zeros(1), np.zeros(1), np.ones(1), 0.1, 2.0 if training else 3.0, training
        ).cache
        grad_out = np.array([1.0, 0.0, 0.0, 0.0]).reshape(PAIR.shape)
        assert_close(kata.image_norm_backward(grad_out, cache).grad_x.ravel(), expected)
    for shape in SHAPES:
        values, statistics = draw(rng, shape), running(rng, shape)
        for training in (True, False):
            cache = kata.batch_norm_2d_forward(*values, *statistics, 0.3, 0.5, training).cache
            known = None if training else statistics
            assert_gradients(kata, rng, cache, values, batch(shape), 0.5, known)


def test_gradients_of_group_norm(kata, rng):
    """Group norm's gradients agree with finite differences: each channel of a group has its own gamma."""
    # The slopes of x_hat are 3/16 and -3/16 for the channels' own and the other x.
    x = np.array([1.0, 3.0]).reshape(1, 2, 1, 1)
    cache = kata.group_norm_forward(x, 1, np.array([10.0, 20.0]), np.zeros(2), eps=3.0).cache
    back = kata.image_norm_backward(np.array([1.0, 2.0]).reshape(1, 2, 1, 1), cache)
    assert_close(back.grad_beta, [1.0, 2.0])
    assert_close(back.grad_gamma, [-0.5, 1.0])
    assert_close(back.grad_x.ravel(), [-5.625, 5.625])
    for shape, n_groups in with_groups(SHAPES):
        values = draw(rng, shape)
        cache = kata.group_norm_forward(values[0], n_groups, *values[1:], 0.5).cache
        assert_gradients(kata, rng, cache, values, group(shape, n_groups), 0.5)


def test_gradients_of_instance_norm(kata, rng):
    """Instance norm's gradients agree with finite differences; those of gamma and beta add up over the samples."""
    cache = kata.instance_norm_forward(PAIR, np.array([10.0]), np.array([5.0]), 3.0).cache
    for size in (1.0, 1e3, 1e-6):
        back = kata.image_norm_backward(size * np.array([1.0, 0.0, 0.0, 2.0]).reshape(PAIR.shape), cache)
        assert_close(back.grad_beta, [3.0 * size])
        assert_close(back.grad_gamma, [0.5 * size])
        assert_close(back.grad_x.ravel(), size * np.array([1.875, -1.875, -3.75, 3.75]))
    for shape in SHAPES:
        values = draw(rng, shape)
        cache = kata.instance_norm_forward(*values, 0.5).cache
        assert_gradients(kata, rng, cache, values, group(shape, shape[1]), 0.5)


def test_cache(kata, rng):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    shape = SHAPES[1]
    first, second, third = (draw(rng, shape) for _ in range(3))
    statistics = running(rng, shape)
    calls = [
        (kata.batch_norm_2d_forward(*first, *statistics).cache, first, batch(shape), None),
        (kata.group_norm_forward(second[0], 2, *second[1:]).cache, second, group(shape, 2), None),
        (kata.instance_norm_forward(*third).cache, third, group(shape, 6), None),
        (kata.group_norm_forward(third[0], 3, *third[1:]).cache, third, group(shape, 3), None),
        (kata.batch_norm_2d_forward(*second, *statistics, training=False).cache, second, batch(shape), statistics),
    ]
    for cache, values, parts, known in calls:
        for _ in range(2):
            assert_gradients(kata, rng, cache, values, parts, 1e-5, known)


@strict
def test_far_from_zero(kata, rng):
    """Channels whose mean is a million times their standard deviation are normalised as well as those near zero."""
    shape = (3, 4, 2, 5)
    spread = rng.normal(size=shape)
    spread = 1.3 * (spread - spread.mean(axis=(2, 3), keepdims=True)) / spread.std(axis=(2, 3), keepdims=True)
    offset = np.array([1.2e6, 1.2e6, -1.2e6, -1.2e6])[:, np.newaxis, np.newaxis]
    far = spread + offset
    near = far - offset  # exact, unlike the sum
    gamma, beta = np.ones(4), rng.normal(size=4)
    step = kata.batch_norm_2d_forward(far, gamma, beta, np.zeros(4), np.ones(4), momentum=1.0)
    assert_close(step.out, defined(near, gamma, beta, batch(shape)), rtol=1e-6, atol=1e-6)
    assert_close(step.running_var, near.var(axis=(0, 2, 3), ddof=1), rtol=1e-6)
    out = kata.group_norm_forward(far, 2, gamma, beta).out
    assert_close(out, defined(near, gamma, beta, group(shape, 2)), rtol=1e-6, atol=1e-6)
    out = kata.instance_norm_forward(far, gamma, beta).out
    assert_close(out, defined(near, gamma, beta, group(shape, 4)), rtol=1e-6, atol=1e-6)


@strict
def test_integers(kata, rng):
    """Arrays of integers are not truncated, forward or backward."""
    shape = (2, 4, 2, 3)
    values = rng.integers(-5, 6, size=shape), np.array([2, 3, -1, 1]), np.array([1, 0, 2, -3])
    statistics = np.array([1, 2, 0, -1]), np.array([1, 2, 3, 4])
    step = kata.batch_norm_2d_forward(*values, *statistics, momentum=0.5, eps=0.5)
    rows = np.moveaxis(values[0], 1, -1).reshape(-1, 4)
    assert_close(step.out, defined(*values, batch(shape), 0.5))
    assert_close(step.running_mean, (statistics[0] + rows.mean(axis=0)) / 2)
    assert_close(step.running_var, (statistics[1] + rows.var(axis=0, ddof=1)) / 2)
    calls = [
        (step, batch(shape)),
        (kata.group_norm_forward(values[0], 2, *values[1:], eps=0.5), group(shape, 2)),
        (kata.instance_norm_forward(*values, eps=0.5), group(shape, 4)),
    ]
    for step, parts in calls:
        assert_close(step.out, defined(*values, parts, 0.5))
        assert_gradients(kata, rng, step.cache, values, parts, 0.5)


def workload(kata, rng, n):
    """Normalise a batch in all ways, each with its gradients; pixels of few values, and a constant image."""
    shape = (3, 6, n, 2)
    x, gamma, beta = draw(rng, shape)
    x[0], x[1, 2] = rng.integers(0, 2, size=shape[1:]), 1.0
    grad_out, statistics = rng.normal(size=shape), running(rng, shape)
    steps = [
        kata.batch_norm_2d_forward(x, gamma, beta, *statistics),
        kata.batch_norm_2d_forward(x, beta, gamma, *statistics, 0.3, 0.5, training=False),
        kata.group_norm_forward(x, 2, gamma, beta),
        kata.group_norm_forward(x, 3, beta, gamma, 0.5),
        kata.instance_norm_forward(x, gamma, beta),
    ]
    backs = [kata.image_norm_backward(grad_out, step.cache) for step in steps]
    return [step.out for step in steps], backs, steps[0].running_mean, steps[0].running_var


def picture(kata, rng):
    n, channels = 5, 8
    samples, features = rng.normal(size=(n, 1, 1, 1)), rng.normal(size=(1, channels, 1, 1))
    x = 1.5 * samples + 1.5 * features + rng.normal(size=(n, channels, 6, 6))
    one, zero = np.ones(channels), np.zeros(channels)
    norms = {
        "Input": (x, "Some images are bright, and some channels."),
        "Batch norm": (
            kata.batch_norm_2d_forward(x, one, zero, zero, one).out,
            "Each column averages to 0: channels are alike, images keep their brightness.",
        ),
        "Group norm, 1 group: layer norm": (
            kata.group_norm_forward(x, 1, one, zero).out,
            "Each row averages to 0: images are alike, channels are not.",
        ),
        "Group norm, 4 groups": (
            kata.group_norm_forward(x, 4, one, zero).out,
            "Each pair of neighbours in a row averages to 0. Instance norm would make every number here 0.",
        ),
    }
    rows, columns = [f"image {i}" for i in range(n)], [str(c) for c in range(channels)]
    return [
        Panel(
            title,
            "channel",
            "image",
            [Heat(np.asarray(out).mean(axis=(2, 3)).round(2), "mean of the pixels", rows, columns)],
            note=note,
        )
        for title, (out, note) in norms.items()
    ]


BATCH = "parts.mean(axis=(0, 2)), parts.var(axis=(0, 2)), len(x) * parts.shape[2]"
PARTS = "    parts = x.reshape(n, n_groups, -1)\n"
MOMENTS = "mean, var = parts.mean(axis=2, keepdims=True), parts.var(axis=2, keepdims=True)"
ROOT = "    scale = 1 / np.sqrt(var + eps)\n    x_hat = (parts"
MISTAKES = {
    "batch norm over samples only": (
        BATCH,
        "x.mean(axis=0).mean(axis=(1, 2)), x.var(axis=0).mean(axis=(1, 2)), len(x) * parts.shape[2]",
    ),
    "unbiased variance to normalise": (
        "    step = _forward(x, parts, mean[",
        "    var = var * count / (count - 1) if training else var\n    step = _forward(x, parts, mean[",
    ),
    "biased variance in the running one": ("momentum * var * count / (count - 1)", "momentum * var"),
    "the running variance counts samples, not places": (
        BATCH,
        "parts.mean(axis=(0, 2)), parts.var(axis=(0, 2)), max(len(x), 2)",
    ),
    "momentum weighs the old value": (
        "        running_mean = (1 - momentum) * running_mean + momentum * mean\n        running_var = (1",
        (
            "        momentum = 1 - momentum\n"
            "        running_mean = (1 - momentum) * running_mean + momentum * mean\n        running_var = (1"
        ),
    ),
    "training normalises by the running statistics": (
        "    step = _forward(x, parts, mean[",
        "    mean, var = running_mean, running_var\n    step = _forward(x, parts, mean[",
    ),
    "inference uses the batch": (
        "        mean, var = running_mean, running_var\n    step",
        "        mean, var = parts.mean(axis=(0, 2)), parts.var(axis=(0, 2))\n    step",
    ),
    "groups of channels n_groups apart": [
        (PARTS, "    parts = x.reshape(n, channels // n_groups, n_groups, -1)\n"),
        (MOMENTS, MOMENTS.replace("axis=2", "axis=(1, 3)")),
        (
            "return _forward(x, parts, mean, var, gamma, beta, eps, 2)",
            "return _forward(x, parts, mean, var, gamma, beta, eps, (1, 3))",
        ),
    ],
    "n_groups channels in a group": (PARTS, "    parts = x.reshape(n, channels // n_groups, -1)\n"),
    "groups over the whole batch": (
        "mean, var = parts.mean(axis=2, keepdims=True), parts.var(axis=2, keepdims=True)",
        "mean, var = parts.mean(axis=(0, 2), keepdims=True), parts.var(axis=(0, 2), keepdims=True)",
    ),
    "group norm's channels each by themselves": (PARTS, "    parts = x.reshape(n, channels, -1)\n"),
    "group norm at each place by itself": (
        PARTS,
        "    parts = x.reshape(n, n_groups, channels // n_groups, -1)\n",
    ),
    "groups that do not divide pass": ("    if channels % n_groups:", "    if x[0].size % n_groups:"),
    "an assertion for a ValueError": (
        '        raise ValueError(f"{n_groups} groups do not divide {channels} channels")\n',
        '        raise AssertionError("the groups do not divide the channels")\n',
    ),
    "unbiased variance in group norm": (
        "parts.mean(axis=2, keepdims=True), parts.var(axis=2, keepdims=True)",
        "parts.mean(axis=2, keepdims=True), parts.var(axis=2, keepdims=True, ddof=1)",
    ),
    "instance norm as layer norm": ("group_norm_forward(x, x.shape[1], gamma", "group_norm_forward(x, 1, gamma"),
    "instance norm over rows alone": (
        "    return group_norm_forward(x, x.shape[1], gamma, beta, eps)",
        (
            "    parts = x.reshape(-1, x.shape[3])[np.newaxis]\n"
            "    mean, var = parts.mean(axis=2, keepdims=True), parts.var(axis=2, keepdims=True)\n"
            "    return _forward(x, parts, mean, var, gamma, beta, eps, 2)"
        ),
    ),
    "eps fixed at its default": (ROOT, ROOT.replace("eps", "1e-5")),
    "eps outside the root": (ROOT, ROOT.replace("np.sqrt(var + eps)", "(np.sqrt(var) + eps)")),
    "the variance of what is constant is replaced by 1": (
        ROOT,
        ROOT.replace("var + eps", "np.where(var == 0, 1, var) + eps"),
    ),
    "beta forgotten": (" + beta[:, np.newaxis, np.newaxis]", ""),
    "gamma along the columns": (
        "    out = gamma[:, np.newaxis, np.newaxis] * x_hat.reshape(x.shape)",
        (
            "    wide = gamma if len(gamma) == x.shape[3] else gamma[:, np.newaxis, np.newaxis]\n"
            "    out = (1 + 0 * wide) * gamma[-1] * x_hat.reshape(x.shape)"
        ),
    ),
    "x_hat won back from the output": (
        "    return Forward(out, (x_hat, gamma, scale, axes))",
        (
            "    x_hat = ((out - beta[:, None, None]) / gamma[:, None, None]).reshape(x_hat.shape)\n"
            "    return Forward(out, (x_hat, gamma, scale, axes))"
        ),
    ),
    "one cache for all calls": [
        ("class BatchForward(NamedTuple):", "LATEST = []\n\n\nclass BatchForward(NamedTuple):"),
        (
            "    return Forward(out, (x_hat, gamma, scale, axes))",
            "    LATEST[:] = x_hat, gamma, scale, axes\n    return Forward(out, None)",
        ),
        ("= cache\n    grad_parts = (", "= LATEST\n    grad_parts = ("),
    ],
    "the backward pass uses up its cache": (
        "(grad_out * x_hat.reshape(grad_out.shape)).sum(axis=(0, 2, 3))",
        "np.multiply(grad_out, x_hat.reshape(grad_out.shape), out=x_hat.reshape(grad_out.shape)).sum(axis=(0, 2, 3))",
    ),
    "mean taken for a constant": ("grad_parts - through_mean - through_var", "grad_parts - through_var"),
    "variance taken for a constant": ("grad_parts - through_mean - through_var", "grad_parts - through_mean"),
    "inference differentiates the batch's statistics": (
        "(0, 2) if training else None)\n    return",
        "(0, 2))\n    return",
    ),
    "training takes the statistics for constants": ("(0, 2) if training else None)\n    return", "None)\n    return"),
    "gamma taken out of the means": [
        (
            "    grad_parts = (gamma[:, np.newaxis, np.newaxis] * grad_out).reshape(x_hat.shape)",
            "    grad_parts = grad_out.reshape(x_hat.shape)",
        ),
        (
            "grad_x = (scale * grad_parts).reshape(grad_out.shape)",
            "grad_x = gamma[:, np.newaxis, np.newaxis] * (scale * grad_parts).reshape(grad_out.shape)",
        ),
    ],
    "gamma missing from grad_x": (
        "    grad_parts = (gamma[:, np.newaxis, np.newaxis] * grad_out).reshape(x_hat.shape)",
        "    grad_parts = grad_out.reshape(x_hat.shape)",
    ),
    "grad_gamma and grad_beta averaged": (
        ").sum(axis=(0, 2, 3))\n    return Backward(grad_x, grad_gamma, grad_out.sum(axis=(0, 2, 3)))",
        ").mean(axis=(0, 2, 3))\n    return Backward(grad_x, grad_gamma, grad_out.mean(axis=(0, 2, 3)))",
    ),
    "grad_gamma of the first image": (
        "(grad_out * x_hat.reshape(grad_out.shape)).sum(axis=(0, 2, 3))",
        "(grad_out * x_hat.reshape(grad_out.shape))[0].sum(axis=(1, 2))",
    ),
}

STRICT_MISTAKES = {
    "variance as mean of squares less square of mean": [
        (BATCH, BATCH.replace("parts.var(axis=(0, 2))", "(parts**2).mean(axis=(0, 2)) - parts.mean(axis=(0, 2)) ** 2")),
    ],
    "integer input truncated": (
        "    x_hat = (parts - mean) * scale\n",
        "    x_hat = np.empty_like(parts)\n    x_hat[:] = (parts - mean) * scale\n",
    ),
}
