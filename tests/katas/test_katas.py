"""Every kata as a whole: its reference and alternatives pass, its stub and mistakes do not, its parts agree."""

import ast
import doctest
import sys

import numpy as np
import pytest

from katagrad.grading.grading import Job, grade_all
from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.katas.interface import alternatives, parameters, read_interface
from katagrad.katas.loading import load_module
from katagrad.submission.proxy import KataProxy, Source, Submission
from katagrad.verdict import State

KATAS = Catalog().katas
SEEDS = range(3)
each_kata = pytest.mark.parametrize("kata", KATAS, ids=[kata.path for kata in KATAS])


def text_of(kata: Kata) -> str:
    return kata.solution.read_text(encoding="utf-8")


def tree_of(kata: Kata) -> ast.Module:
    return ast.parse(text_of(kata))


def job(kata: Kata, text: str, seed: int = 0) -> Job:
    return Job(kata, Source(kata.exercise, text), seed=seed, skip_blank=False)


def edited(text: str, edits: tuple[str, str] | list[tuple[str, str]]) -> str:
    for before, after in [edits] if isinstance(edits, tuple) else edits:
        assert text.count(before) == 1, f"{before!r} occurs {text.count(before)} times"
        text = text.replace(before, after)
    return text


@each_kata
def test_right_solutions_pass(kata):
    """The reference and every alternative pass under several seeds."""
    text = text_of(kata)
    variants = {"reference": text}
    for function, alternative in alternatives(ast.parse(text)):
        variants[alternative] = f"{text}\n\n{function} = {alternative}\n"
    named = [(name, seed) for name in variants for seed in SEEDS]
    verdicts = grade_all([job(kata, variants[name], seed) for name, seed in named])
    wrong = [
        (name, verdict.seed, verdict.problem, verdict.failures)
        for (name, _), verdict in zip(named, verdicts, strict=True)
        if verdict.state is not State.SOLVED
    ]
    assert not wrong


@each_kata
def test_there_are_alternatives(kata):
    """A kata has at least two other right solutions, each with its function's parameters."""
    tree = tree_of(kata)
    functions = read_interface(tree).functions
    found = dict(alternatives(tree))
    assert sum(1 for _ in alternatives(tree)) >= 2
    nodes = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for function, alternative in alternatives(tree):
        assert parameters(nodes[alternative]) == functions[function].parameters, alternative
        assert ast.unparse(nodes[alternative].args) == ast.unparse(nodes[function].args), alternative
    assert set(found) <= set(functions)


@each_kata
def test_mistakes_are_rejected(kata):
    """There are at least five mistakes, each an edit that matches once, and each is rejected."""
    grader = load_module(kata.grader)
    assert len(grader.MISTAKES) >= 5
    mistakes = grader.MISTAKES | getattr(grader, "STRICT_MISTAKES", {})
    verdicts = grade_all([job(kata, edited(text_of(kata), edits)) for edits in mistakes.values()])
    accepted = [name for name, verdict in zip(mistakes, verdicts, strict=True) if verdict.state is State.SOLVED]
    assert not accepted


@each_kata
def test_stub_is_not_started(kata):
    """The derived stub counts as not started, and breaks every rule when run."""
    text = stubs.derive(kata)
    assert stubs.is_blank(text)
    (verdict,) = grade_all([job(kata, text)])
    assert verdict.held == 0
    assert {rule.failure.kind for rule in verdict.rules} == {"unwritten"}


