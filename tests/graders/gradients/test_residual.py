import math

import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, numerical_gradient, strict

both_stacks = pytest.mark.parametrize("skip", [True, False], ids=["residual", "plain"])

# relu makes x into [2, 0], W_1 that into [6, -4], relu that into [6, 0], and W_2 that into [3, -6].
X = np.array([[2.0, -1.0]])
BLOCK = np.array([[3.0, 5.0], [-2.0, 1.0]]), np.array([[0.5, 7.0], [-1.0, 1.0]])


@pytest.fixture
def stack(rng):
    """Draw a batch and three blocks of different hidden sizes, none of which is the number of features."""
    return rng.normal(size=(5, 3)), [(rng.normal(size=(k, 3)), rng.normal(size=(3, k))) for k in (4, 2, 6)]


@pytest.fixture
def grad_out(rng):
    """Draw random weights for each entry of the output."""
    return rng.normal(size=(5, 3))


def relu(values):
    return [max(float(value), 0.0) for value in values]


def product(matrix, values):
    return [sum(m * value for m, value in zip(row, values, strict=True)) for row in matrix]


def defined(x, blocks, skip):
    """Return the output by the definition, sample by sample and entry by entry."""
    out = []
    for sample in x:
        y = list(sample)
        for w_1, w_2 in blocks:
            f = product(w_2, relu(product(w_1, relu(y))))
            y = [before + change for before, change in zip(y, f, strict=True)] if skip else f
        out.append(y)
    return np.array(out)


def defined_gradients(grad_out, x, blocks, skip):
    """Return the gradients of the sum of grad_out * out by the sum over paths: each block is passed by or gone through.

    relu is taken for the product with the 0 and 1 that it has at this x, so that every path is a product of matrices.
    """
    n_blocks = len(blocks)
    grad_x, grads = np.zeros(x.shape), [[np.zeros(w_1.shape), np.zeros(w_2.shape)] for w_1, w_2 in blocks]
    for n, sample in enumerate(x):
        inputs = [defined(sample[None], blocks[:k], skip)[0] for k in range(n_blocks)]
        hidden = [product(w_1, relu(y)) for (w_1, _), y in zip(blocks, inputs, strict=True)]
        masks = [np.diag([float(value > 0) for value in y]) for y in inputs]
        hidden_masks = [np.diag([float(value > 0) for value in z]) for z in hidden]
        through = [w_2 @ on @ w_1 @ mask for (w_1, w_2), mask, on in zip(blocks, masks, hidden_masks, strict=True)]
        for k in range(n_blocks + 1):
            # The gradient for the input of block k; behind the last one, grad_out itself.
            grad = np.zeros(x.shape[1])
            for path in range(2 ** (n_blocks - k)):
                passed = [bool(path >> step & 1) for step in range(n_blocks - k)]
                if skip or not any(passed):
                    matrix = np.eye(x.shape[1])
                    for by, jacobian in zip(passed, through[k:], strict=True):
                        matrix = matrix if by else jacobian @ matrix
                    grad += grad_out[n] @ matrix
            if k == 0:
                grad_x[n] = grad
            if k > 0:
                grads[k - 1][1] += np.outer(grad, relu(hidden[k - 1]))
                grads[k - 1][0] += np.outer(grad @ blocks[k - 1][1] @ hidden_masks[k - 1], relu(inputs[k - 1]))
    return grad_x, grads


def assert_gradients(actual, expected):
    grad_x, grads = expected
    assert_close(actual.grad_x, grad_x)
    assert_equal(len(actual.grad_blocks), len(grads), what="the number of pairs in grad_blocks is")
    for have, want in zip(actual.grad_blocks, grads, strict=True):
        assert_close(have[1], want[1])
        assert_close(have[0], want[0])


@both_stacks
def test_one_block(kata, stack, skip):
    """A block is relu, W_1, relu, W_2. A residual block adds its input as it was before relu."""
    expected = {True: [[5.0, -7.0]], False: [[3.0, -6.0]]}[skip]
    assert_close(kata.residual_forward(X, [BLOCK], skip).out, expected)
    # No entry passes relu: f is 0.
    assert_close(kata.residual_forward(np.array([[-2.0, -1.0]]), [BLOCK], skip).out, [[-2.0 * skip, -1.0 * skip]])
    x, blocks = stack
    assert_close(kata.residual_forward(x, blocks[:1], skip).out, defined(x, blocks[:1], skip))


