import math
from functools import partial

import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict


@pytest.fixture
def batch(rng):
    """Seven rows in mixed order, three of them source; four inputs and three features; nothing is centred."""
    X = rng.normal(0.5, 0.7, size=(7, 4))
    y = np.array([-1, 1, 9, 0, 1, 0, 1])
    is_target = np.array([True, False, True, False, False, True, True])
    return X, y, is_target, rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=3)


def probability(logit):
    return 1 / (1 + math.exp(-logit))


def label_loss(X, y, is_target, encoder, head):
    """Return the mean cross-entropy of the labels, row by row."""
    rows = [i for i in range(len(X)) if not is_target[i]]
    losses = [math.log1p(math.exp(float(X[i] @ encoder @ head) * (-1 if y[i] == 1 else 1))) for i in rows]
    return sum(losses) / max(len(rows), 1)


def domain_loss(X, is_target, encoder, head):
    """Return the mean cross-entropy of the domains: labels that every row has."""
    return label_loss(X, is_target.astype(int), np.zeros(len(X), dtype=bool), encoder, head)


def assert_definition(kata, strength, X, y, is_target, encoder, label_head, domain_head):
    """Compare with the gradients of the two losses by finite differences."""
    grads = kata.adversarial_gradients(X, y, is_target, encoder, label_head, domain_head, strength)
    near = {"rtol": 1e-5, "atol": 1e-7}
    by_label = numerical_gradient(lambda head: label_loss(X, y, is_target, encoder, head), label_head)
    assert_close(grads.label_head, by_label, **near, what="the gradient of label_head")
    by_domain = numerical_gradient(lambda head: domain_loss(X, is_target, encoder, head), domain_head)
    assert_close(grads.domain_head, by_domain, **near, what="the gradient of domain_head")
    learnt = numerical_gradient(lambda weights: label_loss(X, y, is_target, weights, label_head), encoder)
    hidden = numerical_gradient(lambda weights: domain_loss(X, is_target, weights, domain_head), encoder)
    assert_close(grads.encoder, learnt - strength * hidden, **near, what="the gradient of encoder")


def one_feature(kata, X, y, is_target, weights, strength=1.0):
    """Return the three gradients for one input and one feature, as numbers."""
    encoder, label_head, domain_head = weights
    X, y, is_target = np.array(X)[:, None], np.array(y), np.array(is_target, dtype=bool)
    arrays = np.array([[encoder]]), np.array([label_head]), np.array([domain_head])
    grads = kata.adversarial_gradients(X, y, is_target, *arrays, strength)
    return np.concatenate([np.ravel(grads.encoder), np.ravel(grads.label_head), np.ravel(grads.domain_head)])


def test_strength(kata, rng):
    """The strength is 2 / (1 + exp(-gamma * progress)) - 1."""
    assert_close(kata.reversal_strength(0.5, 2 * math.log(3)), 0.5)
    assert_close(kata.reversal_strength(0.1), 0.46211715726000973)
    for progress in (0.0, 1e-6, 0.01, 0.25, 0.999999, 1.0, *rng.random(5).tolist()):
        assert_close(kata.reversal_strength(progress), 2 * probability(10 * progress) - 1)
        for gamma in (0.0, 1e-6, 0.5, 3.0, 25.0):
            assert_close(kata.reversal_strength(progress, gamma), 2 * probability(gamma * progress) - 1)
    assert_close(kata.reversal_strength(1e-4), 4.9999995833e-4)


def test_progress(kata):
    """A progress below 0 or above 1 raises ValueError; 0 and 1 do not."""
    assert_close(kata.reversal_strength(0.0), 0.0)
    assert_close(kata.reversal_strength(1.0), 0.9999092042625951)
    for bad in (-1e-6, 1.000001, -0.5, 2.0, 100.0):
        with pytest.raises(ValueError):
            kata.reversal_strength(bad)


