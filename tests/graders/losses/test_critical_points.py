import numpy as np
import pytest

from katagrad.picture import Line, Panel, Points
from katagrad.testing import assert_close, assert_equal, strict


def turned(rng, eigenvalues):
    """Return a symmetric matrix with these eigenvalues, and its eigenvectors, one a column."""
    n = len(eigenvalues)
    vectors, _ = np.linalg.qr(rng.normal(size=(n, n)))
    matrix = vectors * eigenvalues @ vectors.T
    return (matrix + matrix.T) / 2, vectors


def assert_downhill(direction, grad, hessian, least):
    """Check that it is a unit eigenvector of the least eigenvalue, and does not go up."""
    assert_close(np.shape(direction), grad.shape, what="the shape of the direction is")
    assert_close(direction @ direction, 1.0, rtol=1e-7, what="the squared length of the direction is")
    scale = np.abs(hessian).max()
    assert_close(hessian @ direction / scale, least * direction / scale, atol=1e-7, what="the Hessian times it is")
    assert_equal(bool(grad @ direction <= 1e-9 * np.abs(grad).max()), True, what="it does not go up")


def test_kinds(kata, rng):
    """All eigenvalues positive is a minimum, all negative a maximum, both signs a saddle."""
    # Eigenvalues of 3 and 1, of -1 and -3, of 3 and -1.
    assert_equal(kata.classify_critical_point(np.array([[2.0, 1.0], [1.0, 2.0]])), "minimum")
    assert_equal(kata.classify_critical_point(np.array([[-2.0, 1.0], [1.0, -2.0]])), "maximum")
    assert_equal(kata.classify_critical_point(np.array([[1.0, 2.0], [2.0, 1.0]])), "saddle")
    for value, kind in ((0.5, "minimum"), (-0.5, "maximum")):
        assert_equal(kata.classify_critical_point(np.array([[value]])), kind)
    for eigenvalues, kind in [
        ([0.1, 0.3, 2.0], "minimum"),
        ([0.2, 4.0, 0.3, 1.0, 5.0], "minimum"),
        ([-0.1, -0.3, -2.0], "maximum"),
        ([-5.0, -0.1, -1.0, -2.0], "maximum"),
        # The determinant or the trace alone would say something else.
        ([-1.0, -2.0, 3.0, 0.5], "saddle"),
        ([5.0, 4.0, 3.0, -0.1], "saddle"),
        ([-5.0, -4.0, -3.0, 0.1], "saddle"),
    ]:
        hessian, _ = turned(rng, eigenvalues)
        assert_equal(kata.classify_critical_point(hessian), kind)


def test_eigenvalues_of_zero(kata, rng):
    """With eigenvalues of 0 it is a saddle if the others have both signs, and degenerate if not."""
    assert_equal(kata.classify_critical_point(np.array([[1.0, 1.0], [1.0, 1.0]])), "degenerate")
    assert_equal(kata.classify_critical_point(np.diag([3.0, 0.0, -2.0])), "saddle")
    assert_equal(kata.classify_critical_point(np.full((3, 3), -2.0)), "degenerate")
    # Nothing on the diagonal, and eigenvalues of 1, -1, 0 and 0.
    hessian = np.zeros((4, 4))
    hessian[1, 2] = hessian[2, 1] = 1.0
    assert_equal(kata.classify_critical_point(hessian), "saddle")
    for eigenvalues, kind in [
        ([2.0, 0.0, 1.0], "degenerate"),
        ([-2.0, 0.0, -1.0], "degenerate"),
        ([4.0, 0.0, 1.0, -0.3], "saddle"),
        ([-4.0, 0.0, 0.3], "saddle"),
    ]:
        hessian, _ = turned(rng, eigenvalues)
        assert_equal(kata.classify_critical_point(hessian), kind)
    for n in (1, 3):
        assert_equal(kata.classify_critical_point(np.zeros((n, n))), "degenerate")


