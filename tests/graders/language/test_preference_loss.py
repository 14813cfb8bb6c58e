import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

# Two answers of one prompt token and two tokens each: the logits at positions 0 and 1 predict those at 1 and 2.
LOGITS = np.log([[[1.0, 3.0], [3.0, 1.0], [1.0, 7.0]], [[1.0, 4.0], [1.0, 1.0], [9.0, 1.0]]])
LABELS = np.array([[-100, 1, 0], [-100, 0, 1]])


@pytest.fixture
def answers(rng):
    """Logits and labels of four rows: all tokens count, a prompt, a prompt and padding, holes."""
    labels = rng.integers(0, 5, size=(4, 6))
    labels[1, :3] = -100
    labels[2, [0, 1, 4, 5]] = -100
    labels[3, [0, 2, 4]] = -100
    return rng.normal(scale=2.0, size=(4, 6, 5)), labels


@pytest.fixture
def pairs(rng):
    """Log-probabilities of five pairs: policy chosen and rejected, reference chosen and rejected."""
    return list(rng.normal(-30.0, 3.0, size=(4, 5)))


def defined_logps(logits, labels):
    totals = np.zeros(len(logits))
    for i, row in enumerate(labels):
        for t in range(1, len(row)):
            if row[t] >= 0:
                powers = np.exp(logits[i, t - 1] - max(logits[i, t - 1]))
                totals[i] += np.log(powers[row[t]] / sum(powers))
    return totals


def defined_loss(chosen, rejected, ref_chosen, ref_rejected, beta):
    losses = []
    for i in range(len(chosen)):
        h = beta * (chosen[i] - ref_chosen[i]) - beta * (rejected[i] - ref_rejected[i])
        losses.append(-np.log(1 / (1 + np.exp(-h))))
    return sum(losses) / len(losses)


def defined_gradients(pairs, beta):
    """Return the gradients for the first two of the four arrays, by finite differences."""
    chosen, rejected, *reference = pairs
    return (
        numerical_gradient(lambda logps: defined_loss(logps, rejected, *reference, beta), chosen),
        numerical_gradient(lambda logps: defined_loss(chosen, logps, *reference, beta), rejected),
    )


def assert_gradients(step, expected, rtol=1e-9):
    assert_close(step.grad_chosen, expected[0], rtol=rtol, atol=1e-9)
    assert_close(step.grad_rejected, expected[1], rtol=rtol, atol=1e-9)


def test_sum_over_tokens(kata, rng):
    """The log-probability of an answer is the sum over its tokens, not the mean."""
    assert_close(kata.sequence_logps(LOGITS, LABELS), np.log([9 / 16, 1 / 10]))
    logits, labels = rng.normal(scale=2.0, size=(3, 7, 4)), rng.integers(0, 4, size=(3, 7))
    for length in (2, 3, 7):
        expected = defined_logps(logits[:, :length], labels[:, :length])
        assert_close(kata.sequence_logps(logits[:, :length], labels[:, :length]), expected)


def test_shift(kata, rng):
    """The logits at position t predict the token at t + 1: the last logits and the first label have no effect."""
    logits, labels = LOGITS.copy(), LABELS.copy()
    logits[:, -1], labels[:, 0] = [5.0, -5.0], [1, 0]
    assert_close(kata.sequence_logps(logits, labels), np.log([9 / 16, 1 / 10]))
    # As many tokens in the vocabulary as positions and rows.
    logits, labels = rng.normal(scale=2.0, size=(4, 4, 4)), rng.integers(0, 4, size=(4, 4))
    assert_close(kata.sequence_logps(logits, labels), defined_logps(logits, labels))


def test_tokens_that_do_not_count(kata, answers):
    """Labels of -100 do not count, wherever they are. A row with no other label has log-probability 0."""
    labels = np.array([[1, -100, 0], [-100, -100, -100]])
    assert_close(kata.sequence_logps(LOGITS, labels), [np.log(3 / 4), 0.0])
    assert_close(kata.sequence_logps(LOGITS, np.full((2, 3), -100)), [0.0, 0.0])
    assert_close(kata.sequence_logps(*answers), defined_logps(*answers))
    # A vocabulary in which -100 and -1 are places counted from the end, and token 0 counts.
    logits, labels = np.tile(np.arange(150.0) / 10, (1, 3, 1)), np.array([[-100, -100, 0]])
    assert_close(kata.sequence_logps(logits, labels), defined_logps(logits, labels))