@both_stacks
def test_stack(kata, stack, skip):
    """Each block takes the output of the one before, and nothing stands after the sum."""
    # The second block sees [5, -7], or [3, -6] in the plain stack, and adds up what is positive: 5, or 3.
    second = np.array([[1.0, 1.0]]), np.array([[1.0], [-2.0]])
    expected = {True: [[10.0, -17.0]], False: [[3.0, -6.0]]}[skip]
    assert_close(kata.residual_forward(X, [BLOCK, second], skip).out, expected)
    # Without a bias, 300 times the input gives 300 times the output.
    assert_close(kata.residual_forward(300 * X, [BLOCK, second], skip).out, 300 * np.array(expected))
    assert_close(kata.residual_forward(*stack, skip).out, defined(*stack, skip))


@both_stacks
def test_gradients_of_one_block(kata, stack, grad_out, skip):
    """The gradient goes back through f, where relu is on. A residual block passes it on unchanged as well."""
    # The first entry of x reaches the first of the output by 3 * 0.5, and beside f by 1; the second is off.
    cache = kata.residual_forward(X, [BLOCK], skip).cache
    back = kata.residual_backward(np.array([[1.0, -10.0]]), cache)
    grad_hidden = 0.5 + 10.0
    grad_x = [[3 * grad_hidden + skip, -10.0 * skip]]
    grads = [[[2 * grad_hidden, 0.0], [0.0, 0.0]], [[6.0, 0.0], [-60.0, 0.0]]]
    assert_gradients(back, (grad_x, [grads]))
    x, blocks = stack
    cache = kata.residual_forward(x, blocks[:1], skip).cache
    assert_gradients(kata.residual_backward(grad_out, cache), defined_gradients(grad_out, x, blocks[:1], skip))


@both_stacks
def test_gradients_of_a_stack(kata, stack, grad_out, skip):
    """Through a stack the gradient is the sum over all paths. Each pair of gradients stands at its block's place."""
    # Numbers for matrices. In residual blocks 1 becomes 1 + 6 = 7, and that 7 + 7 * 20; in plain ones 6 and 120.
    x, blocks = np.array([[1.0]]), [(np.array([[2.0]]), np.array([[3.0]])), (np.array([[4.0]]), np.array([[5.0]]))]
    if skip:
        grad_x, grads = [[7.0 * 21]], [([[3.0 * 21]], [[2.0 * 21]]), ([[5.0 * 7]], [[4.0 * 7]])]
    else:
        grad_x, grads = [[6.0 * 20]], [([[3.0 * 20]], [[2.0 * 20]]), ([[5.0 * 6]], [[4.0 * 6]])]
    for scale in (1.0, 2e3, 1e-6):
        back = kata.residual_backward(np.array([[scale]]), kata.residual_forward(x, blocks, skip).cache)
        assert_gradients(back, (scale * np.array(grad_x), scale * np.array(grads)))
    cache = kata.residual_forward(*stack, skip).cache
    assert_gradients(kata.residual_backward(grad_out, cache), defined_gradients(grad_out, *stack, skip))


def test_finite_differences(kata, rng, grad_out):
    """The gradients agree with finite differences."""
    # Positive weights and inputs keep z off the corner of relu, where a difference means nothing.
    x = rng.uniform(0.5, 1.0, size=(5, 3))
    first, second = [(rng.uniform(0.1, 0.5, (4, 3)), rng.uniform(0.1, 0.5, (3, 4))) for _ in range(2)]
    back = kata.residual_backward(grad_out, kata.residual_forward(x, [first, second], skip=True).cache)

    def loss(x, w_1, w_2):
        return (grad_out * defined(x, [(w_1, w_2), second], skip=True)).sum()

    for have, want in [
        (back.grad_x, numerical_gradient(lambda moved: loss(moved, *first), x)),
        (back.grad_blocks[0][0], numerical_gradient(lambda moved: loss(x, moved, first[1]), first[0])),
        (back.grad_blocks[0][1], numerical_gradient(lambda moved: loss(x, first[0], moved), first[1])),
    ]:
        assert_close(have, want, rtol=1e-5, atol=1e-8)


