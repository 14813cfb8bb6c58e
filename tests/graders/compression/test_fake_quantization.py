import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

# Scale, zero point and end codes: as in training, shifted, unsigned, four bits, two bits with the zero point at an end.
SETTINGS = [(0.5, 0, -128, 127), (0.3, 40, -128, 127), (2.0, 100, 0, 255), (0.7, -3, -8, 7), (1.5, 1, -2, 1)]


def numbers(rng, setting, *shape):
    """Return numbers of which some lie outside the range of codes, on either side, and none near a half."""
    scale, zero_point, low, high = setting
    q = rng.integers(low - (high - low) // 3 - 1, high + (high - low) // 3 + 2, size=shape)
    return scale * (q - zero_point + rng.uniform(-0.45, 0.45, size=shape))


def defined(x, scale, zero_point, low, high):
    """Return out, and the derivatives of out by x and by the scale, one number at a time."""
    out, by_x, by_scale = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        q = round(x[place] / scale) + zero_point
        if q < low:
            out[place], by_scale[place] = scale * (low - zero_point), low - zero_point
        elif q > high:
            out[place], by_scale[place] = scale * (high - zero_point), high - zero_point
        else:
            out[place], by_x[place] = scale * (q - zero_point), 1.0
            by_scale[place] = q - zero_point - x[place] / scale
    return out, by_x, by_scale


def assert_gradients(actual, grad_out, by_x, by_scale):
    assert_close(actual.grad_x, grad_out * by_x)
    assert_close(actual.grad_scale, sum(np.ravel(grad_out) * np.ravel(by_scale)), atol=1e-9)


def test_forward(kata, rng):
    """A number becomes what its code stands for: the nearest multiple of the scale."""
    x = np.array([0.2, 0.9, -0.9, 7.4, -4.0])
    assert_close(kata.fake_quantize(x, 0.5, -2, -4, 3).out, [0.0, 1.0, -1.0, 2.5, -1.0])
    for setting in SETTINGS:
        for shape in ((9,), (3, 5), (2, 3, 2)):
            x = numbers(rng, setting, *shape)
            assert_close(kata.fake_quantize(x, *setting).out, defined(x, *setting)[0])


def test_saturation(kata):
    """Beyond the end codes the output is what they stand for, however far; the default codes are -128 to 127."""
    far = np.array([127.0, 128.0, 500.0, 1e6, -128.0, -129.0, -500.0, -1e6])
    assert_close(kata.fake_quantize(far, 1.0, 0).out, [127.0] * 4 + [-128.0] * 4)
    assert_close(kata.fake_quantize(far, 1.0, 100).out, [27.0] * 4 + [-128.0, -129.0, -228.0, -228.0])
    assert_close(kata.fake_quantize(far, 2.0, 8, 0, 15).out, [14.0] * 4 + [-16.0] * 4)


def test_grid(kata, rng):
    """0 stays 0, and what has been quantised once stays as it is."""
    for setting in SETTINGS:
        assert_close(kata.fake_quantize(np.zeros((2, 2)), *setting).out, np.zeros((2, 2)))
        x = numbers(rng, setting, 20)
        once = kata.fake_quantize(x, *setting).out
        assert_close(once, defined(x, *setting)[0])
        assert_close(kata.fake_quantize(once, *setting).out, once)


def test_gradient_of_x(kata, rng):
    """The gradient passes unchanged where q lies inside the range of codes, and is 0 elsewhere."""
    cache = kata.fake_quantize(np.array([3.3, 500.0, -0.2, -500.0]), 1.0, 0).cache
    assert_close(kata.fake_quantize_backward(np.array([2.0, 3.0, -5.0, 7.0]), cache).grad_x, [2.0, 0.0, -5.0, 0.0])
    # However a half is rounded, it stays inside.
    cache = kata.fake_quantize(np.array([2.5, -1.5, 40.5]), 1.0, 0).cache
    assert_close(kata.fake_quantize_backward(np.array([2.0, 3.0, -5.0]), cache).grad_x, [2.0, 3.0, -5.0])
    for setting in SETTINGS:
        for shape in ((20,), (4, 5)):
            x, grad_out = numbers(rng, setting, *shape), rng.normal(size=shape)
            grads = kata.fake_quantize_backward(grad_out, kata.fake_quantize(x, *setting).cache)
            assert_close(grads.grad_x, grad_out * defined(x, *setting)[1])


def test_edges_of_the_range(kata):
    """The rounded number decides: at scale 1, 127.4 is inside and has the gradient 1, 127.6 is outside and has 0."""
    for zero_point in (0, 5):
        x = np.array([127.4, 127.6, 127.0, -128.4, -128.6, -128.0]) - zero_point
        cache = kata.fake_quantize(x, 1.0, zero_point).cache
        assert_close(kata.fake_quantize_backward(np.ones(6), cache).grad_x, [1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    cache = kata.fake_quantize(np.array([127.4, 127.5]), 1.0, 0).cache
    assert_close(kata.fake_quantize_backward(np.ones(2), cache).grad_x, [1.0, 0.0])


def test_gradient_of_scale(kata, rng):
    """The gradient for the scale: inside the range x / scale depends on it too, outside only the factor does."""
    # Inside: 0.9 has code 2, and 2 - 1.8 = 0.2. Above: 5. Below: -2.
    cache = kata.fake_quantize(np.array([0.9, 7.4, -4.0]), 0.5, -2, -4, 3).cache
    for grad_out, expected in [([1.0, 0, 0], 0.2), ([0, 1.0, 0], 5.0), ([0, 0, 1.0], -2.0), ([10.0, 2.0, 3.0], 6.0)]:
        assert_close(kata.fake_quantize_backward(np.array(grad_out), cache).grad_scale, expected)
    for setting in SETTINGS:
        for shape in ((20,), (4, 5)):
            x, grad_out = numbers(rng, setting, *shape), rng.normal(size=shape)
            grads = kata.fake_quantize_backward(grad_out, kata.fake_quantize(x, *setting).cache)
            assert_gradients(grads, grad_out, *defined(x, *setting)[1:])


def test_straight_through(kata, rng):
    """Both gradients are those of the same function with round(u) replaced by u plus a constant."""
    cache = kata.fake_quantize(np.array([2.25]), 1.0, 0).cache
    assert_close(kata.fake_quantize_backward(np.array([4.0]), cache).grad_scale, -1.0)
    for scale, zero_point, low, high in SETTINGS:
        x, grad_out = numbers(rng, (scale, zero_point, low, high), 12), rng.normal(size=12)
        # At an end code clip has a kink; keep away from it.
        q = np.rint(x / scale) + zero_point
        x = x[(q != low) & (q != high)]
        grad_out = grad_out[: len(x)]
        rest = np.rint(x / scale) - x / scale

        def smooth(x, scale, rest=rest, grad_out=grad_out, zero_point=zero_point, low=low, high=high):
            steps = np.clip(x / scale + rest + zero_point, low, high) - zero_point
            return float((grad_out * scale * steps).sum())

        grads = kata.fake_quantize_backward(grad_out, kata.fake_quantize(x, scale, zero_point, low, high).cache)
        by_x = numerical_gradient(lambda each, smooth=smooth, scale=scale: smooth(each, scale), x)
        by_scale = numerical_gradient(lambda each, smooth=smooth, x=x: smooth(x, float(each)), np.array(scale))
        assert_close(grads.grad_x, by_x, rtol=1e-5, atol=1e-6)
        assert_close(grads.grad_scale, by_scale, rtol=1e-5, atol=1e-6)


def test_cache(kata, rng):
    """The backward pass belongs to the call whose cache it gets, and a second one with that cache gives the same."""
    inputs = [numbers(rng, SETTINGS[3], 3, 4), numbers(rng, SETTINGS[1], 3, 4)]
    settings = [SETTINGS[3], SETTINGS[1]]
    caches = [kata.fake_quantize(x, *setting).cache for x, setting in zip(inputs, settings, strict=True)]
    for _ in range(2):
        for x, setting, cache in zip(inputs, settings, caches, strict=True):
            grad_out = rng.normal(size=(3, 4))
            assert_gradients(kata.fake_quantize_backward(grad_out, cache), grad_out, *defined(x, *setting)[1:])


@strict
def test_halves(kata):
    """Halves are rounded to the even integer, before the zero point is added."""
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5])
    for zero_point in (0, 3):
        assert_close(kata.fake_quantize(x, 1.0, zero_point).out, [0.0, 2.0, 2.0, 0.0, -2.0, -2.0])
    cache = kata.fake_quantize(np.array([7.5, -8.5]), 1.0, 0, -8, 7).cache
    assert_close(kata.fake_quantize_backward(np.ones(2), cache).grad_x, [0.0, 1.0])


@strict
def test_scale_out_of_range(kata):
    """A scale that is not positive raises ValueError."""
    for scale in (0.0, -0.5, 0):
        with pytest.raises(ValueError):
            kata.fake_quantize(np.array([1.0, -2.0]), scale, 0)


@strict
def test_integers(kata):
    """The numbers may be integers of any type: nothing is truncated."""
    for kind in (int, np.int8, np.uint8):
        x = np.array([1, 3, 6, 100]).astype(kind)
        setting = 0.75, -1, -8, 7
        step = kata.fake_quantize(x, *setting)
        out, *derivatives = defined(x.astype(float), *setting)
        assert_close(step.out, out)
        grad_out = np.array([1, -2, 3, 4])
        assert_gradients(kata.fake_quantize_backward(grad_out, step.cache), grad_out, *derivatives)


def workload(kata, rng, n):
    """Weights and activations through both passes, with ties and saturation."""
    weights, activations = rng.normal(size=(n, 3)), np.maximum(rng.normal(size=(2, n)), 0.0) * 10
    weights[::4] = 0.0
    halves = rng.integers(-20, 20, size=n) / 2
    answers = []
    for x, setting in [
        (weights, (0.01, 0)),
        (activations, (0.1, 0, 0, 255)),
        (halves, (1.0, 2, -8, 7)),
        (weights[0], (0.5, -1, -2, 1)),
    ]:
        step = kata.fake_quantize(x, *setting)
        answers += [step.out, kata.fake_quantize_backward(rng.normal(size=x.shape), step.cache)]
    return answers


STEPS = "np.clip(rounded + zero_point, quant_min, quant_max) - zero_point"
CACHE = "Forward(scale * steps, (inside, steps - inside * ratio))"
MISTAKES = {
    "the zero point forgotten": (STEPS, "np.clip(rounded, quant_min, quant_max)"),
    "the zero point is not taken off again": (STEPS, "np.clip(rounded + zero_point, quant_min, quant_max)"),
    "the zero point taken off first": (STEPS, "np.clip(rounded - zero_point, quant_min, quant_max) + zero_point"),
    "clipped before the zero point is added": (
        STEPS,
        "np.clip(rounded, quant_min, quant_max) + zero_point - zero_point",
    ),
    "codes for numbers": ("Forward(scale * steps,", "Forward(steps + zero_point,"),
    "not rounded": ("rounded = np.rint(ratio)", "rounded = ratio"),
    "rounded down": ("rounded = np.rint(ratio)", "rounded = np.floor(ratio)"),
    "cut off": ("rounded = np.rint(ratio)", "rounded = np.trunc(ratio)"),
    "times the scale": ("ratio = x / scale\n    rounded", "ratio = x * scale\n    rounded"),
    "not clipped": (STEPS, "np.clip(rounded + zero_point, -1e9, 1e9) - zero_point"),
    "always eight bits, signed": (STEPS, "np.clip(rounded + zero_point, -128, 127) - zero_point"),
    "symmetric codes": (STEPS, "np.clip(rounded + zero_point, -quant_max, quant_max) - zero_point"),
    "codes wrap around": (
        STEPS,
        "(rounded + zero_point - quant_min) % (quant_max - quant_min + 1) + quant_min - zero_point",
    ),
    "the number itself decides, not its code": (
        "inside = steps == rounded",
        "inside = (ratio + zero_point >= quant_min) & (ratio + zero_point <= quant_max)",
    ),
    "the end codes are outside": (
        "inside = steps == rounded",
        "inside = (rounded + zero_point > quant_min) & (rounded + zero_point < quant_max)",
    ),
    "the mask without the zero point": (
        "inside = steps == rounded",
        "inside = (rounded >= quant_min) & (rounded <= quant_max)",
    ),
    "the gradient passes everywhere": ("inside = steps == rounded", "inside = np.ones(x.shape, dtype=bool)"),
    "only the upper end stops the gradient": ("inside = steps == rounded", "inside = steps >= rounded"),
    "the true derivative of round": ("Backward(grad_out * inside,", "Backward(grad_out * 0.0,"),
    "the mask for the gradient": ("Backward(grad_out * inside,", "Backward(inside * 1.0,"),
    "the gradient divided by the scale": (
        CACHE,
        "Forward(scale * steps, (inside / scale, steps - inside * ratio))",
    ),
    "the scale's gradient without round's share": (CACHE, "Forward(scale * steps, (inside, steps))"),
    "the scale's gradient inside the range only": (CACHE, "Forward(scale * steps, (inside, inside * (steps - ratio)))"),
    "the scale's gradient as if nothing were clipped": (CACHE, "Forward(scale * steps, (inside, steps - ratio))"),
    "the scale's gradient with the codes": (
        CACHE,
        "Forward(scale * steps, (inside, steps - inside * ratio + ~inside * zero_point))",
    ),
    "the scale's gradient has the sign of the error": (
        CACHE,
        "Forward(scale * steps, (inside, np.where(inside, ratio - steps, steps)))",
    ),
    "the scale's gradient times the scale": (
        CACHE,
        "Forward(scale * steps, (inside, scale * (steps - inside * ratio)))",
    ),
    "the scale's gradient is a mean": ("(grad_out * by_scale).sum()", "(grad_out * by_scale).mean()"),
    "the scale's gradient for a loss that is a sum": ("(grad_out * by_scale).sum()", "by_scale.sum()"),
}

STRICT_MISTAKES = {
    "halves away from zero": ("rounded = np.rint(ratio)", "rounded = np.trunc(ratio + np.copysign(0.5, ratio))"),
    "halves up": ("rounded = np.rint(ratio)", "rounded = np.floor(ratio + 0.5)"),
    "a scale of 0 passes": ("if not scale > 0:", "if not scale >= 0:"),
    "a negative scale passes": ("if not scale > 0:", "if scale == 0:"),
}