def test_tolerance(kata, rng):
    """An eigenvalue counts as 0 if its size is at most tol times the largest size, 1e-8 by default."""
    # In the first two an absolute cut would say the opposite.
    assert_equal(kata.classify_critical_point(np.diag([100.0, 5.0]), 0.1), "degenerate")
    assert_equal(kata.classify_critical_point(np.diag([0.01, 0.02]), 0.1), "minimum")
    assert_equal(kata.classify_critical_point(np.diag([-100.0, -5.0]), 0.1), "degenerate")
    assert_equal(kata.classify_critical_point(np.diag([-100.0, 5.0]), 0.1), "degenerate")
    assert_equal(kata.classify_critical_point(np.diag([-100.0, 5.0]), 0.01), "saddle")
    # Eigenvalues of 100 and of -9 or -11, with eigenvectors (2, 1) and (1, -2): no norm but the largest size will do.
    assert_equal(kata.classify_critical_point(np.array([[78.2, 43.6], [43.6, 12.8]]), 0.1), "degenerate")
    assert_equal(kata.classify_critical_point(np.array([[77.8, 44.4], [44.4, 11.2]]), 0.1), "saddle")
    assert_equal(kata.classify_critical_point(np.diag([50.0, 50.0, -6.0, 50.0, 50.0]), 0.1), "saddle")
    for eigenvalues, kind in (([1e5, 2e4, 1e-5], "degenerate"), ([1e5, 2e4, -1e-5], "degenerate")):
        hessian, _ = turned(rng, eigenvalues)
        assert_equal(kata.classify_critical_point(hessian), kind)
    for eigenvalues, kind in (([1e5, 2e4, 1.0], "minimum"), ([1e5, 2e4, -1.0], "saddle")):
        hessian, _ = turned(rng, eigenvalues)
        assert_equal(kata.classify_critical_point(hessian), kind)
    assert_equal(kata.classify_critical_point(np.diag([1000.0, 9e-6])), "degenerate")
    assert_equal(kata.classify_critical_point(np.diag([1000.0, -9e-6])), "degenerate")
    assert_equal(kata.classify_critical_point(np.diag([1000.0, 1.1e-5])), "minimum")
    assert_equal(kata.classify_critical_point(np.diag([1000.0, -1.1e-5])), "saddle")
    assert_equal(kata.classify_critical_point(np.diag([1e6, 1e-6]), 0.0), "minimum")
    assert_equal(kata.classify_critical_point(np.diag([1e6, 0.0]), 0.0), "degenerate")


