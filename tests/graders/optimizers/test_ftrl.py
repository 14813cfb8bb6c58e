import numpy as np
import pytest

from katagrad.testing import assert_close, assert_equal, strict

PURE = True

OPTIONS = {"alpha": 0.4, "beta": 0.7, "l1": 1.1, "l2": 0.6}


@pytest.fixture
def state(rng):
    """Draw z, n, weights and a gradient of shape (3, 4); the z are on both sides of 0, and one row of n is 0."""
    z, weights, grad = rng.normal(scale=2.0, size=(3, 3, 4))
    z[0] += [6.0, -6.0, 0.0, 0.0]
    n = rng.uniform(0.1, 4.0, size=(3, 4))
    n[1] = 0.0
    return z, n, weights, grad


def defined(z, n, weight, grad, alpha, beta, l1, l2):
    """Return what the definition makes of one coordinate."""
    sigma = ((n + grad**2) ** 0.5 - n**0.5) / alpha
    z, n = z + grad - sigma * weight, n + grad**2
    weight = 0.0 if abs(z) <= l1 else -(z - np.sign(z) * l1) / ((beta + n**0.5) / alpha + l2)
    return z, n, weight


def leader(grads, used, alpha, beta, l1, l2):
    """Return the minimum of (1), found among the minima of its two halves."""
    roots = np.sqrt(np.cumsum(np.append(0.0, np.square(grads))))
    sigma = np.diff(roots) / alpha

    def objective(w):
        proximal = (sigma * (w - np.array(used)) ** 2).sum() / 2
        return sum(grads) * w + proximal + beta / alpha * w**2 / 2 + l1 * abs(w) + l2 * w**2 / 2

    slope, curvature = sum(grads) - (sigma * used).sum(), sigma.sum() + beta / alpha + l2
    return min([max(0.0, -(slope + l1) / curvature), min(0.0, -(slope - l1) / curvature)], key=objective)


def assert_step(step, expected):
    for have, want in zip(step, expected, strict=True):
        assert_close(have, want)


def test_step(kata, state):
    """Each coordinate takes algorithm 1's step: z and n first, and the weight from the new z and n."""
    # sigma = (5 - 4) / 0.5 = 2, z = 15 + 3 + 2 = 20, weight = -(20 - 2) / ((1 + 5) / 0.5 + 3) = -18 / 15.
    for size in (1.0, 1e3, 1e-4):
        one = np.array([15.0 * size]), np.array([16.0 * size**2]), np.array([-1.0]), np.array([3.0 * size])
        step = kata.ftrl_step(*one, alpha=0.5, beta=size, l1=2.0 * size, l2=3.0 * size)
        assert_step(step, ([20.0 * size], [25.0 * size**2], [-1.2]))
    expected = np.vectorize(defined)(*state, *OPTIONS.values())
    assert_step(kata.ftrl_step(*state, **OPTIONS), expected)


def test_both_sides(kata):
    """l1 takes the size of z down on both sides of 0, and the weight has the sign that z has not."""
    z, grad, zeros = np.array([3.0, -3.0]), np.array([1.0, -1.0]), np.zeros(2)
    step = kata.ftrl_step(z, zeros, zeros, grad, alpha=1.0, beta=1.0, l1=1.5, l2=0.5)
    assert_step(step, ([4.0, -4.0], [1.0, 1.0], [-1.0, 1.0]))


def test_exact_zeros(kata, rng):
    """Only where |z| is at most l1, the weight is exactly 0, whatever it was; z itself is kept as it is."""
    z, n, weights, grad = np.array([1.0, -1.0]), np.ones(2), np.zeros(2), np.array([0.5, -1.0])
    step = kata.ftrl_step(z, n, weights, grad, alpha=0.1, beta=1.0, l1=2.0, l2=0.0)
    assert_close(step.z, [1.5, -2.0])
    assert_equal(step.weights, [0.0, 0.0])
    z, grad = rng.uniform(-1.0, 1.0, size=(2, 5))
    step = kata.ftrl_step(z, rng.uniform(0.1, 4.0, size=5), np.zeros(5), grad, alpha=0.1, beta=1.0, l1=2.0, l2=0.0)
    assert_close(step.z, z + grad)
    assert_equal(step.weights, np.zeros(5))
    # A weight that was in use goes back to 0: sigma = 2, and z = -4 + 3 - 2 * 0.25 = -1.5.
    one = np.array([-4.0]), np.array([16.0]), np.array([0.25]), np.array([3.0])
    step = kata.ftrl_step(*one, alpha=0.5, beta=1.0, l1=2.0, l2=0.0)
    assert_close(step.z, [-1.5])
    assert_equal(step.weights, [0.0])
    # A little above l1, the weight is small: 6e-6 / ((1 + 2) / 0.5).
    one = np.array([2.000006, -2.000006]), np.full(2, 4.0), np.zeros(2), np.zeros(2)
    assert_close(kata.ftrl_step(*one, alpha=0.5, beta=1.0, l1=2.0, l2=0.0).weights, [-1e-6, 1e-6])


