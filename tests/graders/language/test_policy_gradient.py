import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

# Three steps of two episodes, the second of which is not over: with gamma = lam = 1/2 the deltas are 1/2, 1 and 3.
STEPS = np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), np.array([False, True, False]), 4.0


@pytest.fixture
def steps(rng):
    """Rewards, values and ends of nine steps: an episode of one step among longer ones, the last is not over."""
    ends = np.zeros(9, dtype=bool)
    ends[[2, 3]] = True
    return rng.normal(0.5, 1.0, size=9), rng.normal(1.0, 2.0, size=9), ends, float(rng.normal(3.0))


@pytest.fixture
def actions(rng):
    """Log-probabilities, old ones and advantages: each kind of ratio with each sign, none near a bound."""
    log_ratios = np.repeat([-0.8, -0.45, -0.1, 0.1, 0.45, 0.8], 3) + rng.uniform(-0.02, 0.02, size=18)
    advantages = rng.uniform(0.5, 2.0, size=18) * np.tile([1.0, -1.0, 0.0], 6)
    order, old = rng.permutation(18), rng.normal(-3.0, 1.0, size=18)
    return old + log_ratios[order], old, advantages[order]


def defined_advantages(rewards, values, terminated, last_value, gamma, lam):
    """Add up, for each step, the deltas up to the end of its episode."""
    known = [*values, last_value]
    advantages = []
    for t in range(len(rewards)):
        total, discount, k = 0.0, 1.0, t
        while k < len(rewards):
            total += discount * (rewards[k] - known[k] + (0.0 if terminated[k] else gamma * known[k + 1]))
            discount *= gamma * lam
            if terminated[k]:
                break
            k += 1
        advantages.append(total)
    return np.array(advantages)


def defined_objective(logps, old_logps, advantages, clip):
    terms = []
    for logp, old, advantage in zip(np.ravel(logps), np.ravel(old_logps), np.ravel(advantages), strict=True):
        ratio = np.exp(logp - old)
        terms.append(min(ratio * advantage, min(max(ratio, 1 - clip), 1 + clip) * advantage))
    return sum(terms) / len(terms)


def defined_group(group, eps):
    mean = sum(group) / len(group)
    std = (sum((reward - mean) ** 2 for reward in group) / (len(group) - 1)) ** 0.5
    return [(reward - mean) / (std + eps) for reward in group]


def assert_step(kata, logps, old_logps, advantages, clip):
    step = kata.clipped_objective(logps, old_logps, advantages, clip)
    assert_close(step.value, defined_objective(logps, old_logps, advantages, clip))
    expected = numerical_gradient(lambda each: defined_objective(each, old_logps, advantages, clip), logps)
    assert_close(step.grad, expected, rtol=1e-5, atol=1e-8)


def test_advantages(kata, steps):
    """An advantage is the sum of the deltas from its step on, each further one discounted by gamma * lam."""
    assert_close(kata.generalized_advantages(*STEPS, gamma=0.5, lam=0.5).advantages, [0.75, 1.0, 3.0])
    rewards, values, _, last_value = steps
    goes_on = np.zeros(9, dtype=bool)
    for gamma, lam in [(0.9, 0.7), (0.5, 0.9), (1.0, 0.95), (0.8, 1.0), (1.0, 1.0)]:
        for n in (1, 2, 9):
            some = rewards[:n], values[:n], goes_on[:n], last_value
            expected = defined_advantages(*some, gamma, lam)
            assert_close(kata.generalized_advantages(*some, gamma, lam).advantages, expected)


def test_terminal_states(kata, steps):
    """At the end of an episode neither the next value nor the next advantage counts."""
    rewards, values, ends = np.array([5.0, 1.0]), np.array([2.0, 100.0]), np.array([True, True])
    assert_close(kata.generalized_advantages(rewards, values, ends, 50.0, gamma=0.5, lam=0.5).advantages, [3.0, -99.0])
    assert_close(
        kata.generalized_advantages(rewards, values, ~ends, 50.0, gamma=0.5, lam=0.5).advantages, [34.5, -74.0]
    )
    for gamma, lam in [(0.9, 0.7), (1.0, 1.0)]:
        for last in (False, True):
            steps[2][-1] = last
            expected = defined_advantages(*steps, gamma, lam)
            assert_close(kata.generalized_advantages(*steps, gamma, lam).advantages, expected)