@each_kata
def test_stub_keeps_the_statement(kata):
    """The stub has the docstrings and signatures of the solution, and nothing private."""
    stub, solution = ast.parse(stubs.derive(kata)), tree_of(kata)
    assert ast.get_docstring(stub) == ast.get_docstring(solution)
    nodes = {node.name: node for node in solution.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    shown = [node for node in stub.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [node.name for node in shown if isinstance(node, ast.FunctionDef)] == list(
        read_interface(solution).functions
    )
    for node in shown:
        assert not node.name.startswith("_")
        assert "_via_" not in node.name
        assert ast.get_docstring(node) == ast.get_docstring(nodes[node.name])
        if isinstance(node, ast.FunctionDef):
            assert ast.unparse(node.args) == ast.unparse(nodes[node.name].args)
            assert ast.unparse(node.returns) == ast.unparse(nodes[node.name].returns)
    assert "\n\n\nimport" not in stubs.derive(kata)
    compile(stub, "stub", "exec")


@each_kata
def test_docstring_examples_hold(kata):
    """The examples in the docstrings run, and every public function has one."""
    module = load_module(kata.solution)
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0
    for name in read_interface(tree_of(kata)).functions:
        assert "Examples\n    ---" in getattr(module, name).__doc__, f"{name} lacks Examples"
    assert "Source" in module.__doc__


@each_kata
def test_grader_is_well_formed(kata):
    """Every rule has a sentence and asks the kata; the grader imports neither solutions nor libraries of the field."""
    tree = ast.parse(kata.grader.read_text(encoding="utf-8"))
    rules = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert len(rules) >= 5
    sentences = [" ".join((ast.get_docstring(rule) or "").split()) for rule in rules]
    assert all(sentence.endswith(".") for sentence in sentences), sentences
    assert len(set(sentences)) == len(sentences)
    assert all("kata" in parameters(rule) for rule in rules)
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= {"numpy", "pytest", "katagrad"} | set(sys.stdlib_module_names)


@each_kata
def test_workload_uses_every_function(kata):
    """The workload calls each public function, and works at several sizes."""
    source = Source(kata.solution, text_of(kata))
    interface = read_interface(tree_of(kata))
    submission, workload = Submission(source, interface), load_module(kata.grader).workload
    try:
        for size in (16, 64, 300):
            assert workload(KataProxy(submission), np.random.default_rng(size), size) is not None
        assert {call.function for call in submission.calls} == set(interface.functions)
    finally:
        submission.close()


@each_kata
def test_table_is_complete(kata):
    """The table has all its fields: known prerequisites, hints, and follow-ups with points and a source."""
    assert 3 <= len(kata.about.split()) <= 14
    assert not kata.about.endswith(".")
    assert all(alias.strip() for alias in kata.aliases)
    assert 5 <= kata.minutes <= 60
    assert kata.difficulty in ("easy", "medium", "hard")
    assert set(kata.requires) <= {other.path for other in KATAS} - {kata.path}
    assert 2 <= len(kata.hints) <= 3
    assert all(hint.strip() for hint in kata.hints)
    assert len(kata.followups) >= 3
    for followup in kata.followups:
        assert followup.question.strip().endswith(("?", "."))
        assert 3 <= len(followup.answer) <= 6, followup.question
        assert all(point.strip() for point in followup.answer)
        assert followup.source.strip()


def test_prerequisites_have_no_circle():
    """Whoever follows prerequisites gets somewhere."""
    requires = {kata.path: kata.requires for kata in KATAS}
    done: set[str] = set()
    while len(done) < len(requires):
        ready = {path for path, needed in requires.items() if path not in done and set(needed) <= done}
        assert ready, sorted(set(requires) - done)
        done |= ready


def test_no_orphans():
    """Solutions, tables, graders, oracle tests and exercises name the same katas."""
    root = Catalog().root
    named = {kata.path for kata in KATAS}
    assert {f"{path.parent.name}/{path.stem}" for path in root.glob("solutions/*/*.py")} == named
    for tests in ("graders", "oracles"):
        paths = root.glob(f"tests/{tests}/*/test_*.py")
        assert {f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in paths} == named
    assert {f"{path.parent.name}/{path.stem}" for path in root.glob("exercises/*/*.py")} <= named
    assert {f"{path.parent.name}/{path.stem}" for path in root.glob("solutions/*/*.toml")} == named
    assert {f"{path.parent.name}/{path.stem}" for path in root.glob("tests/strength/*/*.toml")} <= named


def test_names_are_unique():
    """A kata's name alone says which it is, and is no topic's."""
    names = [kata.name for kata in KATAS] + [topic.name for topic in Catalog().topics]
    assert len(set(names)) == len(names)
