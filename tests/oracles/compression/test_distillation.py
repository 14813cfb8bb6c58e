"""The reference beside PyTorch's kl_div and cross_entropy, with autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.bench.peers import Peer


def pytorch_loss(student, teacher, labels, temperature, alpha):
    """Return the loss as it is usually written in PyTorch; 'batchmean' is the mean over samples alone."""
    log_q, log_p = (functional.log_softmax(logits / temperature, dim=1) for logits in (student, teacher))
    soft = functional.kl_div(log_q, log_p, reduction="batchmean", log_target=True)
    return alpha * temperature**2 * soft + (1 - alpha) * functional.cross_entropy(student, labels)


def assert_agree(reference, student, teacher, labels, temperature, alpha):
    z = torch.tensor(student, dtype=torch.float64, requires_grad=True)
    v = torch.tensor(teacher, dtype=torch.float64)
    expected = pytorch_loss(z, v, torch.tensor(labels), temperature, alpha)
    (grad,) = torch.autograd.grad(expected, z)
    step = reference.distillation_loss(student, teacher, labels, temperature, alpha)
    # The logarithms are rounded by some 1e-16 of the largest logit; T^2 of that is left where p and q are near.
    size = max(1.0, np.abs(student).max() / temperature, np.abs(teacher).max() / temperature)
    np.testing.assert_allclose(step.loss, expected.item(), rtol=1e-9, atol=1e-14 * size * max(1.0, temperature**2))
    np.testing.assert_allclose(step.grad, grad, rtol=1e-9, atol=1e-14 * size * max(1.0, temperature))


def draw(rng, scale):
    shape = int(rng.integers(1, 20)), int(rng.integers(1, 9))
    return *rng.normal(scale=scale, size=(2, *shape)), rng.integers(0, shape[1], size=shape[0])


@pytest.mark.parametrize("scale", [0.1, 3.0, 1e2, 2e3])
def test_random_batches(reference, rng, scale):
    for _ in range(60):
        setting = float(10.0 ** rng.uniform(-1, 2)), float(rng.uniform())
        assert_agree(reference, *draw(rng, scale), *setting)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("temperature", [0.1, 1.0, 4.0, 100.0])
def test_ends_of_the_ranges(reference, rng, temperature, alpha):
    for _ in range(20):
        assert_agree(reference, *draw(rng, 3.0), temperature, alpha)


def test_levels(reference, rng):
    for _ in range(50):
        student, teacher, labels = draw(rng, 3.0)
        levels = rng.choice([-9e3, 0.0, 9e3], size=(2, len(labels), 1))
        assert_agree(reference, student + levels[0], teacher + levels[1], labels, 4.0, 0.7)


def test_largest_logits(reference):
    ends = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])
    for temperature in (0.5, 1.0, 10.0):
        for alpha in (0.0, 0.5, 1.0):
            assert_agree(reference, ends, -ends, np.array([1, 0]), temperature, alpha)


def test_student_like_teacher(reference, rng):
    for _ in range(20):
        _, teacher, labels = draw(rng, 3.0)
        assert_agree(reference, teacher + 5.0, teacher, labels, 3.0, 1.0)


def test_whole_numbers(reference, rng):
    for _ in range(20):
        student, teacher = rng.integers(-9, 10, size=(2, 5, 3))
        assert_agree(reference, student, teacher, rng.integers(0, 3, size=5), 2, 0.5)


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [1]])
def test_labels_that_both_refuse(reference, labels):
    logits = np.zeros((2, 3))
    with pytest.raises((IndexError, ValueError)):
        functional.cross_entropy(torch.tensor(logits), torch.tensor(labels))
    with pytest.raises(ValueError, match="label"):
        reference.distillation_loss(logits, logits, np.array(labels), 2.0, 0.5)


def test_what_pytorch_lets_pass(reference):
    """PyTorch spreads one teacher over all samples, and takes any number for T and alpha."""
    logits, labels = np.zeros((2, 3)), np.array([0, 1])
    for teacher, temperature, alpha in [
        (logits[:1], 2.0, 0.5),
        (logits, 0.0, 0.5),
        (logits, -1.0, 0.5),
        (logits, 2.0, 2),
    ]:
        with pytest.raises(ValueError, match=r"logits|temperature|alpha"):
            reference.distillation_loss(logits, teacher, labels, temperature, alpha)


def grad_at(reference, student, teacher, temperature):
    return reference.distillation_loss(student, teacher, np.zeros(len(student), int), temperature, 1.0).grad


@pytest.mark.parametrize("seed", range(5))
def test_claim_balance(reference, seed):
    """With T^2, the norm of the gradient hardly depends on T."""
    student, teacher = np.random.default_rng(seed).normal(size=(2, 1000, 10))
    norms = [np.linalg.norm(grad_at(reference, student, teacher, t)) for t in (1.0, 2.0, 4.0, 10.0, 30.0, 100.0)]
    assert 1.01 < max(norms) / min(norms) < 1.05


@pytest.mark.parametrize("seed", range(5))
def test_claim_high_temperature(reference, seed):
    """At a high T the gradient is that of half the mean squared difference of centred logits."""
    student, teacher = np.random.default_rng(seed).normal(size=(2, 200, 10))
    difference = student - teacher
    limit = (difference - difference.mean(axis=1, keepdims=True)) / 10 / 200
    for temperature, low, high in [(100.0, 0.005, 0.0075), (4.0, 0.14, 0.17), (1.0, 0.48, 0.54)]:
        missed = np.linalg.norm(grad_at(reference, student, teacher, temperature) - limit) / np.linalg.norm(limit)
        assert low < missed < high


def test_claim_soft_targets_teach_more(reference):
    """Logits of a linear teacher give a better student than labels drawn from it."""
    from_labels, from_logits = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        weights, seen, new = rng.normal(size=(10, 5)), rng.normal(size=(50, 10)), rng.normal(size=(2000, 10))

        def drawn(logits, rng=rng):
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            return np.array([rng.choice(5, p=row / row.sum()) for row in p])

        labels, new_labels = drawn(seen @ weights), drawn(new @ weights)
        for alpha, right in ((0.0, from_labels), (1.0, from_logits)):
            student = np.zeros((10, 5))
            for _ in range(1500):
                step = reference.distillation_loss(seen @ student, seen @ weights, labels, 1.0, alpha)
                student -= 0.5 * seen.T @ step.grad
            right.append(((new @ student).argmax(axis=1) == new_labels).mean())
    assert all(0.48 < share < 0.66 for share in from_labels)
    assert all(0.68 < share < 0.8 for share in from_logits)


@pytest.mark.parametrize(("spread", "picks_a_mode"), [(1.4, True), (2.0, False)])
def test_claim_modes(reference, spread, picks_a_mode):
    """KL(teacher, student) covers both modes; the other way round picks one, if the modes are narrow."""
    classes = np.arange(21)
    bumps = [np.exp(-((classes - centre) ** 2) / (2 * spread**2)) for centre in (5, 15)]
    teacher = np.log(sum(share * bump / bump.sum() for share, bump in zip((0.6, 0.4), bumps, strict=True)))
    grid = [(m, s) for m in np.arange(4.0, 16.0, 0.25) for s in np.arange(0.8, 9.0, 0.2)]
    students = np.array([-((classes - m) ** 2) / (2 * s**2) for m, s in grid])

    def best(pair):
        return min((reference.distillation_loss(*pair(z), np.array([0]), 1.0, 1.0).loss, place) for z, place in pair_up)

    pair_up = list(zip(students[:, None, :], grid, strict=True))
    covering = best(lambda z: (z, teacher[None]))[1]
    picking = best(lambda z: (teacher[None], z))[1]
    assert 7.5 < covering[0] < 9
    assert covering[1] > 6
    assert (picking == pytest.approx((5.0, 1.4))) == picks_a_mode


def peers(reference, rng):
    """Yield loss and gradient of a batch with many classes."""
    student, teacher = rng.normal(scale=3.0, size=(2, 4_096, 100))
    labels = rng.integers(0, 100, size=4_096)
    z, v, t = torch.tensor(student, requires_grad=True), torch.tensor(teacher), torch.tensor(labels)
    yield Peer(
        "4,096 x 100",
        "kl_div and cross_entropy, autograd",
        lambda: reference.distillation_loss(student, teacher, labels, 4.0, 0.7),
        lambda: torch.autograd.grad(pytorch_loss(z, v, t, 4.0, 0.7), z),
        "One compiled pass there; a pass for each operation here.",
    )