def test_ends_of_lam(kata, steps):
    """With lam = 0 the advantage is delta; with lam = 1 it is the discounted sum of rewards, less the value."""
    assert_close(kata.generalized_advantages(*STEPS, gamma=0.5, lam=0.0).advantages, [0.5, 1.0, 3.0])
    # 1 + 2 / 2 - 1, 2 - 1 and 3 + 4 / 2 - 2.
    assert_close(kata.generalized_advantages(*STEPS, gamma=0.5, lam=1.0).advantages, [1.0, 1.0, 3.0])
    for gamma, lam in [(0.9, 0.0), (0.9, 1.0), (0.0, 0.5)]:
        expected = defined_advantages(*steps, gamma, lam)
        assert_close(kata.generalized_advantages(*steps, gamma, lam).advantages, expected)


def test_returns_and_defaults(kata, steps):
    """The returns are advantages plus values. Gamma is 0.99 and lam 0.95 by default."""
    assert_close(kata.generalized_advantages(*STEPS, gamma=0.5, lam=0.5).returns, [1.75, 2.0, 5.0])
    expected = defined_advantages(*steps, 0.99, 0.95)
    step = kata.generalized_advantages(*steps)
    assert_close(step.advantages, expected)
    assert_close(step.returns, expected + steps[1])


def test_objective(kata, actions):
    """The objective is the mean of the smaller of r * A and clip(r) * A."""
    four = np.log([2.0, 2.0, 0.5, 0.5]), np.zeros(4), np.array([1.0, -1.0, 1.0, -1.0])
    assert_close(kata.clipped_objective(*four).value, (1.2 - 2 + 0.5 - 0.8) / 4)
    assert_close(kata.clipped_objective(*four, clip=0.4).value, (1.4 - 2 + 0.5 - 0.6) / 4)
    # Where the plain term is the smaller one, nothing bounds it.
    step = kata.clipped_objective(np.array([10.0, -10.0]), np.zeros(2), np.array([-1.0, 1.0]))
    assert_close(step.value, (np.exp(-10.0) - np.exp(10.0)) / 2)
    assert_close(step.grad, [-np.exp(10.0) / 2, np.exp(-10.0) / 2])
    for clip in (0.05, 0.2, 0.3):
        for size in (1, 5, 18):
            some = [array[:size] for array in actions]
            assert_close(kata.clipped_objective(*some, clip).value, defined_objective(*some, clip))


def test_gradient(kata, actions):
    """The gradient is 0 where the clipped term is smaller, and elsewhere r * A over the number of actions."""
    four = np.log([2.0, 2.0, 0.5, 0.5]), np.zeros(4), np.array([1.0, -1.0, 1.0, -1.0])
    assert_close(kata.clipped_objective(*four).grad, [0.0, -0.5, 0.125, 0.0])
    for clip in (0.05, 0.2, 0.3):
        assert_step(kata, *actions, clip)
        assert_step(kata, *(array[:1] for array in actions), clip)
        assert_step(kata, *(array.reshape(3, 6) for array in actions), clip)


def test_first_step(kata, actions):
    """Before the first step the ratios are 1: the objective is the mean advantage, and nothing is clipped."""
    _, old, advantages = actions
    for clip in (0.2, 0.01):
        step = kata.clipped_objective(old, old, advantages, clip)
        assert_close(step.value, advantages.mean())
        assert_close(step.grad, advantages / 18)


def test_low_log_probabilities(kata):
    """Log-probabilities as low as -1e4 have a ratio like others: it is the exponential of their difference."""
    old = np.array([-1e4, -9e3, -800.0])
    step = kata.clipped_objective(old + np.log([2.0, 0.5, 1.1]), old, np.array([-1.0, 1.0, 1.0]))
    assert_close(step.value, (-2 + 0.5 + 1.1) / 3)
    assert_close(step.grad, np.array([-2, 0.5, 1.1]) / 3)


def test_groups(kata, rng):
    """Each reward is compared with its own group: less the mean, over the std with divisor group_size - 1, plus eps."""
    small = np.array([[0.0, 4.0, 8.0], [1.0, 1.5, 2.0]])
    assert_close(kata.group_advantages(small, eps=1.0), [[-0.8, 0.0, 0.8], [-1 / 3, 0.0, 1 / 3]])
    half = 2**-0.5
    assert_close(kata.group_advantages(np.array([[0.0, 4.0]])), [[-2 / (4 * half + 1e-4), 2 / (4 * half + 1e-4)]])
    for shape in [(4, 5), (5, 2), (1, 8), (3, 3)]:
        rewards = rng.normal(rng.normal(size=(shape[0], 1)), 2.0, size=shape)
        for eps in (1e-4, 0.5):
            assert_close(kata.group_advantages(rewards, eps), [defined_group(group, eps) for group in rewards])
        assert_close(kata.group_advantages(rewards), [defined_group(group, 1e-4) for group in rewards])