def test_large_logits(kata):
    """With logits as large as 1e4, the log-probability is finite and exact."""
    logits = np.array([[[1e4, 0.0, 0.0], [-1e4, 1e4, 0.0], [0.0, 0.0, 0.0]]] * 2)
    assert_close(kata.sequence_logps(logits, np.array([[-100, 1, 0], [-100, 0, 2]])), [-3e4, -1e4])
    level = np.array([[[1e4, 1e4], [-1e4, -1e4], [0.0, 0.0]]])
    assert_close(kata.sequence_logps(level, np.array([[0, 1, 0]])), [-2 * np.log(2.0)])


def test_loss(kata, pairs):
    """The loss is the mean of -log sigmoid(h), where h is beta times the gain of the chosen over the rejected."""
    # h = 0.5 * (2 - 0), then the same with the roles of chosen and rejected swapped.
    small = np.array([-30.0]), np.array([-20.0]), np.array([-32.0]), np.array([-20.0])
    assert_close(kata.dpo_loss(*small, beta=0.5).loss, np.log(1 + np.exp(-1.0)))
    swapped = small[1], small[0], small[3], small[2]
    assert_close(kata.dpo_loss(*swapped, beta=0.5).loss, np.log(1 + np.exp(1.0)))
    # h = -12: a little more than 12.
    wrong = kata.dpo_loss(np.array([-12.0]), np.zeros(1), np.zeros(1), np.zeros(1), beta=1.0)
    assert_close(wrong.loss, np.log(1 + np.exp(12.0)))
    for beta in (0.05, 0.5, 1.0, 2.5):
        for size in (1, 2, 5):
            some = [logps[:size] for logps in pairs]
            assert_close(kata.dpo_loss(*some, beta).loss, defined_loss(*some, beta))


def test_default(kata, pairs):
    """Beta is 0.1 by default."""
    three = np.array([np.log(3.0) * 10]), np.zeros(1), np.zeros(1), np.zeros(1)
    assert_close(kata.dpo_loss(*three).loss, np.log(4 / 3))
    assert_close(kata.dpo_loss(*pairs).loss, defined_loss(*pairs, 0.1))


def test_gradients(kata, pairs):
    """The gradients are those of the mean loss: the chosen answer is pushed up and the rejected one down."""
    # h = log(3): sigmoid(-h) = 1/4, times beta = 1/2, over two pairs.
    chosen, zeros = np.full(2, 2 * np.log(3.0)), np.zeros(2)
    assert_gradients(kata.dpo_loss(chosen, zeros, zeros, zeros, beta=0.5), ([-1 / 16] * 2, [1 / 16] * 2))
    for beta in (0.05, 0.5, 1.0, 2.5):
        assert_gradients(kata.dpo_loss(*pairs, beta), defined_gradients(pairs, beta), rtol=1e-5)
    assert_gradients(kata.dpo_loss(*pairs), defined_gradients(pairs, 0.1), rtol=1e-5)


def test_policy_like_reference(kata, pairs):
    """Before the first step policy and reference are equal: the loss is log 2, whatever beta and the answers are."""
    for beta in (0.1, 3.0):
        step = kata.dpo_loss(pairs[0], pairs[1], pairs[0], pairs[1], beta)
        assert_close(step.loss, np.log(2.0))
        assert_gradients(step, ([-beta / 10] * 5, [beta / 10] * 5))