@both_stacks
def test_blocks_of_zeros(kata, grad_out, rng, skip):
    """With weights of 0 a residual stack passes on its input and its gradient unchanged, a plain one passes on 0."""
    blocks = [(np.zeros((2, 3)), np.zeros((3, 2)))] * 4
    for x, grad in [(np.array([[1.0, -2.0, 3.0]]), np.array([[4.0, 5.0, -6.0]])), (rng.normal(size=(5, 3)), grad_out)]:
        out, cache = kata.residual_forward(x, blocks, skip)
        assert_close(out, skip * x)
        back = kata.residual_backward(grad, cache)
        assert_gradients(back, (skip * grad, [(np.zeros((2, 3)), np.zeros((3, 2)))] * 4))
    # If W_2 alone is 0, as at the start of many networks, it has a gradient. If W_1 alone is 0, no z passes relu.
    grad, zero = np.array([[4.0, -5.0]]), 0 * BLOCK[0]
    for block, grads in [
        ((BLOCK[0], zero), (zero, [[24.0, 0.0], [-30.0, 0.0]])),
        ((zero, BLOCK[1]), (zero, zero)),
    ]:
        back = kata.residual_backward(grad, kata.residual_forward(X, [block], skip).cache)
        assert_gradients(back, (skip * grad, [grads]))


@both_stacks
def test_relu_at_zero(kata, skip):
    """At 0 the slope of relu is 0, for an input and for a hidden unit."""
    x, grad_out = np.array([[0.0, 1.0]]), np.array([[1.0, 1.0]])
    cache = kata.residual_forward(x, [(np.array([[3.0, 5.0]]), np.array([[1.0], [1.0]]))], skip).cache
    assert_gradients(
        kata.residual_backward(grad_out, cache), ([[0.0 + skip, 10.0 + skip]], [([[0.0, 2.0]], [[5.0], [5.0]])])
    )
    # z is 1 * 1 - 0.5 * 2.
    x = np.array([[1.0, 2.0]])
    cache = kata.residual_forward(x, [(np.array([[1.0, -0.5]]), np.array([[1.0], [1.0]]))], skip).cache
    assert_gradients(
        kata.residual_backward(grad_out, cache), ([[0.0 + skip, 0.0 + skip]], [([[0.0, 0.0]], [[0.0], [0.0]])])
    )


def test_residual_by_default(kata):
    """By default the blocks are residual."""
    out, cache = kata.residual_forward(X, [BLOCK])
    assert_close(out, [[5.0, -7.0]])
    assert_close(kata.residual_backward(np.array([[1.0, 0.0]]), cache).grad_x, [[2.5, 0.0]])
    assert_close(kata.gradient_ratio(X, [BLOCK], np.array([[2.0, 0.0]])), 2.5)


@both_stacks
def test_ratio(kata, stack, grad_out, skip):
    """The ratio is the norm of the gradient for x, over all entries, divided by the norm of grad_out."""
    # Two samples through slopes of 1 and 3, beside the sum. The norm of all of grad_out is 5.
    block, pair = (np.eye(2), np.diag([1.0, 3.0])), np.diag([3.0, -4.0])
    assert_close(
        kata.gradient_ratio(np.ones((2, 2)), [block], pair, skip), math.hypot(3 * (1 + skip), 4 * (3 + skip)) / 5
    )
    # Fifty blocks of slope 1/4 beside the sum.
    small = [(np.array([[0.5]]), np.array([[0.5]]))] * 50
    expected = (1 / 4 + skip) ** 50
    assert_close(kata.gradient_ratio(np.array([[2.0]]), small, np.array([[-2.0]]), skip), expected, atol=0.0, rtol=1e-6)
    grad_x, _ = defined_gradients(grad_out, *stack, skip)
    assert_close(kata.gradient_ratio(*stack, grad_out, skip), (grad_x**2).sum() ** 0.5 / (grad_out**2).sum() ** 0.5)


def test_ratio_of_small_gradients(kata):
    """The ratio does not depend on the size of grad_out."""
    blocks = [(np.array([[0.5]]), np.array([[0.5]]))] * 2
    assert_close(kata.gradient_ratio(np.array([[4.0]]), blocks, np.array([[1e-6]])), 1.5625)
    # Slopes of 1 and 3, beside the sum: 2 * 3 and 4 * 4 over 5.
    block = np.eye(2), np.diag([1.0, 3.0])
    for size in (1e-6, 1e3):
        ratio = kata.gradient_ratio(np.ones((1, 2)), [block], size * np.array([[3.0, -4.0]]))
        assert_close(ratio, math.hypot(6.0, 16.0) / 5)