def test_waking(kata):
    """From zero, a weight stays 0 until its gradients add up to more than l1."""
    z, n, weights = np.zeros(1), np.zeros(1), np.zeros(1)
    for t in range(1, 4):
        z, n, weights = kata.ftrl_step(z, n, weights, np.array([1.0]), alpha=0.5, beta=1.0, l1=2.5, l2=1.0)
        assert_close(z, [float(t)])
        assert_close(n, [float(t)])
        assert_close(weights, [0.0 if t < 3 else -0.5 / ((1 + 3**0.5) / 0.5 + 1)])


def test_leader(kata, rng):
    """After every step the weight minimises (1) over all gradients and all weights used so far."""
    grads = [-3.0, 1.0, -2.0, *rng.normal(scale=2.0, size=5)]
    z, n, weights, used = np.zeros(1), np.zeros(1), np.zeros(1), []
    for t, grad in enumerate(grads, start=1):
        used.append(weights.item())
        z, n, weights = kata.ftrl_step(z, n, weights, np.array([grad]), **OPTIONS)
        assert_close(weights, [leader(grads[:t], used, **OPTIONS)])


def test_adagrad(kata, rng):
    """Without penalties, begun at zero, it goes where Adagrad goes with rate alpha and eps beta."""
    z, n, weights = np.zeros(3), np.zeros(3), np.zeros(3)
    param, accumulator = np.zeros(3), np.zeros(3)
    for grad in [np.array([3.0, -4.0, 0.0]), np.array([0.0, -0.5, 1e-6]), *rng.normal(size=(5, 3))]:
        z, n, weights = kata.ftrl_step(z, n, weights, grad, alpha=0.5, beta=2.0, l1=0.0, l2=0.0)
        accumulator = accumulator + grad**2
        param = param - 0.5 * grad / (accumulator**0.5 + 2.0)
        assert_close(n, accumulator)
        assert_close(weights, param)


def test_zero_gradient(kata):
    """A gradient of 0 leaves z and n as they are, and the weight is still chosen from them."""
    # -(8 - 2) / ((1 + 2) / 0.5 + 0), for a weight that was handed in as 7; and a large one, -(-6002 + 2) / 6.
    one = np.array([8.0, 0.0, -6002.0]), np.array([4.0, 0.0, 4.0]), np.array([7.0, 0.0, 7.0]), np.zeros(3)
    step = kata.ftrl_step(*one, alpha=0.5, beta=1.0, l1=2.0, l2=0.0)
    assert_step(step, ([8.0, 0.0, -6002.0], [4.0, 0.0, 4.0], [-1.0, 0.0, 1000.0]))
    # -(-4 + 2) / (1 / 0.5), where no gradient has ever been other than 0, but z was begun with something.
    one = np.array([-4.0]), np.zeros(1), np.zeros(1), np.zeros(1)
    assert_step(kata.ftrl_step(*one, alpha=0.5, beta=1.0, l1=2.0, l2=0.0), ([-4.0], [0.0], [1.0]))


def test_penalties_of_zero(kata, state):
    """Each of l1 and l2 may be 0 while the other is not."""
    # z is 1 and l1 is 0: -1 / ((1 + 2) / 0.5 + 2).
    one = np.array([1.0]), np.array([4.0]), np.zeros(1), np.zeros(1)
    assert_step(kata.ftrl_step(*one, alpha=0.5, beta=1.0, l1=0.0, l2=2.0), ([1.0], [4.0], [-1 / 8]))
    for penalties in ({"l1": 0.0, "l2": 0.6}, {"l1": 1.1, "l2": 0.0}):
        options = OPTIONS | penalties
        assert_step(kata.ftrl_step(*state, **options), np.vectorize(defined)(*state, *options.values()))


def test_given_weights(kata):
    """The new weights follow from z and n, also without penalties: the given ones are those that grad was taken at."""
    # sigma = (5 - 4) / 0.5 = 2, so z = 15 + 3 - 2 * 2 = 14, n = 25, and the weight is -14 / ((1 + 5) / 0.5).
    for weight in (2.0, 700.0, 2e-6):
        one = np.array([15.0]), np.array([16.0]), np.array([weight]), np.array([3.0])
        step = kata.ftrl_step(*one, 0.5, 1.0, 0.0, 0.0)
        assert_close(step.z, [18.0 - 2.0 * weight])
        assert_close(step.n, [25.0])
        assert_close(step.weights, [(2.0 * weight - 18.0) / 12.0])


