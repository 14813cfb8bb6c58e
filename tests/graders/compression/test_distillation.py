from functools import partial

import numpy as np
import pytest

from katagrad.testing import assert_close, numerical_gradient, strict

# At T = 2 the student says 1/4 and 3/4, the teacher 1/2 and 1/2; at T = 1 the student says 1/10 and 9/10.
STUDENT, TEACHER, LABELS = np.array([[0.0, np.log(9.0)]]), np.array([[5.0, 5.0]]), np.array([1])


@pytest.fixture
def batch(rng):
    """Logits of five samples and four classes, on which student and teacher differ, and labels that neither follows."""
    return rng.normal(scale=2.0, size=(5, 4)), rng.normal(scale=3.0, size=(5, 4)), rng.permutation([0, 1, 2, 3, 1])


def probabilities(row, temperature):
    powers = [np.exp(z / temperature) for z in row]
    return np.array([power / sum(powers) for power in powers])


def mean_loss(student, teacher, labels, temperature, alpha):
    losses = []
    for z, v, label in zip(student, teacher, labels, strict=True):
        p, q = probabilities(v, temperature), probabilities(z, temperature)
        soft = sum(p[k] * np.log(p[k] / q[k]) for k in range(len(p)))
        losses.append(alpha * temperature**2 * soft - (1 - alpha) * np.log(probabilities(z, 1.0)[label]))
    return np.mean(losses)


def gradient(student, teacher, labels, temperature, alpha):
    grad = np.zeros(np.shape(student))
    for i, (z, v, label) in enumerate(zip(student, teacher, labels, strict=True)):
        grad[i] = alpha * temperature * (probabilities(z, temperature) - probabilities(v, temperature))
        grad[i] += (1 - alpha) * probabilities(z, 1.0)
        grad[i, label] -= 1 - alpha
    return grad / len(grad)


def loss_at(rest, student):
    return mean_loss(student, *rest)


def test_soft_term(kata, batch):
    """The soft term counts T^2 times, with teacher and student both softened by T."""
    assert_close(kata.distillation_loss(STUDENT, TEACHER, LABELS, 2.0, 1.0).loss, 2 * np.log(4 / 3))
    for temperature in (0.1, 0.5, 1.0, 3.0, 100.0):
        expected = mean_loss(*batch, temperature, 1.0)
        assert_close(kata.distillation_loss(*batch, temperature, 1.0).loss, expected)


def test_direction(kata):
    """The soft term is KL(teacher, student), weighted by the teacher's probabilities."""
    # The teacher says 1/4 and 3/4, the student 1/2 and 1/2.
    student, teacher = np.array([[7.0, 7.0]]), np.array([[0.0, np.log(3.0)]])
    expected = np.log(1 / 2) / 4 + 3 * np.log(3 / 2) / 4
    assert_close(kata.distillation_loss(student, teacher, LABELS, 1.0, 1.0).loss, expected)


def test_hard_term(kata, batch):
    """The hard term is the student's cross-entropy with the label, without T and without the teacher."""
    step = kata.distillation_loss(STUDENT, TEACHER, LABELS, 2.0, 0.0)
    assert_close(step.loss, -np.log(0.9))
    assert_close(step.grad, [[0.1, -0.1]])
    for temperature in (0.5, 5.0):
        step = kata.distillation_loss(*batch, temperature, 0.0)
        assert_close(step.loss, mean_loss(*batch, 1.0, 0.0))
        assert_close(step.grad, gradient(*batch, 1.0, 0.0))


def test_weights(kata, batch):
    """The weight of the soft term is alpha, that of the hard one 1 - alpha."""
    expected = 0.25 * 2 * np.log(4 / 3) - 0.75 * np.log(0.9)
    assert_close(kata.distillation_loss(STUDENT, TEACHER, LABELS, 2.0, 0.25).loss, expected)
    for temperature, alpha in [(1.0, 0.3), (4.0, 0.9), (4.0, 0.1)]:
        assert_close(kata.distillation_loss(*batch, temperature, alpha).loss, mean_loss(*batch, temperature, alpha))


def test_gradient(kata, batch):
    """The gradient is that of the mean loss with respect to the student's logits."""
    assert_close(kata.distillation_loss(STUDENT, TEACHER, LABELS, 2.0, 1.0).grad, [[-0.5, 0.5]])
    for setting in [(0.5, 1.0), (1.0, 0.5), (3.0, 1.0), (3.0, 0.7), (20.0, 0.9)]:
        grad = kata.distillation_loss(*batch, *setting).grad
        assert_close(grad, gradient(*batch, *setting))
        assert_close(grad, numerical_gradient(partial(loss_at, batch[1:] + setting), batch[0]), rtol=1e-5, atol=1e-7)