def test_encoder(kata, batch):
    """The encoder gets the gradient of L_label less strength times that of L_domain."""
    # Both logits are 0. The label errors are -1/2 and 1/2, the domain errors -1/6 for a target row and 1/6 otherwise.
    found = one_feature(kata, [1.0, 4.0, 2.0], [1, 0, -1], [0, 0, 1], (0.0, 3.0, 5.0), 0.5)
    assert_close(found[0], 3 * (-1 / 4 + 4 / 4) - 0.5 * 5 * (1 / 6 + 4 / 6 - 2 / 6))
    for strength in (1.0, 0.25, 8.0):
        assert_definition(kata, strength, *batch)


def test_domain_head(kata, batch):
    """The domain head gets the plain gradient of L_domain: not reversed, and not scaled, whatever the strength."""
    for strength in (0.0, 0.5, 1.0, 1e6):
        found = one_feature(kata, [1.0, 4.0, 2.0], [1, 0, -1], [0, 0, 1], (2.0, 3.0, 0.0), strength)
        assert_close(found[2], 2 * (1 / 6 + 4 / 6 - 2 / 6))
    X, _, is_target, encoder, _, domain_head = batch
    expected = numerical_gradient(lambda head: domain_loss(X, is_target, encoder, head), domain_head)
    for strength in (0.0, 0.5, 3.0):
        assert_close(kata.adversarial_gradients(*batch, strength).domain_head, expected, rtol=1e-5, atol=1e-7)


def test_no_reversal(kata, batch):
    """With strength 0 the domain does not reach the encoder; a small strength counts."""
    assert_definition(kata, 0.0, *batch)
    plain, small = (kata.adversarial_gradients(*batch, strength).encoder for strength in (0.0, 2.0**-19))
    full = kata.adversarial_gradients(*batch, 1.0).encoder
    assert_close(
        (small - plain) * 2.0**19, full - plain, rtol=1e-6, atol=1e-8, what="the effect of a strength of 2**-19"
    )


def test_target_labels(kata, batch):
    """What y holds for a target row does not count, whatever it is."""
    X, y, is_target, *weights = batch
    expected = kata.adversarial_gradients(X, y, is_target, *weights, 0.5)
    for filler in (-1, 0, 1, 2, 1000):
        changed = np.where(is_target, filler, y)
        assert_definition(kata, 0.5, X, changed, is_target, *weights)
        for found, want in zip(kata.adversarial_gradients(X, changed, is_target, *weights, 0.5), expected, strict=True):
            assert_close(found, want)


def test_one_domain(kata, batch):
    """A batch may have one domain only, or one row. L_label is 0 without source rows, and L_domain is not."""
    assert_close(one_feature(kata, [2.0], [-1], [1], (0.0, 3.0, 5.0)), [5.0, 0.0, 0.0])
    assert_close(one_feature(kata, [2.0], [1], [0], (0.0, 3.0, 5.0)), [-8.0, 0.0, 0.0])
    X, y, is_target, *weights = batch
    for side in (True, False):
        same = np.full(len(X), side)
        assert_definition(kata, 0.5, X, np.where(y == 1, 1, 0), same, *weights)
    for i in range(3):
        assert_definition(kata, 0.5, X[i : i + 1], y[i : i + 1], is_target[i : i + 1], *weights)
    assert_definition(kata, 0.5, X[:2], y[:2], is_target[:2], *weights)


def test_zeros(kata, batch):
    """A head, the encoder or a row of X may be all 0: the other parts still get their gradients."""
    X, y, is_target, encoder, label_head, domain_head = batch
    run = partial(assert_definition, kata, 0.5)
    run(X, y, is_target, encoder, 0 * label_head, domain_head)
    run(X, y, is_target, encoder, label_head, 0 * domain_head)
    run(X, y, is_target, 0 * encoder, label_head, domain_head)
    run(np.where(np.arange(7)[:, None] == 1, 0, X), y, is_target, encoder, label_head, label_head)