def test_large_margins(kata):
    """With h as large as 1e4, a pair in the wrong order costs the size of h, and its gradient is finite."""
    zeros = np.zeros(1)
    for margin in (1e4, 800.0, 40.0):
        for beta in (1.0, 0.5):
            wrong = kata.dpo_loss(np.array([-margin / beta]), zeros, zeros, zeros, beta)
            assert_close(wrong.loss, margin)
            assert_gradients(wrong, ([-beta], [beta]))
            right = kata.dpo_loss(zeros, np.array([-margin / beta]), zeros, zeros, beta)
            assert_close(right.loss, 0.0)
            assert_gradients(right, ([0.0], [0.0]))
    # Log-probabilities of a long answer, a few nats apart.
    logps = np.array([-9001.0, -8000.0]), np.array([-9500.0, -7000.0]), np.array([-9002.0, -8001.0])
    far = [*logps, np.array([-9502.5, -7002.0])]
    near = [np.array([1.0, 1.0]), np.array([2.5, 2.0]), np.zeros(2), np.zeros(2)]
    step = kata.dpo_loss(*far, 2.0)
    assert_close(step.loss, defined_loss(*near, 2.0))
    assert_gradients(step, defined_gradients(near, 2.0), rtol=1e-5)


@strict
def test_small_losses(kata):
    """A small loss is right to nine digits, and not 0."""
    for h in (15.0, 40.0, 300.0):
        step = kata.dpo_loss(np.array([h]), np.zeros(1), np.zeros(1), np.zeros(1), 1.0)
        assert_close(step.loss, np.exp(-h) - np.exp(-2 * h) / 2, atol=0.0)


@strict
def test_shapes(kata):
    """Labels that do not fit the logits, and log-probabilities of unlike shapes, raise ValueError."""
    for shape in [(2, 2), (1, 3), (2, 1), (3,), (6,), (2, 4), (3, 2), (2, 3, 2)]:
        with pytest.raises(ValueError):
            kata.sequence_logps(LOGITS, np.zeros(shape, dtype=int))
    for place in range(4):
        for shape in [(1,), (2,), (3, 1), (), (4,)]:
            arrays = [np.zeros(shape if k == place else 3) for k in range(4)]
            with pytest.raises(ValueError):
                kata.dpo_loss(*arrays)


def workload(kata, rng, n):
    """Log-probabilities of chosen and rejected answers under policy and reference, and their loss."""
    labels = rng.integers(0, 6, size=(2, n, 5))
    labels[:, :, 0] = -100
    labels[:, ::3, 1] = -100
    labels[:, 1::4, 3:] = -100
    policy = rng.normal(scale=3.0, size=(2, n, 5, 6))
    reference = policy + rng.normal(size=policy.shape)
    policy[:, ::5] += 5e3
    reference[:, ::7] = policy[:, ::7]
    logps = [kata.sequence_logps(z, y) for logits in (policy, reference) for z, y in zip(logits, labels, strict=True)]
    whole = [values.round() for values in logps]
    return *logps, kata.dpo_loss(*logps), kata.dpo_loss(*whole, beta=2.0)