def test_mean(kata, batch):
    """The loss is the mean over the samples, not over the classes: the same batch twice has the same loss."""
    step = kata.distillation_loss(*(np.repeat(array, 2, axis=0) for array in (STUDENT, TEACHER, LABELS)), 2.0, 0.5)
    assert_close(step.loss, np.log(4 / 3) - np.log(0.9) / 2)
    assert_close(step.grad, [[-0.1, 0.1]] * 2)
    once, twice = (
        kata.distillation_loss(*(np.concatenate([array] * times) for array in batch), 3.0, 0.4) for times in (1, 2)
    )
    assert_close(once.loss, mean_loss(*batch, 3.0, 0.4))
    assert_close(twice.loss, mean_loss(*batch, 3.0, 0.4))
    assert_close(twice.grad, np.concatenate([gradient(*batch, 3.0, 0.4) / 2] * 2))


def test_student_like_teacher(kata, batch):
    """With alpha = 1, a student with the teacher's probabilities has loss 0 and gradient 0."""
    for student, teacher in [(np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0, 6.0]])), (batch[1] + 4.0, batch[1])]:
        labels = np.zeros(len(student), int)
        step = kata.distillation_loss(student, teacher, labels, 3.0, 1.0)
        assert_close(step.loss, 0.0)
        assert_close(step.grad, np.zeros(student.shape))
    # One that is a little off has a loss: at a distance d, the teacher's halves give log cosh(d / 2).
    half = 2.0**-11
    step = kata.distillation_loss(np.array([[100.0, 100.0 + 2 * half]]), np.full((1, 2), 100.0), LABELS, 1.0, 1.0)
    assert_close(step.loss, np.log(np.cosh(half)))
    assert_close(step.grad, [[-np.tanh(half) / 2, np.tanh(half) / 2]])


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_large_logits(kata, batch, temperature):
    """Logits as large as 1e4 give finite and exact results, also where a probability underflows to 0."""
    # Logarithms at a level of 10,000 are rounded by some 1e-12, and the level times that is 1e-8.
    loose = {"rtol": 1e-6, "atol": 1e-6}
    for student, teacher, soft, soft_grad in [
        ([5e3, -5e3], [-5e3, 5e3], 1e4, [1, -1]),
        ([0.0, 0.0], [4e3, 0.0], np.log(2), [-0.5, 0.5]),
        ([0.0, 4e3], [0.0, 0.0], 2e3 - np.log(2), [-0.5, 0.5]),
        ([-5e3, -5e3], [5e3, 5e3], 0.0, [0, 0]),
    ]:
        logits = np.array([student]) * temperature, np.array([teacher]) * temperature
        step = kata.distillation_loss(*logits, np.array([0]), temperature, 1.0)
        assert_close(step.loss, temperature**2 * soft, **loose)
        assert_close(step.grad, [temperature * np.array(soft_grad)], **loose)
    # The teacher's small probability counts where the student's is far smaller.
    for odds in (1e-8, 1e-13):
        logits = np.array([[0.0, -5e3]]) * temperature, np.array([[0.0, np.log(odds)]]) * temperature
        p = odds / (1 + odds)
        expected = p * (np.log(p) + 5e3) - (1 - p) * np.log1p(odds)
        assert_close(kata.distillation_loss(*logits, LABELS, temperature, 1.0).loss, temperature**2 * expected)
    # The hard term, for a label whose probability underflows.
    step = kata.distillation_loss(np.array([[1e4, -1e4]]), np.array([[1e4, -1e4]]), np.array([1]), temperature, 0.75)
    assert_close(step.loss, 5e3, **loose)
    assert_close(step.grad, [[0.25, -0.25]], **loose)
    # Each sample at a level of its own.
    student, teacher, labels = batch
    levels = np.array([[9e3], [-9e3], [0.0], [1e3], [-1e3]])
    near = (student + levels) - levels, (teacher - levels) + levels, labels
    step = kata.distillation_loss(student + levels, teacher - levels, labels, 4.0, 0.6)
    assert_close(step.loss, mean_loss(*near, 4.0, 0.6), **loose)
    assert_close(step.grad, gradient(*near, 4.0, 0.6), **loose)


@strict
def test_temperature_out_of_range(kata):
    """A temperature that is not positive raises ValueError."""
    for temperature in (0.0, -1.0, 0, -1e-9):
        for alpha in (0.5, 0.0):
            with pytest.raises(ValueError):
                kata.distillation_loss(STUDENT, TEACHER, LABELS, temperature, alpha)