@strict
@both_stacks
def test_ratio_to_nothing(kata, stack, grad_out, skip):
    """A grad_out of zeros raises ValueError. One of small entries, or of entries that add up to 0, does not."""
    for x, blocks, nothing in [(X, [BLOCK], 0 * X), (*stack, 0 * grad_out)]:
        with pytest.raises(ValueError):
            kata.gradient_ratio(x, blocks, nothing, skip)
    expected = kata.gradient_ratio(*stack, grad_out, skip)
    assert_close(kata.gradient_ratio(*stack, 2.0**-60 * grad_out, skip), expected)


@both_stacks
def test_ratio_of_signs(kata, skip):
    """Entries of grad_out that add up to 0 have a norm all the same."""
    block = np.array([[1.0]]), np.array([[0.0]])
    x, pair = np.array([[1.0], [1.0]]), np.array([[1.0], [-1.0]])
    assert_close(kata.gradient_ratio(x, [block], pair, skip), float(skip))


def test_one_block_twice(kata):
    """A block may stand in the list twice: each place has a gradient of its own."""
    block = np.array([[0.5]]), np.array([[0.5]])
    back = kata.residual_backward(np.ones((1, 1)), kata.residual_forward(np.array([[4.0]]), [block, block]).cache)
    # The inputs are 4 and 5, the gradients for the outputs 1.25 and 1.
    assert_gradients(back, ([[1.5625]], [([[0.5 * 4 * 1.25]], [[2.0 * 1.25]]), ([[0.5 * 5]], [[2.5]])]))


def test_cache(kata, stack, grad_out):
    """The backward pass belongs to the call that made the cache, also a second time."""
    cache = kata.residual_forward(*stack, skip=True).cache
    x, blocks = stack
    kata.residual_forward(2 - x, blocks[::-1], skip=False)
    for _ in range(2):
        assert_gradients(kata.residual_backward(grad_out, cache), defined_gradients(grad_out, *stack, skip=True))


@strict
@both_stacks
def test_integers(kata, skip):
    """Arrays may hold integers: nothing is truncated."""
    x, grad_out = np.array([[2, -1], [0, 3]]), np.array([[1, 2], [-3, 1]])
    whole = np.array([[1, 2], [3, -1], [0, 1]]), np.array([[1, 0, -1], [2, 1, 1]])
    blocks = [whole, (np.array([[0.5, 0.25]]), np.array([[0.75], [-0.5]]))]
    out, cache = kata.residual_forward(x, blocks, skip)
    assert_close(out, defined(x, blocks, skip))
    assert_gradients(kata.residual_backward(grad_out, cache), defined_gradients(grad_out, x, blocks, skip))
    cache = kata.residual_forward(x, [whole], skip).cache
    assert_gradients(kata.residual_backward(grad_out / 4, cache), defined_gradients(grad_out / 4, x, [whole], skip))


def workload(kata, rng, n):
    """Take both stacks on a batch of n samples, of which one is 0 throughout and one has whole numbers."""
    x, grad_out = rng.normal(size=(n + 2, 4)), rng.normal(size=(n + 2, 4))
    x[0], x[-1] = 0.0, rng.integers(-2, 3, size=4)
    blocks = [(rng.normal(size=(k, 4)), rng.normal(size=(4, k))) for k in rng.integers(1, 8, size=min(n, 5))]
    results = []
    for skip in (True, False):
        out, cache = kata.residual_forward(x, blocks, skip)
        results.append((out, kata.residual_backward(grad_out, cache), kata.gradient_ratio(x, blocks, grad_out, skip)))
    return tuple(results)


