"""The reference on real trainings in PyTorch that were spoilt on purpose, and beside a plain reading of the table."""

import math
import statistics
from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.bench.peers import Peer

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def saturated(out, activation):
    """Return the share of units whose slope is 0 (relu), or below 5 % of the largest one."""
    slope = {"relu": out > 0, "tanh": 1 - out**2, "sigmoid": 4 * out * (1 - out)}[activation]
    return float((slope.double() < 0.05).double().mean())


def train(
    reference,
    seed,
    *,
    activation="relu",
    n_hidden=3,
    gain=1.0,
    out_variance=1 / 256,
    lr=0.03,
    n_steps=30,
    bad_input=False,
    frozen=None,
    outlier=1.0,
):
    """Train a network without biases by gradient descent, and return what triage gets."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(256, 16))
    y = math.sqrt(2) * np.sin(X @ rng.normal(size=(16, 1)) / 4)
    if bad_input:
        X[0, 0] = np.nan
    widths = [16] + [64] * n_hidden
    std = gain * math.sqrt(2 if activation == "relu" else 1)
    weights = [std * rng.normal(size=(k, n)) / math.sqrt(n) for n, k in pairwise(widths)]
    weights.append(rng.normal(scale=math.sqrt(out_variance), size=(1, 64)))
    leaves = [torch.tensor(weight, requires_grad=True) for weight in weights]
    x, target = torch.tensor(X), torch.tensor(y)
    losses, grad_norms, ratios, shares = [], [], [], []
    for step in range(n_steps):
        a = x
        for leaf in leaves[:-1]:
            a = ACTIVATIONS[activation](a @ leaf.T)
            if step == 0:
                shares.append(saturated(a.detach(), activation))
        wanted = target * (outlier if step == n_steps - 2 else 1.0)
        loss = ((a @ leaves[-1].T - wanted) ** 2).mean() / 2
        grads = list(torch.autograd.grad(loss, leaves))
        if frozen is not None:
            grads[frozen] = torch.zeros_like(grads[frozen])
        before = [leaf.detach().numpy().copy() for leaf in leaves]
        with torch.no_grad():
            for leaf, grad in zip(leaves, grads, strict=True):
                leaf.sub_(lr * grad)
        after = [leaf.detach().numpy().copy() for leaf in leaves]
        losses.append(loss.item())
        grad_norms.append([float(torch.linalg.vector_norm(grad)) for grad in grads])
        with np.errstate(all="ignore"):
            ratios.append(reference.update_ratio(before, after))
    chance = float(((y - y.mean()) ** 2).mean() / 2)
    return np.array(losses), np.array(grad_norms), np.array(ratios), np.array(shares), chance


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("answers", "spoilt"),
    [
        ({"healthy"}, {}),
        ({"lr_too_large", "no_gradient"}, {"lr": 1.0}),
        ({"tiny_updates"}, {"lr": 1e-7}),
        ({"large_start"}, {"n_hidden": 8, "gain": 4.0}),
        ({"large_start"}, {"n_hidden": 8, "gain": 4.0, "lr": 1e-6}),
        ({"exploding"}, {"activation": "tanh", "n_hidden": 40, "gain": 3.0, "lr": 0.003, "n_steps": 10}),
        ({"vanishing"}, {"activation": "sigmoid", "n_hidden": 20, "n_steps": 10}),
        ({"saturated"}, {"activation": "tanh", "gain": 25.0, "lr": 0.003, "n_steps": 10}),
        ({"tiny_updates"}, {"n_hidden": 10, "gain": 0.25}),
        ({"not_finite"}, {"bad_input": True, "n_steps": 5}),
        ({"no_gradient"}, {"frozen": 1}),
        ({"spike"}, {"outlier": 300.0}),
    ],
    ids=lambda value: "-".join(sorted(map(str, value))) or "plain",
)
def test_trainings(reference, seed, answers, spoilt):
    assert reference.triage(*train(reference, seed, **spoilt)) in answers


def test_claim_of_the_rate(reference):
    """A rate that is too large is found as such in most runs; in the others it has killed a layer."""
    answers = [reference.triage(*train(reference, seed, lr=1.0)) for seed in range(20)]
    assert answers.count("lr_too_large") > 12
    assert "no_gradient" in answers


@pytest.mark.parametrize("seed", range(10))
def test_claims_of_vanishing(reference, seed):
    """Look early: the last layer converges, and its gradient becomes as small as that of the others."""
    deep = {"activation": "sigmoid", "n_hidden": 20}
    _, norms, *_ = train(reference, seed, **deep, n_steps=10)
    assert 1e-14 < norms[0, 0] / norms[0, -1] < 1e-10
    losses, norms, _, _, chance = train(reference, seed, **deep, out_variance=1 / 64, lr=0.05, n_steps=50)
    assert reference.detect_vanishing(norms[:10])
    assert not reference.detect_vanishing(norms)
    assert losses[-1] == pytest.approx(chance, rel=0.02)
    *_, ratios, _, _ = train(reference, seed, n_hidden=10, gain=0.25)
    assert np.median(ratios.max(axis=1)) < 1e-6
    *_, ratios, _, _ = train(reference, seed, outlier=300.0)
    assert np.median(ratios.max(axis=1)) < 0.1


def test_claim_of_nan(reference):
    history = np.array([2.0, np.nan, 1.0]), np.ones((3, 2)), np.full((3, 2), 1e-3), np.zeros(2), 1.5
    assert reference.triage(*history) == "spike"


def read_table(losses, grad_norms, update_ratios, saturated, chance_loss):  # noqa: PLR0911 - one for each row
    """Read the table word by word, in plain Python."""
    first, last = losses[0], losses[-1]
    start, end = grad_norms[0].tolist(), grad_norms[-1].tolist()
    if not all(math.isfinite(value) for value in (first, *start)):
        return "not_finite"
    if first > 10 * chance_loss:
        return "large_start"
    if any(norm == 0 for norm in end):
        return "no_gradient"
    if start[0] > 1000 * start[-1]:
        return "exploding"
    if vanishing(grad_norms, 1e-3):
        return "vanishing"
    if max(saturated) > 0.9:
        return "saturated"
    sizes = [max(row) for row in update_ratios.tolist() if all(math.isfinite(ratio) for ratio in row)]
    r = statistics.median(sizes)
    if any(not math.isfinite(loss) for loss in losses) or last > 2 * first:
        return "lr_too_large" if r > 0.1 else "spike"
    if last > 0.99 * first:
        return "tiny_updates" if r < 1e-5 else "stalled"
    return "healthy"


def vanishing(grad_norms, threshold):
    ratios = [row[0] / row[-1] for row in grad_norms.tolist() if all(map(math.isfinite, row)) and row[-1] > 0]
    return bool(ratios) and statistics.median(ratios) < threshold


def test_random_histories(reference, rng):
    """Draw values near all thresholds, with zeros, NaN and infinities among them."""
    seen = set()
    for _ in range(5_000):
        n_steps, n_layers = int(rng.integers(2, 7)), int(rng.integers(1, 5))
        losses = rng.choice([0.5, 1.0, 1.0, 1.5, 0.995, 2.1, 11.0, np.nan, np.inf], size=n_steps)
        losses[0] = rng.choice([1.0, 1.0, 1.0, 9.0, 20.0, np.nan])
        grad_norms = 10.0 ** rng.uniform(-2.5, 2.5, size=(n_steps, n_layers)) ** rng.choice([0, 1])
        grad_norms[:, 0] *= 10.0 ** rng.choice([-3.5, -2.0, 0.0, 0.0, 2.0, 3.5])
        holes = rng.random(grad_norms.shape) < 0.05
        grad_norms[holes] = rng.choice([0.0, np.nan, np.inf], size=holes.sum())
        ratios = 10.0 ** (rng.choice([-7.0, -5.0, -3.0, -1.0, 1.0]) + rng.normal(scale=0.5, size=(n_steps, n_layers)))
        ratios[1:][rng.random(n_steps - 1) < 0.2, 0] = rng.choice([np.nan, np.inf])
        saturated = rng.choice([0.1, 0.89, 0.5, 0.3, 0.91], size=n_layers, p=[0.3, 0.2, 0.2, 0.2, 0.1])
        history = losses, grad_norms, ratios, saturated, float(rng.uniform(0.8, 1.2))
        answer = reference.triage(*history)
        assert answer == read_table(*history)
        seen.add(answer)
        for threshold in (1e-3, 0.1, 1.0):
            assert reference.detect_vanishing(grad_norms, threshold) == vanishing(grad_norms, threshold)
    assert len(seen) == 11


def test_update_ratios(reference, rng):
    for _ in range(200):
        shapes = [tuple(rng.integers(1, 6, size=int(rng.integers(1, 4)))) for _ in range(4)]
        before = [10.0 ** rng.uniform(-6, 6) * rng.normal(size=shape) for shape in shapes]
        after = [weight + 10.0 ** rng.uniform(-6, 0) * rng.normal(size=weight.shape) for weight in before]
        expected = [
            float(
                torch.linalg.vector_norm(torch.tensor(new) - torch.tensor(old))
                / torch.linalg.vector_norm(torch.tensor(old))
            )
            for old, new in zip(before, after, strict=True)
        ]
        np.testing.assert_allclose(reference.update_ratio(before, after), expected, rtol=1e-9)


def test_update_ratios_of_zeros(reference, rng):
    zero, some = np.zeros((2, 3)), rng.normal(size=(2, 3))
    assert reference.update_ratio([zero, zero, some], [zero, some, some]).tolist() == [0.0, math.inf, 0.0]
    whole = rng.integers(-5, 6, size=(2, 4, 4))
    expected = np.linalg.norm(whole[1] - whole[0]) / np.linalg.norm(whole[0])
    np.testing.assert_allclose(reference.update_ratio([whole[0]], [whole[1]]), [expected], rtol=1e-12)


def peers(reference, rng):
    """Yield the update ratios of a model of a few million weights."""
    before = [rng.normal(size=(1_024, 1_024)) for _ in range(4)]
    after = [weight + 1e-3 * rng.normal(size=weight.shape) for weight in before]
    pairs = [(torch.tensor(old), torch.tensor(new)) for old, new in zip(before, after, strict=True)]
    yield Peer(
        "4 layers, 1,024 x 1,024",
        "vector_norm",
        lambda: reference.update_ratio(before, after),
        lambda: [torch.linalg.vector_norm(new - old) / torch.linalg.vector_norm(old) for old, new in pairs],
    )