@strict
def test_alpha_out_of_range(kata):
    """An alpha below 0 or above 1 raises ValueError."""
    for alpha in (-0.1, 1.1, 2, -1):
        with pytest.raises(ValueError):
            kata.distillation_loss(STUDENT, TEACHER, LABELS, 2.0, alpha)


@strict
def test_shapes(kata):
    """Logits of unlike shapes raise ValueError even if they would broadcast, and so do labels not one for a sample."""
    for shape in [(1, 2), (3, 1), (1, 1), (4, 2), (3, 3), (2,)]:
        with pytest.raises(ValueError):
            kata.distillation_loss(np.ones((3, 2)), np.ones(shape), np.array([0, 1, 1]), 2.0, 0.5)
        with pytest.raises(ValueError):
            kata.distillation_loss(np.ones((3, 2)), np.ones(shape), np.array([0, 1, 1]), 2.0, 0.0)
    for labels in ([1], [1, 0, 1, 0], [1, 0], [[0], [1], [1]], [[0, 1], [0, 1], [1, 0]]):
        with pytest.raises(ValueError):
            kata.distillation_loss(np.ones((3, 2)), np.ones((3, 2)), np.array(labels), 2.0, 0.5)
        with pytest.raises(ValueError):
            kata.distillation_loss(np.ones((3, 2)), np.ones((3, 2)), np.array(labels), 2.0, 1.0)


@strict
def test_labels_that_are_no_class(kata):
    """A label that is negative or as large as the number of classes raises ValueError, whatever alpha is."""
    for labels in ([0, 3], [3, 0], [-1, 1], [2, -3], [-100, 0], [7, 7]):
        with pytest.raises(ValueError):
            kata.distillation_loss(np.ones((2, 3)), np.ones((2, 3)), np.array(labels), 2.0, 0.5)
        with pytest.raises(ValueError):
            kata.distillation_loss(np.ones((2, 3)), np.ones((2, 3)), np.array(labels), 2.0, 1.0)


@strict
def test_whole_numbers(kata):
    """Logits may be integers: nothing is truncated."""
    batch = np.array([[1, 0, -2], [3, 3, 1]]), np.array([[0, 5, 0], [1, 0, 2]]), np.array([0, 2])
    for temperature, alpha in [(2, 0.5), (3, 1), (2, 0)]:
        step = kata.distillation_loss(*batch, temperature, alpha)
        assert_close(step.loss, mean_loss(*batch, temperature, alpha))
        assert_close(step.grad, gradient(*batch, temperature, alpha))


def workload(kata, rng, n):
    """Logits near each other, tied, and far apart; one setting soft, one hard, one between."""
    labels = rng.integers(0, 6, size=n)
    teacher = rng.normal(scale=4.0, size=(n, 6)) + rng.choice([-5e3, 0.0, 5e3], size=(n, 1))
    student = rng.normal(scale=2.0, size=(n, 6))
    student[::3] = student[::3].round()
    student[1::5, 4] -= 2e3
    teacher[2::5, 1] += 4e3
    return tuple(
        kata.distillation_loss(student, teacher, labels, temperature, alpha)
        for temperature, alpha in [(4.0, 0.7), (1.0, 1.0), (10.0, 0.1), (0.5, 0.5)]
    )