MISTAKES = {
    "relu behind the sum, as in the first ResNet": (
        "        x = x + f if skip else f\n",
        "        x = np.maximum(x + f, 0) if skip else f\n",
    ),
    "no relu in front of W_1": ("        z = np.maximum(x, 0) @ w_1.T\n", "        z = x @ w_1.T\n"),
    "no relu in front of W_2": ("        f = np.maximum(z, 0) @ w_2.T\n", "        f = z @ w_2.T\n"),
    "relu of the input added": ("x = x + f if skip else f", "x = np.maximum(x, 0) + f if skip else f"),
    "the stack's input added in every block": [
        ("    steps = []\n    for w_1, w_2 in blocks:", "    steps, start = [], x\n    for w_1, w_2 in blocks:"),
        ("x = x + f if skip else f", "x = start + f if skip else f"),
    ],
    "always residual": ("x = x + f if skip else f", "x = x + f"),
    "plain by default": (
        "def residual_forward(x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = True)",
        "def residual_forward(x: np.ndarray, blocks: list[tuple[np.ndarray, np.ndarray]], skip: bool = False)",
    ),
    "identity path forgotten on the way back": (
        "        grad_out = grad_out + through if skip else through\n",
        "        grad_out = through\n",
    ),
    "identity path cut by relu": (
        "        through = grad_z @ w_1 * (x > 0)\n        grad_out = grad_out + through if skip else through\n",
        "        through = (grad_z @ w_1 + (grad_out if skip else 0)) * (x > 0)\n        grad_out = through\n",
    ),
    "identity path from the output to every block": [
        (
            "    grad_blocks = []\n    for x, z, w_1, w_2 in reversed(steps):\n",
            "    grad_blocks, last = [], grad_out\n    for x, z, w_1, w_2 in reversed(steps):\n",
        ),
        ("grad_out = grad_out + through if skip else through", "grad_out = last + through if skip else through"),
    ],
    "gradient passes the first relu": ("through = grad_z @ w_1 * (x > 0)", "through = grad_z @ w_1"),
    "gradient passes the second relu": ("grad_z = grad_out @ w_2 * (z > 0)", "grad_z = grad_out @ w_2"),
    "slope 1 at an input of 0": ("through = grad_z @ w_1 * (x > 0)", "through = grad_z @ w_1 * (x >= 0)"),
    "slope 1 at a hidden 0": ("grad_z = grad_out @ w_2 * (z > 0)", "grad_z = grad_out @ w_2 * (z >= 0)"),
    "grad_w_1 by the input before relu": ("(grad_z.T @ np.maximum(x, 0), ", "(grad_z.T @ x, "),
    "grad_w_2 by z before relu": ("grad_out.T @ np.maximum(z, 0)))", "grad_out.T @ z))"),
    "gradients averaged over the samples": (
        "(grad_z.T @ np.maximum(x, 0), ",
        "(grad_z.T @ np.maximum(x, 0) / len(x), ",
    ),
    "gradients from the last block to the first": (
        "grad_blocks[::-1])\n\n\ndef gradient_ratio(",
        ("grad_blocks)\n\n\ndef gradient_ratio("),
    ),
    "one cache for all calls": [
        ("class Forward(NamedTuple):", "LATEST = []\n\n\nclass Forward(NamedTuple):"),
        (
            "    return Forward(x, (steps, skip))\n\n\ndef residual_backward(",
            ("    LATEST[:] = steps, skip\n    return Forward(x, (steps, skip))\n\n\ndef residual_backward("),
        ),
        ("    steps, skip = cache\n    grad_blocks = []\n", "    steps, skip = LATEST\n    grad_blocks = []\n"),
    ],
    "ratio upside down": (
        "float(np.linalg.norm(grad_x) / np.linalg.norm(grad_out))",
        "float(np.linalg.norm(grad_out) / np.linalg.norm(grad_x))",
    ),
    "ratio of the spectral norms": (
        "float(np.linalg.norm(grad_x) / np.linalg.norm(grad_out))",
        "float(np.linalg.norm(grad_x, 2) / np.linalg.norm(grad_out, 2))",
    ),
    "mean of the samples' ratios": (
        "float(np.linalg.norm(grad_x) / np.linalg.norm(grad_out))",
        "float((np.linalg.norm(grad_x, axis=1) / np.linalg.norm(grad_out, axis=1)).mean())",
    ),
    "ratio of the residual stack always": (
        "residual_backward(grad_out, residual_forward(x, blocks, skip).cache).grad_x\n    return",
        "residual_backward(grad_out, residual_forward(x, blocks).cache).grad_x\n    return",
    ),
    "nothing taken from a sum of 0": ("    if not np.any(grad_out):", "    if grad_out.sum() == 0:"),
}

STRICT_MISTAKES = {
    "a small gradient is nothing": ("if not np.any(grad_out):", "if np.allclose(grad_out, 0):"),
    "an eps in the ratio": ("/ np.linalg.norm(grad_out))", "/ (np.linalg.norm(grad_out) + 1e-12))"),
    "output of integer type": (
        "    return Forward(x, (steps, skip))\n\n\ndef residual_backward(",
        "    return Forward(x.astype(steps[0][0].dtype), (steps, skip))\n\n\ndef residual_backward(",
    ),
    "a small number against division by 0": [
        ("    if not np.any(grad_out):", "    if grad_out is None:"),
        (
            "np.linalg.norm(grad_x) / np.linalg.norm(grad_out))",
            "np.linalg.norm(grad_x) / (np.linalg.norm(grad_out) + 1e-12))",
        ),
    ],
}