def test_units(kata):
    """Small values count: no gradient is cut off or clipped."""
    weights = (1.0, 2.0**-18, 2.0**-19)
    small = one_feature(kata, [2.0**-18, 2.0**-16], [1, -1], [0, 1], weights)
    # All logits are near 0: the label error is -1/2, and the domain errors are 1/4 and -1/4.
    expected = [-(2.0**-37) - 2.0**-19 * (2.0**-20 - 2.0**-18), -(2.0**-19), 2.0**-20 - 2.0**-18]
    assert_close(small, expected, rtol=1e-8, atol=0.0)
    large = one_feature(kata, [2.0**19, 0.0], [1, 1], [0, 1], (0.0, 2.0**10, 2.0**11))
    assert_close(large, [-(2.0**28) - 2.0**28, 0.0, 0.0])


@strict
def test_digits(kata):
    """A confident prediction has a small gradient, not none; so has a small strength."""
    for logit in (30.0, 40.0, 300.0):
        rare = math.exp(-logit)
        found = one_feature(kata, [1.0], [1], [0], (1.0, logit, -logit), 0.5)
        assert_close(found, [-rare * logit / 2, -rare, rare], rtol=1e-9, atol=0.0)
        found = one_feature(kata, [1.0, 1.0], [0, 0], [1, 0], (1.0, -logit, logit))
        assert_close(found[1], rare, rtol=1e-9, atol=0.0)
    for progress in (1e-6, 1e-9, 1e-14, 1e-300):
        assert_close(kata.reversal_strength(progress), 5 * progress, rtol=1e-9, atol=0.0)


@strict
def test_missing_labels(kata, batch):
    """The label of a target row may be NaN."""
    X, y, is_target, *weights = batch
    missing = np.where(is_target, np.nan, y)
    expected = kata.adversarial_gradients(X, y, is_target, *weights, 0.5)
    for found, want in zip(kata.adversarial_gradients(X, missing, is_target, *weights, 0.5), expected, strict=True):
        assert_close(found, want)


@strict
def test_integers(kata, batch):
    """X and y may hold integers of any type."""
    _, y, is_target, *weights = batch
    X = np.arange(28).reshape(7, 4) % 5
    expected = kata.adversarial_gradients(X.astype(float), y, is_target, *weights, 0.5)
    for kind in (np.int8, np.uint8, np.int64):
        labels = np.where(is_target, 2, y).astype(kind)
        for found, want in zip(
            kata.adversarial_gradients(X.astype(kind), labels, is_target, *weights, 0.5), expected, strict=True
        ):
            assert_close(found, want)


def workload(kata, rng, n):
    """Take one step: a third of the rows source, a few of them tied, no labels in the target."""
    X = rng.normal(size=(n + 3, 6)).round(1)
    is_target = rng.random(n + 3) < 2 / 3
    y = np.where(is_target, -1, rng.integers(0, 2, size=n + 3))
    weights = rng.normal(size=(6, 4)), rng.normal(size=4), rng.normal(size=4)
    strength = kata.reversal_strength(float(rng.random()))
    return strength, *kata.adversarial_gradients(X, y, is_target, *weights, 0.5)