MISTAKES = {
    "no factor of T squared": ("weight = alpha * temperature**2", "weight = alpha"),
    "T held below twenty": ("    log_q = _log", "    temperature = min(temperature, 20.0)\n    log_q = _log"),
    "T once, not squared": ("weight = alpha * temperature**2", "weight = alpha * temperature"),
    "T squared on the hard term as well": [
        ("float(weight * soft + (1 - alpha) * hard)", "float(temperature**2 * (alpha * soft + (1 - alpha) * hard))"),
        (
            "weight * soft_grad + (1 - alpha) * hard_grad",
            "weight * soft_grad + (1 - alpha) * temperature**2 * hard_grad",
        ),
    ],
    "divergence of the teacher from the student": (
        "np.exp(log_p) * (log_p - log_q)",
        "np.exp(log_q) * (log_q - log_p)",
    ),
    "cross-entropy, with the teacher's entropy left in": (
        "np.exp(log_p) * (log_p - log_q)",
        "-np.exp(log_p) * log_q",
    ),
    "the teacher is not softened": ("_log_softmax(teacher_logits / temperature)", "_log_softmax(teacher_logits)"),
    "the student is not softened": ("_log_softmax(student_logits / temperature)", "_log_softmax(student_logits)"),
    "logits times the temperature": [
        ("_log_softmax(student_logits / temperature)", "_log_softmax(student_logits * temperature)"),
        ("_log_softmax(teacher_logits / temperature)", "_log_softmax(teacher_logits * temperature)"),
    ],
    "the hard term is softened too": (
        "log_own = _log_softmax(student_logits)",
        "log_own = _log_softmax(student_logits / temperature)",
    ),
    "alpha weighs the hard term": (
        "    log_q = _log_softmax(student_logits / temperature)",
        "    alpha = 1 - alpha\n    log_q = _log_softmax(student_logits / temperature)",
    ),
    "the two terms are added with full weight": (
        "float(weight * soft + (1 - alpha) * hard)",
        "float(weight * soft + hard)",
    ),
    "alpha squared by a weight that holds it already": ("float(weight * soft +", "float(alpha * weight * soft +"),
    "a mean over classes too, like PyTorch's 'mean'": (
        "(np.exp(log_p) * (log_p - log_q)).sum() / n_samples",
        "(np.exp(log_p) * (log_p - log_q)).mean()",
    ),
    "a sum over the batch": (
        "(np.exp(log_p) * (log_p - log_q)).sum() / n_samples",
        "(np.exp(log_p) * (log_p - log_q)).sum()",
    ),
    "the teacher's likeliest class for the label": (
        "own = np.arange(n_samples), labels",
        "own = np.arange(n_samples), teacher_logits.argmax(axis=1)",
    ),
    "the teacher's likeliest class for its probabilities": (
        "    log_own = _log_softmax(student_logits)",
        (
            "    log_p = np.log(np.eye(student_logits.shape[1])[teacher_logits.argmax(axis=1)] + 1e-12)\n"
            "    log_own = _log_softmax(student_logits)"
        ),
    ),
    "logarithm of the probability": (
        "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
        "return np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))",
    ),
    "logarithm of the probability with an eps": (
        "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
        "return np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True) + 1e-12)",
    ),
    "exponentials of the logits as they are": (
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "shifted = logits",
    ),
    "one maximum for the whole batch": (
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "shifted = logits - logits.max()",
    ),
    "softmax over the batch": [
        ("shifted = logits - logits.max(axis=1, keepdims=True)", "shifted = logits - logits.max(axis=0)"),
        (
            "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
            "return shifted - np.log(np.exp(shifted).sum(axis=0))",
        ),
    ],
    "the gradient forgets that z is divided by T": (
        "soft_grad = (np.exp(log_q) - np.exp(log_p)) / temperature",
        "soft_grad = np.exp(log_q) - np.exp(log_p)",
    ),
    "the gradient's T squared forgotten": (
        "weight * soft_grad + (1 - alpha) * hard_grad",
        "alpha * soft_grad + (1 - alpha) * hard_grad",
    ),
    "the gradient for the teacher": (
        "soft_grad = (np.exp(log_q) - np.exp(log_p)) / temperature",
        "soft_grad = (np.exp(log_p) - np.exp(log_q)) / temperature",
    ),
    "the gradient is that of the sum": ("(1 - alpha) * hard_grad) / n_samples", "(1 - alpha) * hard_grad)"),
    "softmax for the gradient of the hard term": ("    hard_grad[own] -= 1\n", ""),
    "the gradient of the soft term only": ("weight * soft_grad + (1 - alpha) * hard_grad", "weight * soft_grad"),
    "single precision": ("shifted = logits - logits.max(", "shifted = logits.astype(np.float32) - logits.max("),
    "an alpha of 1 is refused": ("if not 0 <= alpha <= 1:", "if not 0 <= alpha < 1:"),
}

STRICT_MISTAKES = {
    "labels are looked at only where they count": [
        ("    if not ((labels >= 0)", "    if alpha < 1 and not ((labels >= 0)"),
        ("np.arange(n_samples), labels\n", "np.arange(n_samples), labels % student_logits.shape[1]\n"),
    ],
    "the teacher is looked at only where it counts": [
        ("    if teacher.shape != student.shape:", "    if alpha > 0 and teacher.shape != student.shape:"),
        (
            "    log_p = _log_softmax(teacher_logits",
            "    log_p = _log_softmax((teacher_logits if alpha > 0 else student_logits)",
        ),
    ],
    "gradient in the kind of the logits": (
        "(1 - alpha) * hard_grad) / n_samples",
        "(1 - alpha) * hard_grad).astype(student_logits.dtype) / n_samples",
    ),
    "one teacher for all samples": (
        "if teacher.shape != student.shape:",
        "if teacher.shape not in [student.shape, (1, n_classes)]:",
    ),
    "a temperature of 0 passes": ("if temperature <= 0:", "if temperature < 0:"),
    "any alpha passes": ("if not 0 <= alpha <= 1:", "if False:"),
    "a negative label counts from the last class": ("(labels >= 0) & (labels < n_classes)", "(labels < n_classes)"),
    "labels in a column": ("labels.shape != (n_samples,)", "len(labels) != n_samples"),
}