def test_equal_rewards(kata):
    """If all answers of a group have one reward, their advantages are 0. Other groups are not affected."""
    rewards = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.001]])
    assert_close(kata.group_advantages(rewards), [defined_group(group, 1e-4) for group in rewards])
    assert_close(kata.group_advantages(np.full((2, 7), 3.0)), np.zeros((2, 7)))


@strict
def test_integers(kata):
    """Rewards and values may be integers: nothing is truncated."""
    rewards, values, ends, _ = STEPS
    step = kata.generalized_advantages(rewards.astype(int), values.astype(int), ends, 4, gamma=0.5, lam=0.5)
    assert_close(step.advantages, [0.75, 1.0, 3.0])
    assert_close(step.returns, [1.75, 2.0, 5.0])
    rewards = np.array([[1, 0, 0], [0, 0, 0]])
    assert_close(kata.group_advantages(rewards), [defined_group(group, 1e-4) for group in rewards])
    step = kata.clipped_objective(np.array([-1, -3]), np.array([-2, -1]), np.array([3, 2]))
    assert_close(step.value, (3.6 + 2 * np.exp(-2)) / 2)
    assert_close(step.grad, [0.0, np.exp(-2)])


def workload(kata, rng, n):
    """Advantages of n steps, one clipped step on them, and groups of which some have equal rewards."""
    rewards, values = rng.normal(size=(2, n))
    steps = kata.generalized_advantages(rewards, values, rng.random(n) < 0.2, 1.5)
    undiscounted = kata.generalized_advantages(rewards.round(), values, rng.random(n) < 0.2, -0.5, gamma=1.0, lam=0.5)
    old = rng.normal(-2.0, 1.0, size=n)
    advantages = rng.normal(size=n) * (rng.random(n) < 0.9)
    logps = old + rng.choice([-0.9, -0.4, 0.0, 0.1, 0.4, 0.9], size=n)
    correct = (rng.random((n, 4)) < 0.3).astype(float)
    return (
        steps,
        undiscounted,
        kata.clipped_objective(logps, old, advantages),
        kata.clipped_objective(logps[::2], old[::2], advantages[::2], clip=0.5),
        kata.group_advantages(correct),
        kata.group_advantages(rng.normal(size=(n, 3)), eps=0.1),
    )


