"""Mutants are one-place edits of readable text, of what computes something, each different from all others."""

import ast

from katagrad.authoring.strength.mutants import mutants

SOLUTION = '''"""Means — of naïve kinds: 1 + 1."""

import numpy as np

_SCALE = 2.0
_UNUSED = 3.0


def mean(x: np.ndarray, weight: float = 1.0) -> float:
    """Return the mean — 1 + 1."""
    if len(x) == 0:
        raise ValueError(f"no values — {1 + 1}")
    größe = _halved(x.sum()); return größe * weight / len(x)  # é


def _halved(total: float) -> float:
    return _SCALE * total / 2


def mean_via_loop(x: np.ndarray, weight: float = 1.0) -> float:
    """Add up."""
    total = 0.0
    for value in x:
        total += _twice(value)
    return total / 2 / len(x) * weight


def _twice(value: float) -> float:
    return value + value


def mean_via_nothing(x: np.ndarray, weight: float = 1.0) -> float:
    """Never mutated."""
    return np.mean(x) * weight
'''


def test_one_place_is_edited():
    """A mutant keeps every character but those of its one place, whatever stands beside it."""
    for mutant in mutants(SOLUTION):
        text = mutant.text.removesuffix("\n\nmean = mean_via_loop\n")
        lines, changed = SOLUTION.split("\n"), text.split("\n")
        number = mutant.line - 1
        assert changed[:number] == lines[:number]
        longer = len(lines) - len(changed)
        rest = len(mutant.before) and next(
            k for k in range(number, len(lines) + 1) if _joined(lines[number:k]) == mutant.before
        )
        assert changed[rest - longer :] == lines[rest:]
        assert _joined(changed[number : rest - longer]) == mutant.after
        ast.parse(text)


def _joined(lines):
    return " ".join(line.strip() for line in lines)


def test_non_ascii_text_beside_an_edit():
    """Places are counted in characters though the tree counts bytes."""
    after = [mutant.after for mutant in mutants(SOLUTION) if mutant.line == 13]
    assert "größe = _halved(x.sum()); return größe / weight / len(x)  # é" in after
    assert "größe = _halved(x.sum()); return größe * weight / (len(x) - 1)  # é" in after


def test_what_is_mutated():
    """Public functions, what they use, and the first alternative with what only it uses; nothing else."""
    assert {mutant.function for mutant in mutants(SOLUTION)} == {"mean", "_halved", "_SCALE", "mean_via_loop", "_twice"}


def test_what_computes_nothing_is_left_alone():
    """Docstrings, annotations, sentences of errors and an alternative's defaults are not mutated."""
    text = [mutant.text for mutant in mutants(SOLUTION)]
    for part in ("— of naïve kinds: 1 + 1", "the mean — 1 + 1", "x: np.ndarray"):
        assert all(part in each for each in text)
    assert all("no values — {1 + 1}" in each for each in text if "raise" in each)
    assert all("mean_via_loop(x: np.ndarray, weight: float = 1.0)" in each for each in text)
    assert any("mean(x: np.ndarray, weight: float = 2.0)" in each for each in text)


def test_alternative_takes_its_functions_place():
    """A mutant of an alternative, or of what only that uses, comes with the alternative installed."""
    for mutant in mutants(SOLUTION):
        installed = mutant.text.endswith("\n\nmean = mean_via_loop\n")
        assert installed == (mutant.function in ("mean_via_loop", "_twice"))


def test_identical_bytecode_is_dropped():
    """What compiles to the same as the original or an earlier mutant is no mutant."""
    after = {mutant.after for mutant in mutants("def f(x):\n    return x + 3 * 3\n")}
    # 4 * 3 and 3 * 4 are one constant, and so are 2 * 3 and 3 * 2.
    assert after == {"return x - 3 * 3", "return x", "return 3 * 3"} | {
        f"return x + {n}" for n in ("3 / 3", "4 * 3", "2 * 3")
    }
    assert "return 0 + x" not in {mutant.after for mutant in mutants("def f(x):\n    return -0 + x\n")}


def test_zero_and_minus_zero_differ():
    """Constants that are equal and not the same are told apart: 1.0 and True, 0.0 and -0.0."""
    assert "return x * 0.0" in [mutant.after for mutant in mutants("def f(x):\n    return x * -0.0\n")]


def test_signature_leaves_out_the_place():
    """A signature holds though the function moves in its file."""
    moved = SOLUTION.replace("_UNUSED = 3.0\n", "_UNUSED = 3.0\n\n\n")
    assert [mutant.signature for mutant in mutants(SOLUTION)] == [mutant.signature for mutant in mutants(moved)]


def test_error_states_are_no_mutants():
    """What NumPy warns of is no part of an answer: `np.errstate` and its arguments are left alone."""
    text = "import numpy as np\n\n\ndef f(x):\n    with np.errstate(divide='left'):\n        return 1 / x\n"
    assert all("with np.errstate(divide='left'):" in mutant.text for mutant in mutants(text))
    assert len(list(mutants(text))) > 2