@strict
def test_integers(kata):
    """Arrays of integers are not truncated."""
    whole = np.array([15, -8]), np.array([16, 3]), np.array([-1, 2]), np.array([3, -2])
    expected = np.vectorize(defined)(*(array.astype(float) for array in whole), 2.0, 1.0, 2.0, 3.0)
    assert_step(kata.ftrl_step(*whole, alpha=2, beta=1, l1=2, l2=3), expected)


def workload(kata, rng, n):
    """Three steps from zero, with other parameters in the last; some gradients are zero, some weights stay zero."""
    steps = [(np.zeros((n, 4)),) * 3]
    for options in ((0.5, 1.0, 1.0, 0.5), (0.5, 1.0, 1.0, 0.5), (0.1, 0.3, 0.5, 0.0)):
        grad = rng.normal(size=(n, 4))
        grad[rng.random(size=grad.shape) < 0.3] = 0.0
        steps.append(kata.ftrl_step(*steps[-1], grad, *options))
    return tuple(steps[1:])


Z = "z = z + grad - (root - np.sqrt(n)) / alpha * weights"
PULL = "pull = np.clip(z, -l1, l1) - z"
RETURN = "return Step(z, n + grad**2, pull / ((beta + root) / alpha + l2))"

MISTAKES = {
    "sigma without alpha": (Z, Z.replace(" / alpha", "")),
    "sigma forgotten": (Z, "z = z + grad"),
    "sigma of the gradient alone": (Z, Z.replace("(root - np.sqrt(n))", "np.abs(grad)")),
    "sigma after n was updated": (Z, Z.replace("np.sqrt(n)", "root")),
    "sigma with beta in its root": (Z, Z.replace("(root - np.sqrt(n))", "(root - np.sqrt(n) + beta * (n == 0))")),
    "the pull added, not taken off": (Z, Z.replace("grad - ", "grad + ")),
    "z forgets": (Z, Z.replace("z + grad", "grad")),
    "the weight from the old n": (RETURN, RETURN.replace("beta + root", "beta + np.sqrt(n)")),
    "n forgets": (RETURN, RETURN.replace("n + grad**2", "grad**2")),
    "n of sizes, not of squares": (RETURN, RETURN.replace("n + grad**2", "n + np.abs(grad)")),
    "root forgotten": (RETURN, RETURN.replace("beta + root", "beta + root**2")),
    "beta fixed at 1": (RETURN, RETURN.replace("beta + root", "1 + root")),
    "beta inside the root": (RETURN, RETURN.replace("beta + root", "np.sqrt(beta + root**2)")),
    "l1 taken off one side only": (PULL, "pull = np.where(np.abs(z) <= l1, 0.0, l1 - z)"),
    "l1 as a threshold that does not shrink": (PULL, "pull = np.where(np.abs(z) <= l1, 0.0, -z)"),
    "l1 on the weight, not on z": [
        (PULL, "pull = -z"),
        (RETURN, "w = pull / ((beta + root) / alpha + l2)\n    return Step(z, n + grad**2, w - np.clip(w, -l1, l1))"),
    ],
    "weights nearly zero": (PULL, "pull = np.where(np.abs(z) <= l1, -1e-9 * z, np.clip(z, -l1, l1) - z)"),
    "small weights are 0": (PULL, "pull = np.where(np.abs(z) <= l1 + 1e-5, 0.0, np.clip(z, -l1, l1) - z)"),
    "l1 forgotten": (PULL, "pull = -z"),
    "the thresholded z handed on": (RETURN, RETURN.replace("Step(z,", "Step(-pull,")),
    "l2 doubled, as for l2 w^2": (RETURN, RETURN.replace("+ l2)", "+ 2 * l2)")),
    "l2 inside the rate": (RETURN, RETURN.replace("(beta + root) / alpha + l2", "(beta + root + l2) / alpha")),
    "a weight uphill": (PULL, "pull = z - np.clip(z, -l1, l1)"),
    "weights that never had a gradient are 0": (PULL, "pull = np.where(n + grad**2 == 0, 0, np.clip(z, -l1, l1) - z)"),
    "weights without gradient left as they were": (
        RETURN,
        (
            "chosen = pull / ((beta + root) / alpha + l2)\n"
            "    return Step(z, n + grad**2, np.where(grad == 0, weights, chosen))"
        ),
    ),
    "another algorithm: Adagrad with the penalties' gradient": (
        RETURN,
        (
            "grad = grad + l1 * np.sign(weights) + l2 * weights\n"
            "    return Step(z, n + grad**2, weights - alpha * grad / (beta + np.sqrt(n + grad**2)))"
        ),
    ),
    "l2 left out where l1 is 0": (RETURN, RETURN.replace("+ l2)", "+ l2 * (l1 > 0))")),
    "sigma by a first-order expansion": (Z, Z.replace("(root - np.sqrt(n))", "grad**2 / (2 * root)")),
}

STRICT_MISTAKES = {
    "integers truncated": (PULL, "z = z.astype(grad.dtype)\n    " + PULL),
}