SHIFT = "logits, labels = logits[:, :-1], labels[:, 1:]"
RATIOS = (
    "chosen, rejected = policy_chosen_logps - reference_chosen_logps, policy_rejected_logps - reference_rejected_logps"
)
MISTAKES = {
    "no shift": (SHIFT, "logits, labels = logits, labels"),
    "shifted the wrong way": (SHIFT, "logits, labels = logits[:, 1:], labels[:, :-1]"),
    "the mean over tokens": ("own, 0.0).sum(axis=1)", "own, 0.0).sum(axis=1) / np.maximum(counts.sum(axis=1), 1)"),
    "the sum over the batch": ("own, 0.0).sum(axis=1)", "own, 0.0).sum(axis=0)"),
    "prompt and padding count": ("counts = labels != -100", "counts = labels != -101"),
    "-100 counts from the end of the vocabulary": [
        ("(labels * counts)[..., np.newaxis]", "(labels % logits.shape[-1])[..., np.newaxis]"),
        ("np.where(counts, own, 0.0)", "own"),
    ],
    "token 0 taken for padding": ("counts = labels != -100", "counts = labels > 0"),
    "the number of tokens that count is that of the first row": (
        "np.where(counts, own, 0.0)",
        "np.where(counts[:1], own, 0.0)",
    ),
    "logits for log-probabilities": ("np.take_along_axis(log_p,", "np.take_along_axis(logits,"),
    "probabilities added up": ("np.take_along_axis(log_p,", "np.take_along_axis(np.exp(log_p),"),
    "exponentials of the logits as they are": ("logits - logits.max(axis=-1, keepdims=True)", "logits"),
    "one maximum for all": ("logits.max(axis=-1, keepdims=True)", "logits.max()"),
    "an eps in the logarithm": (
        "log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))",
        "log_p = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True) + 1e-12)",
    ),
    "softmax over the positions": (
        "np.log(np.exp(shifted).sum(axis=-1, keepdims=True))",
        "np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
    ),
    "no reference": (RATIOS, "chosen, rejected = policy_chosen_logps, policy_rejected_logps"),
    "the reference of the chosen answer for both": (
        "policy_rejected_logps - reference_rejected_logps",
        "policy_rejected_logps - reference_chosen_logps",
    ),
    "the reference added": (
        RATIOS,
        (
            "chosen, rejected = policy_chosen_logps + reference_chosen_logps, "
            "policy_rejected_logps + reference_rejected_logps"
        ),
    ),
    "the chosen and the rejected swapped": ("beta * (chosen - rejected)", "beta * (rejected - chosen)"),
    "beta inside the sum once": ("beta * (chosen - rejected)", "beta * chosen - rejected"),
    "divided by beta": ("beta * (chosen - rejected)", "(chosen - rejected) / beta"),
    "another beta by default": (
        '    beta: float = 0.1,\n) -> DpoLoss:\n    """Return the loss and',
        '    beta: float = 1.0,\n) -> DpoLoss:\n    """Return the loss and',
    ),
    "logarithm of the sigmoid": ("np.logaddexp(0, -h).mean()", "-np.log(1 / (1 + np.exp(-h))).mean()"),
    "logarithm of the sigmoid with an eps": (
        "np.logaddexp(0, -h).mean()",
        "-np.log(1 / (1 + np.exp(-h)) + 1e-8).mean()",
    ),
    "softplus that overflows": ("np.logaddexp(0, -h).mean()", "np.log(1 + np.exp(-h)).mean()"),
    "h clipped": ("beta * (chosen - rejected)", "np.clip(beta * (chosen - rejected), -50, 50)"),
    "the sum over the pairs": ("np.logaddexp(0, -h).mean()", "np.logaddexp(0, -h).sum()"),
    "the sigmoid of the mean": ("np.logaddexp(0, -h).mean()", "np.logaddexp(0, -h.mean())"),
    "the gradient of the sum": ("np.exp(-np.logaddexp(0, h)) / len(h)", "np.exp(-np.logaddexp(0, h))"),
    "the gradient without beta": ("grad = -beta * np.exp", "grad = -np.exp"),
    "sigmoid(h) for sigmoid(-h)": ("np.exp(-np.logaddexp(0, h))", "np.exp(-np.logaddexp(0, -h))"),
    "sigmoid' for the derivative of its logarithm": (
        "np.exp(-np.logaddexp(0, h))",
        "np.exp(-np.logaddexp(0, h) - np.logaddexp(0, -h))",
    ),
    "the gradients swapped": (
        "grad, -grad)\n\n\ndef sequence_logps_via_loop",
        "-grad, grad)\n\n\ndef sequence_logps_via_loop",
    ),
    "both pushed up": ("grad, -grad)\n\n\ndef sequence_logps_via_loop", "grad, grad)\n\n\ndef sequence_logps_via_loop"),
    "the rejected answer has no gradient": (
        "grad, -grad)\n\n\ndef sequence_logps_via_loop",
        "grad, 0 * grad)\n\n\ndef sequence_logps_via_loop",
    ),
}

STRICT_MISTAKES = {
    "a small loss is lost": (
        "np.logaddexp(0, -h).mean()",
        "(np.maximum(-h, 0) + np.log(1 + np.exp(-np.abs(h)))).mean()",
    ),
    "labels that broadcast pass": ("if labels.shape != logits.shape[:2]:", "if labels.shape[0] != len(logits):"),
    "only the number of pairs is looked at": (
        "if any(logps.shape != policy_chosen_logps.shape for logps in answers):",
        "if any(len(logps) != len(policy_chosen_logps) for logps in answers):",
    ),
}