RECURSION = "advantages[t] = following = deltas[t] + weights[t] * lam * following"
DELTAS = "deltas = rewards + weights * np.append(values[1:], last_value) - values"
MISTAKES = {
    "log-ratios are held within 5": ("np.exp(logps - old_logps)", "np.exp(np.clip(logps - old_logps, -5, 5))"),
    "the value of the next episode counts at an end": (
        DELTAS,
        "deltas = rewards + gamma * np.append(values[1:], last_value) - values",
    ),
    "the advantage of the next episode counts at an end": (
        RECURSION,
        "advantages[t] = following = deltas[t] + gamma * lam * following",
    ),
    "ends are never looked at": ("np.where(terminated, 0.0, gamma)", "np.where(terminated, gamma, gamma)"),
    "ends belong to the step after": (
        "np.where(terminated, 0.0, gamma)",
        "np.where(np.append(terminated[1:], False), 0.0, gamma)",
    ),
    "ends belong to the step before": (
        "np.where(terminated, 0.0, gamma)",
        "np.where(np.append(False, terminated[:-1]), 0.0, gamma)",
    ),
    "the last step always ends an episode": (DELTAS, DELTAS.replace("last_value)", "0.0)")),
    "the last value counts though the episode has ended": (
        "    advantages, following = ",
        "    deltas[-1] = rewards[-1] + gamma * last_value - values[-1]\n    advantages, following = ",
    ),
    "the last value begins the recursion too": (
        "np.empty(len(deltas)), 0.0\n",
        "np.empty(len(deltas)), float(last_value)\n",
    ),
    "no values: returns for advantages": (DELTAS, "deltas = rewards + 0.0"),
    "the next value is not discounted": (DELTAS, DELTAS.replace("weights * np", "(weights > 0) * np")),
    "discounted by lam alone": (RECURSION, RECURSION.replace("weights[t] *", "(weights[t] > 0) *")),
    "discounted by gamma alone": (RECURSION, RECURSION.replace(" * lam", "")),
    "the values shifted the wrong way": (
        DELTAS,
        DELTAS.replace("np.append(values[1:], last_value)", "np.append(last_value, values[:-1])"),
    ),
    "from the first step to the last": ("for t in reversed(range(len(deltas))):", "for t in range(len(deltas)):"),
    "the returns are the rewards to go": ("advantages + values)\n", "rewards[::-1].cumsum()[::-1])\n"),
    "advantages normalised": (
        "    return Advantages(advantages, advantages + values)\n\n\ndef clipped_objective(",
        (
            "    return Advantages((advantages - advantages.mean()) / (advantages.std() + 1e-8), advantages + values)\n"
            "\n\ndef clipped_objective("
        ),
    ),
    "another lam by default": (
        '    lam: float = 0.95,\n) -> Advantages:\n    """Return the advantages',
        '    lam: float = 0.97,\n) -> Advantages:\n    """Return the advantages',
    ),
    "the larger of the two terms": ("np.minimum(plain, clipped)", "np.maximum(plain, clipped)"),
    "only the clipped term": ("np.minimum(plain, clipped)", "clipped"),
    "only the plain term": ("np.minimum(plain, clipped)", "plain"),
    "the minimum of the ratios, before the advantage": (
        "np.minimum(plain, clipped)",
        "(np.minimum(ratio, np.clip(ratio, 1 - clip, 1 + clip)) * advantages)",
    ),
    "a loss, to be minimised": [
        ("float(np.minimum(plain, clipped).mean())", "-float(np.minimum(plain, clipped).mean())"),
        ("np.where(plain <= clipped, plain, 0.0)", "-np.where(plain <= clipped, plain, 0.0)"),
    ],
    "the sum over actions": ("np.minimum(plain, clipped).mean()", "np.minimum(plain, clipped).sum()"),
    "the difference for the ratio": ("ratio = np.exp(logps - old_logps)", "ratio = 1 + logps - old_logps"),
    "the ratio upside down": ("np.exp(logps - old_logps)", "np.exp(old_logps - logps)"),
    "a ratio of exponentials": (
        "ratio = np.exp(logps - old_logps)",
        "ratio = np.exp(logps) / np.exp(old_logps)",
    ),
    "bounds 1 - clip and 1 / (1 - clip)": (
        "np.clip(ratio, 1 - clip, 1 + clip)",
        "np.clip(ratio, 1 - clip, 1 / (1 - clip))",
    ),
    "the gradient is 0 outside the bounds, on either side": (
        "np.where(plain <= clipped, plain, 0.0)",
        "np.where(np.abs(ratio - 1) <= clip, plain, 0.0)",
    ),
    "the gradient of the plain term": ("np.where(plain <= clipped, plain, 0.0)", "plain"),
    "the gradient is not 0 where clipped": (
        "np.where(plain <= clipped, plain, 0.0)",
        "np.where(plain <= clipped, plain, clipped)",
    ),
    "the gradient for the ratio": (
        "np.where(plain <= clipped, plain, 0.0)",
        "np.where(plain <= clipped, advantages, 0.0)",
    ),
    "the gradient is 0 at a ratio of 1": ("plain <= clipped", "plain < clipped"),
    "the gradient of the sum": ("plain, 0.0) / ratio.size", "plain, 0.0)"),
    "the gradient over the rows": ("plain, 0.0) / ratio.size", "plain, 0.0) / len(ratio)"),
    "the std divides by the group's size": ("axis=1, ddof=1, keepdims=True", "axis=1, keepdims=True"),
    "the variance for the std": ("(rewards.std(axis=1", "(rewards.var(axis=1"),
    "mean and std of the whole batch": [
        ("rewards.mean(axis=1, keepdims=True)", "rewards.mean()"),
        ("rewards.std(axis=1, ddof=1, keepdims=True)", "rewards.std(ddof=1)"),
    ],
    "the std of the whole batch": ("rewards.std(axis=1, ddof=1, keepdims=True)", "rewards.std(ddof=1)"),
    "mean and std over the prompts": [
        ("rewards.mean(axis=1, keepdims=True)", "rewards.mean(axis=0)"),
        ("rewards.std(axis=1, ddof=1, keepdims=True)", "rewards.std(axis=0, ddof=1)"),
    ],
    "no eps": ("keepdims=True) + eps)", "keepdims=True))"),
    "a smaller eps": (
        'eps: float = 1e-4) -> np.ndarray:\n    """Return (',
        'eps: float = 1e-8) -> np.ndarray:\n    """Return (',
    ),
    "eps under the root": (
        "(rewards.std(axis=1, ddof=1, keepdims=True) + eps)",
        "np.sqrt(rewards.var(axis=1, ddof=1, keepdims=True) + eps)",
    ),
    "not divided by the std": ("return centered / (rewards", "return centered + 0 * (rewards"),
}

STRICT_MISTAKES = {
    "advantages in the type of the rewards": (
        "np.empty(len(deltas)), 0.0\n",
        "np.empty(len(deltas), dtype=rewards.dtype), 0.0\n",
    ),
}