MISTAKES = {
    "the gradient of the domain is not reversed": ("label_head) - strength *", "label_head) + strength *"),
    "the domain head is reversed, too": (
        "features.T @ domain_errors)",
        "-strength * (features.T @ domain_errors))",
    ),
    "the domain head is scaled by the strength": (
        "features.T @ domain_errors)",
        "strength * (features.T @ domain_errors))",
    ),
    "the strength is left out": ("- strength * np.outer(domain_errors", "- np.outer(domain_errors"),
    "the label's gradient is reversed": (
        "np.outer(label_errors, label_head) - strength * np.outer(domain_errors, domain_head)",
        "strength * np.outer(domain_errors, domain_head) - np.outer(label_errors, label_head)",
    ),
    "the strength mixes the two gradients": (
        "np.outer(label_errors, label_head) - strength",
        "(1 - strength) * np.outer(label_errors, label_head) - strength",
    ),
    "target labels are used": (
        "np.where(is_target, 0, label_errors) / max(np.sum(~is_target), 1)",
        "label_errors / len(X)",
    ),
    "target rows with a label of 0 or 1 are used": (
        "np.where(is_target, 0, label_errors)",
        "np.where(is_target & ~np.isin(y, (0, 1)), 0, label_errors)",
    ),
    "the label loss is a mean over all rows": ("/ max(np.sum(~is_target), 1)", "/ len(X)"),
    "the domain loss is a mean over the source rows": (
        "_errors(features @ domain_head, is_target) / len(X)",
        "_errors(features @ domain_head, is_target) / max(np.sum(~is_target), 1)",
    ),
    "the domain loss is of the target rows alone": (
        "_errors(features @ domain_head, is_target) / len(X)",
        "is_target * _errors(features @ domain_head, is_target) / max(np.sum(is_target), 1)",
    ),
    "source is the positive domain": (
        "_errors(features @ domain_head, is_target)",
        "_errors(features @ domain_head, ~is_target)",
    ),
    "0 / 0 without source rows": ("/ max(np.sum(~is_target), 1)", "/ np.sum(~is_target)"),
    "no source rows, no gradients": (
        "    features = X @ encoder\n    label_errors = _e",
        (
            "    if is_target.all():\n        return Gradients(0 * encoder, 0 * label_head, 0 * domain_head)\n"
            "    features = X @ encoder\n    label_errors = _e"
        ),
    ),
    "one domain, no domain loss": (
        "is_target) / len(X)\n    into",
        "is_target) / len(X) * (0 < is_target.sum() < len(X))\n    into",
    ),
    "sums, not means": [
        ("/ max(np.sum(~is_target), 1)", "/ 1"),
        ("is_target) / len(X)\n    into", "is_target)\n    into"),
    ],
    "gradients are clipped": ("X.T @ into_features, ", "np.clip(X.T @ into_features, -1e3, 1e3), "),
    "small gradients are cut off": (
        "    into_features = ",
        "    features = features * (abs(features) > 1e-5)\n    into_features = ",
    ),
    "a strength below 1e-4 is none": ("- strength * np.outer", "- (strength > 1e-4) * strength * np.outer"),
    "a sigmoid from 1/2 to 1": ("math.tanh(gamma * progress / 2)", "1 / (1 + math.exp(-gamma * progress))"),
    "a sigmoid at twice the slope": ("math.tanh(gamma * progress / 2)", "math.tanh(gamma * progress)"),
    "gamma is always 10": ("math.tanh(gamma * progress / 2)", "math.tanh(5 * progress)"),
    "a straight line": ("math.tanh(gamma * progress / 2)", "min(gamma * progress / 2, 1.0)"),
    "a strength scaled to end at 1": (
        "math.tanh(gamma * progress / 2)",
        "math.tanh(gamma * progress / 2) / (math.tanh(gamma / 2) or 1)",
    ),
    "progress is clipped": (
        '        raise ValueError(f"progress is a share between 0 and 1, not {progress}")',
        "        progress = min(max(progress, 0), 1)",
    ),
    "a progress of 1 is refused": ("if not 0 <= progress <= 1:", "if not 0 <= progress < 1:"),
    "progress may be a percentage": ("if not 0 <= progress <= 1:", "if not 0 <= progress <= 100:"),
}

STRICT_MISTAKES = {
    "a confident prediction loses its digits": (
        "sign * np.exp(-np.logaddexp(0, -sign * logits))",
        "1 / (1 + np.exp(-logits)) - (1 - sign) / 2",
    ),
    "a small strength loses its digits": (
        "math.tanh(gamma * progress / 2)",
        "2 / (1 + math.exp(-gamma * progress)) - 1",
    ),
    "unsigned labels wrap around": ("truth.astype(float)", "truth"),
    "labels of target rows are multiplied by 0": (
        "np.where(is_target, 0, label_errors)",
        "~is_target * label_errors",
    ),
}