def test_newton_step(kata, rng):
    """The Newton step solves hessian d = -grad, at a saddle and at a maximum too."""
    # Eigenvectors (1, 1) and (1, -1) with curvatures of 3 and -1; the gradient is 2 (1, 1) + (1, -1).
    step = kata.newton_step(np.array([3.0, 1.0]), np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert_close(step, [-2 / 3 + 1, -2 / 3 - 1])
    assert_close(kata.newton_step(np.array([3.0]), np.array([[-0.5]])), [6.0])
    for eigenvalues in ([0.5, 1.0, 3.0], [0.5, -1.0, 3.0, -2.0], [-0.5, -4.0]):
        hessian, vectors = turned(rng, eigenvalues)
        grad = rng.normal(size=len(hessian))
        expected = sum(-(grad @ v) / value * v for value, v in zip(eigenvalues, vectors.T, strict=True))
        assert_close(kata.newton_step(grad, hessian), expected, rtol=1e-8, atol=1e-10)


def test_damping(kata, rng):
    """Damping adds to each eigenvalue. If it is larger than the most negative one, the step goes down."""
    assert_close(kata.newton_step(np.array([2.0, -8.0]), np.diag([2.0, -4.0]), 8.0), [-0.2, 2.0])
    step = kata.newton_step(np.array([3.0, 1.0]), np.array([[1.0, 2.0], [2.0, 1.0]]), 2.0)
    assert_close(step, [-0.4 - 1, -0.4 + 1])
    for damping in (0.3, 2.5, 40.0):
        hessian, vectors = turned(rng, [0.5, -1.0, 3.0, -2.0])
        grad = rng.normal(size=4)
        expected = sum(
            -(grad @ v) / (value + damping) * v for value, v in zip([0.5, -1.0, 3.0, -2.0], vectors.T, strict=True)
        )
        assert_close(kata.newton_step(grad, hessian, damping), expected, rtol=1e-8, atol=1e-10)
    assert_close(kata.newton_step(np.array([2.0, 4.0]), np.diag([0.0, 2.0]), 0.5), [-4.0, -1.6])


def test_singular(kata):
    """A singular matrix has no Newton step: ValueError, also where damping makes it singular."""
    for hessian in (np.diag([2.0, 0.0]), np.array([[1.0, 2.0], [2.0, 4.0]]), np.zeros((3, 3))):
        with pytest.raises(ValueError):
            kata.newton_step(np.ones(len(hessian)), hessian)
    with pytest.raises(ValueError):
        kata.newton_step(np.array([1.0, 1.0]), np.diag([3.0, -2.0]), 2.0)


def test_direction(kata, rng):
    """The direction is a unit eigenvector of the most negative eigenvalue, of the sign that does not go up."""
    # The eigenvalue of (1, -1) is -1.
    hessian, root = np.array([[1.0, 2.0], [2.0, 1.0]]), np.sqrt(0.5)
    assert_close(kata.negative_curvature_direction(np.array([5.0, 1.0]), hessian), [-root, root], rtol=1e-7)
    assert_close(kata.negative_curvature_direction(np.array([1.0, 5.0]), hessian), [root, -root], rtol=1e-7)
    for eigenvalues, sign in [
        ([-1.0, 3.0, 0.5], 1.0),
        ([4.0, -0.3, 0.0, -2.0, 1.0], -1.0),
        ([-0.2, -3.0], 1.0),
        ([5.0, -0.1, 0.2, 4.0], -1.0),
    ]:
        hessian, vectors = turned(rng, eigenvalues)
        place = int(np.argmin(eigenvalues))
        parts = rng.normal(size=len(eigenvalues))
        parts[place] = sign * 0.5
        direction = kata.negative_curvature_direction(vectors @ parts, hessian)
        assert_close(direction, -sign * vectors[:, place], rtol=1e-6, atol=1e-7)


def test_free_direction(kata, rng):
    """Where the gradient is 0 either sign is right; of equal eigenvalues, any eigenvector."""
    hessian, _ = turned(rng, [2.0, -1.5, 0.3])
    assert_downhill(kata.negative_curvature_direction(np.zeros(3), hessian), np.zeros(3), hessian, -1.5)
    # Eigenvalues of 4, -2 and -2.
    hessian, grad = np.array([[1.0, 3.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, -2.0]]), rng.normal(size=3)
    assert_downhill(kata.negative_curvature_direction(grad, hessian), grad, hessian, -2.0)
    hessian = np.diag([1.0, -3.0])
    assert_downhill(kata.negative_curvature_direction(np.array([2.0, 0.0]), hessian), np.array([2.0, 0.0]), hessian, -3)


def test_no_direction(kata, rng):
    """If no eigenvalue is negative, up to tol times the largest size, there is no direction: None."""
    for hessian in (np.array([[2.0, 1.0], [1.0, 2.0]]), np.diag([1.0, 0.0]), np.zeros((2, 2)), np.array([[3.0]])):
        assert_equal(kata.negative_curvature_direction(np.ones(len(hessian)), hessian), None)
    hessian, _ = turned(rng, [1e5, 2e4, -1e-5])
    assert_equal(kata.negative_curvature_direction(np.ones(3), hessian), None)
    assert_equal(kata.negative_curvature_direction(np.ones(2), np.array([[78.2, 43.6], [43.6, 12.8]]), 0.1), None)
    direction = kata.negative_curvature_direction(np.ones(2), np.array([[77.8, 44.4], [44.4, 11.2]]), 0.1)
    assert_close(direction, np.array([1.0, -2.0]) / np.sqrt(5), rtol=1e-7)
    assert_equal(kata.negative_curvature_direction(np.ones(2), np.diag([1000.0, -9e-6])), None)
    assert_close(kata.negative_curvature_direction(np.ones(2), np.diag([1000.0, -1.1e-5])), [0.0, -1.0], rtol=1e-7)
    hessian = np.diag([100.0, -5.0])
    assert_equal(kata.negative_curvature_direction(np.ones(2), hessian, 0.1), None)
    assert_close(kata.negative_curvature_direction(np.ones(2), hessian, 0.01), [0.0, -1.0], rtol=1e-7)
    assert_close(kata.negative_curvature_direction(np.ones(2), np.diag([0.02, -0.01]), 0.1), [0.0, -1.0], rtol=1e-7)
    assert_close(kata.negative_curvature_direction(np.ones(2), np.diag([1e6, -1e-6]), 0.0), [0.0, -1.0], rtol=1e-7)


def test_not_symmetric(kata):
    """A Hessian that is not symmetric raises ValueError in all three functions."""
    for hessian in ([[1.0, 2.0], [0.0, 1.0]], [[2.0, 1.0], [1.1, 2.0]], [[1.0, 0.0, 0.0], [0.0, 1.0, -2.0], [0, 2, 3]]):
        array = np.array(hessian)
        with pytest.raises(ValueError):
            kata.classify_critical_point(array)
        with pytest.raises(ValueError):
            kata.newton_step(np.ones(len(array)), array)
        with pytest.raises(ValueError):
            kata.negative_curvature_direction(np.ones(len(array)), array)


@strict
def test_symmetric_up_to_rounding(kata):
    """Mirrored entries may differ by 1e-8 times the largest entry, not by more, in any unit."""
    step = np.array([1.0, 2.0, -1.0])
    for unit in (1.0, -1.0, 1e-6, 1e6):
        hessian = unit * np.array([[2.0, 0.0, 1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 3.0]])
        grad = -hessian @ step
        rounded, wrong = hessian.copy(), hessian.copy()
        rounded[0, 1] += 9e-9 * abs(unit)
        wrong[1, 0] += 9e-8 * abs(unit)
        assert_equal(kata.classify_critical_point(rounded), "saddle")
        assert_close(kata.newton_step(grad, rounded), step, rtol=1e-6)
        if unit > 0:
            expected = np.array([0.0, -1.0, 0.0])
            assert_close(kata.negative_curvature_direction(grad, rounded), expected, rtol=1e-6, atol=1e-7)
        with pytest.raises(ValueError):
            kata.classify_critical_point(wrong)
        with pytest.raises(ValueError):
            kata.newton_step(grad, wrong)
        with pytest.raises(ValueError):
            kata.negative_curvature_direction(grad, wrong)


@strict
def test_not_square(kata):
    """A Hessian that is not a square matrix raises ValueError."""
    for shape in ((2, 3), (3, 2), (1, 2), (4,), (2, 2, 2)):
        for call in (
            kata.classify_critical_point,
            lambda hessian: kata.newton_step(np.ones(2), hessian),
            lambda hessian: kata.negative_curvature_direction(np.ones(2), hessian),
        ):
            with pytest.raises(ValueError):
                call(np.ones(shape))


@strict
def test_integers(kata):
    """The arrays may hold integers of any type: nothing is truncated, and nothing overflows."""
    for kind in (np.int64, np.int8, np.uint8):
        hessian, grad = np.array([[1, 2], [2, 1]], dtype=kind), np.array([3, 1], dtype=kind)
        assert_equal(kata.classify_critical_point(hessian), "saddle")
        assert_close(kata.newton_step(grad, hessian), [1 / 3, -5 / 3])
        assert_close(kata.negative_curvature_direction(grad, hessian), np.array([-1, 1]) * np.sqrt(0.5), rtol=1e-7)
    # In eight bits the size of -128 is -128.
    assert_equal(kata.classify_critical_point(np.array([[-128]], dtype=np.int8)), "maximum")


def workload(kata, rng, n):
    """Classify a saddle, step towards it, and leave it."""
    noise, grad = rng.normal(size=(n, n)), rng.normal(size=n)
    hessian = noise + noise.T
    damping = float(np.abs(hessian).sum()) / n + 0.5
    return (
        kata.classify_critical_point(hessian),
        kata.newton_step(grad, hessian, damping),
        kata.negative_curvature_direction(grad, hessian),
    )


def picture(kata, rng):
    del rng
    # f = x^2 / 2 - y^2 / 2 + y^4 / 4 has a saddle at 0 and minima at y = 1 and y = -1.
    start, panels = np.array([1.0, 0.05]), []
    hessian = lambda place: np.diag([1.0, 3 * place[1] ** 2 - 1])  # noqa: E731
    grad = lambda place: np.array([place[0], place[1] ** 3 - place[1]])  # noqa: E731
    paths = {"gradient descent, 0.2": [start], "Newton": [start], "Newton, damping 2": [start]}
    for _ in range(12):
        for name, path in paths.items():
            here = path[-1]
            damping = 2.0 if "damping" in name else 0.0
            step = kata.newton_step(grad(here), hessian(here), damping) if "Newton" in name else -0.2 * grad(here)
            path.append(here + step)
    lines = [Line([at[0] for at in path], [at[1] for at in path], name) for name, path in paths.items()]
    direction = kata.negative_curvature_direction(grad(start), hessian(start))
    down = [Line([start[0], start[0] + direction[0]], [start[1], start[1] + direction[1]], "negative curvature")]
    points = [
        Points([0.0], [0.0], kata.classify_critical_point(hessian(np.zeros(2))), large=True),
        Points([0.0], [1.0], kata.classify_critical_point(hessian(np.array([0.0, 1.0]))), large=True),
    ]
    panels.append(
        Panel(
            "Twelve steps beside a saddle",
            "x, curvature 1",
            "y, curvature -1",
            [*lines, *down, *points],
            note="Newton's method goes to the saddle. Damping above 1 turns it round; gradient descent leaves slowly.",
        )
    )
    return panels


CUT = "cut = tol * np.abs(eigenvalues).max()\n    rises"
SOLVE = "return -np.linalg.solve(hessian + damping * np.eye(len(grad)), grad)"
NONE = "if eigenvalues[0] >= -tol * np.abs(eigenvalues).max():"
PICK = "direction = vectors[:, 0]\n"
SIGN = "return -direction if grad @ direction > 0 else direction\n\n\ndef _checked"
EIGENVALUES = "eigenvalues = np.linalg.eigvalsh(hessian)\n"
SADDLE = 'if rises.any() and falls.any():\n        return "saddle"\n    if rises.all():'
ASYMMETRY = "if (hessian - hessian.T).max() > 1e-8 * np.abs(hessian).max():"
MISTAKES = {
    "the signs of the diagonal": (EIGENVALUES, "eigenvalues = np.diag(hessian)\n"),
    "the determinant and the trace": (
        SADDLE,
        'if np.linalg.det(hessian) < 0:\n        return "saddle"\n    if rises.all():',
    ),
    "a saddle needs all eigenvalues to be nonzero": (
        SADDLE,
        'if rises.any() and falls.any() and (rises | falls).all():\n        return "saddle"\n    if rises.all():',
    ),
    "zero eigenvalues left out": (
        "rises, falls = eigenvalues > cut, eigenvalues < -cut\n",
        "kept = eigenvalues[np.abs(eigenvalues) > cut]\n    rises, falls = kept > 0, kept < 0\n",
    ),
    "semidefinite is a minimum": (
        "    if rises.all():\n",
        "    if not falls.any():\n",
    ),
    "minimum and maximum swapped": (
        "rises, falls = eigenvalues > cut, eigenvalues < -cut",
        "falls, rises = eigenvalues > cut, eigenvalues < -cut",
    ),
    "an absolute tolerance": (CUT, "cut = tol\n    rises"),
    "a tolerance relative to the largest eigenvalue, not the largest size": (
        CUT,
        "cut = tol * max(eigenvalues.max(), 0)\n    rises",
    ),
    "a tolerance relative to the largest entry": (CUT, "cut = tol * np.abs(hessian).max()\n    rises"),
    "a tolerance relative to the Frobenius norm": (CUT, "cut = tol * np.linalg.norm(hessian)\n    rises"),
    "no tolerance": (CUT, "cut = 0.0\n    rises"),
    "the tolerance fixed at its default": (CUT, "cut = 1e-8 * np.abs(eigenvalues).max()\n    rises"),
    "a tolerance of 0 taken for none given": (CUT, "cut = (tol or 1e-8) * np.abs(eigenvalues).max()\n    rises"),
    "the step uphill": (SOLVE, "return np.linalg.solve(hessian + damping * np.eye(len(hessian)), grad)"),
    "the absolute curvatures": (
        SOLVE,
        (
            "values, vectors = np.linalg.eigh(hessian + damping * np.eye(len(hessian)))\n"
            "    if not values.all():\n"
            '        raise ValueError("singular")\n'
            "    return -vectors @ (vectors.T @ grad / np.abs(values))"
        ),
    ),
    "damping subtracted": (SOLVE, "return np.linalg.solve(hessian - damping * np.eye(len(hessian)), -grad)"),
    "damping added to every entry": (SOLVE, "return np.linalg.solve(hessian + damping, -grad)"),
    "damping scaled by the diagonal": (
        SOLVE,
        "return np.linalg.solve(hessian + damping * np.diag(np.diag(hessian)), -grad)",
    ),
    "damping forgotten": (SOLVE, "return np.linalg.solve(hessian + 0 * np.eye(len(hessian)), -grad)"),
    "damping that shortens the step": (SOLVE, "return np.linalg.solve(hessian, -grad) / (1 + damping)"),
    "the shortest solution of a singular system": (
        SOLVE,
        "return -np.linalg.pinv(hessian + damping * np.eye(len(hessian))) @ grad",
    ),
    "a floor under the curvature": (
        SOLVE,
        (
            "values, vectors = np.linalg.eigh(hessian + damping * np.eye(len(hessian)))\n"
            "    values[np.abs(values) < 1e-6] = 1e-6\n"
            "    return -vectors @ (vectors.T @ grad / values)"
        ),
    ),
    "infinity where the matrix is singular": (
        SOLVE,
        (
            "values, vectors = np.linalg.eigh(hessian + damping * np.eye(len(hessian)))\n"
            "    return -vectors @ (vectors.T @ grad / values)"
        ),
    ),
    "a row of the eigenvectors": (PICK, "direction = vectors[0]\n"),
    "the largest eigenvalue": (PICK, "direction = vectors[:, -1]\n"),
    "the eigenvalue of the smallest size": (PICK, "direction = vectors[:, np.argmin(np.abs(eigenvalues))]\n"),
    "the first negative eigenvalue from above": (
        PICK,
        "direction = vectors[:, (eigenvalues < 0).sum() - 1]\n",
    ),
    "either sign": (SIGN, "return direction\n\n\ndef _checked"),
    "the sign that goes up": (SIGN, "return direction if grad @ direction > 0 else -direction\n\n\ndef _checked"),
    "a direction as long as its eigenvalue": (
        SIGN,
        "return np.abs(eigenvalues[0]) * (-direction if grad @ direction > 0 else direction)\n\n\ndef _checked",
    ),
    "a direction always": (NONE, "if eigenvalues[0] == np.inf:"),
    "zeros for no direction": (NONE + "\n        return None", NONE + "\n        return np.zeros(len(grad))"),
    "None with an absolute tolerance": (NONE, "if eigenvalues[0] >= -tol:"),
    "None without a tolerance": (NONE, "if eigenvalues[0] >= 0:"),
    "symmetry not checked": (ASYMMETRY, "if False:"),
    "the symmetric part taken": (
        ASYMMETRY + '\n        raise ValueError("the Hessian is not symmetric")',
        "hessian = (hessian + hessian.T) / 2",
    ),
    "symmetry checked to a tenth": (ASYMMETRY, "if (hessian - hessian.T).max() > 0.1 * np.abs(hessian).max():"),
}

STRICT_MISTAKES = {
    "small integers overflow": (
        "    hessian = hessian.astype(float)  # differences and sizes of small integers would overflow\n",
        "",
    ),
    "symmetric to the last digit": (ASYMMETRY, "if not np.array_equal(hessian, hessian.T):"),
    "an absolute tolerance of the symmetry": (ASYMMETRY, "if not np.allclose(hessian, hessian.T):"),
    "the shape not checked": ("if hessian.shape != (n, n):", "if not n:"),
}
