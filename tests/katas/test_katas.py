"""Every kata as a whole: its reference and alternatives pass, its stub and mistakes do not, its parts agree.

The reference, two mistakes and the attempts that the committed figures are not about yet are tried, right ones on core
rules alone. With `--all`, for the kata that `--kata` names, and where solution or grader differ from those that the
figures are about, every mistake, alternative and attempt is tried, on both bars. `strength` remembers what was tried.
"""

import ast
import doctest
import hashlib
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from katagrad.authoring.check import MOST_WORDS, words_of
from katagrad.authoring.strength.account import MISTAKES, Account
from katagrad.authoring.strength.figures import Figures, added, is_stale, read_figures
from katagrad.authoring.strength.memory import Memory
from katagrad.authoring.strength.plan import REFERENCE, Candidate, Plan, plan_without_mutants
from katagrad.authoring.strength.trials import Kind, Trial, attempt
from katagrad.grading.grading import Job, grade
from katagrad.katas import stubs
from katagrad.katas.catalog import Catalog, Kata
from katagrad.katas.interface import alternatives, parameters, read_interface
from katagrad.katas.kata import LEVELS
from katagrad.katas.loading import load_module
from katagrad.submission.proxy import KataProxy, Source, Submission

KATAS = Catalog().katas
FEW = 2


def pytest_generate_tests(metafunc):
    """Give each test every kata, or those that were named."""
    if "kata" in metafunc.fixturenames:
        named = metafunc.config.getoption("kata")
        katas = Catalog().select(named) if named else KATAS
        metafunc.parametrize("kata", katas, ids=[kata.path for kata in katas])


@pytest.fixture
def in_full(request, kata):
    """Say whether all texts of a kata are to be tried."""
    return bool(request.config.getoption("everything") or request.config.getoption("kata") or is_stale(kata))


def text_of(kata: Kata) -> str:
    return kata.solution.read_text(encoding="utf-8")


def tree_of(kata: Kata) -> ast.Module:
    return ast.parse(text_of(kata))


def problems(plan: Plan, candidates, *, core: bool) -> list[str]:
    """Grade texts under one seed, each beginning with the rule that refused it last, and return what is wrong.

    With `core`, strict rules are left out where a text has to pass them.
    """
    kata = plan.kata
    killers = (read_figures(kata) or Figures()).killers
    account, memory = Account(plan, (), seeds=1), Memory(kata)
    trials = [
        Trial(kata, kind_of(each, core=core), each.name, each.text, (0,), killers.get(each.name, ""))
        for each in candidates
    ]
    for each, trial, outcomes in zip(candidates, trials, attempt(trials), strict=True):
        account.add(replace(trial, kind=each.kind), outcomes)
        memory.add(trial, outcomes)
    return list(account.problems())


def kind_of(candidate: Candidate, *, core: bool) -> Kind:
    return candidate.kind._replace(core=True) if core and candidate.kind.right else candidate.kind


def few(kata: Kata, wrong):
    """Return the same few texts each time, of those that the busiest rules refuse: what is refused by time is rare."""
    killers = (read_figures(kata) or Figures()).killers
    busy = Counter(killers.get(each.name) for each in wrong)
    return sorted(wrong, key=lambda each: (-busy[killers.get(each.name)], hashlib.sha256(each.name.encode()).digest()))[
        :FEW
    ]


@pytest.mark.texts
def test_texts_are_told_apart(kata, in_full):
    """The reference, each alternative and each right attempt pass; each mistake and each wrong attempt is refused.

    There are at least five mistakes, each an edit that matches once.
    """
    plan = plan_without_mutants(kata)
    assert not plan.problems
    wrong = [each for each in plan.candidates if not each.kind.right]
    assert len([each for each in wrong if each.kind in MISTAKES]) >= 5
    named = {REFERENCE, *added(kata), *(each.name for each in few(kata, wrong))}
    assert not problems(plan, [each for each in plan.candidates if in_full or each.name in named], core=not in_full)


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


def test_stub_is_not_started(kata, in_full):
    """The derived stub counts as not started, and breaks every rule when run."""
    text = stubs.derive(kata)
    assert stubs.may_be_blank(text)
    assert stubs.is_blank(text)
    verdict = grade(Job(kata, Source(kata.exercise, text), seed=0, skip_blank=False, core_only=not in_full))
    assert verdict.held == 0
    assert {rule.failure.kind for rule in verdict.failures} == {"unwritten"}


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


def test_statement_is_short(kata):
    """It is read in the first minutes."""
    assert words_of(text_of(kata)) <= MOST_WORDS


def test_docstring_examples_hold(kata):
    """The examples in the docstrings run, and every public function has one; the source is named."""
    module = load_module(kata.solution)
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0
    for name in read_interface(tree_of(kata)).functions:
        assert "Examples\n    ---" in getattr(module, name).__doc__, f"{name} lacks Examples"
    assert "Source" in module.__doc__


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


def test_table_is_complete(kata):
    """The table has all its fields: known prerequisites, hints, and follow-ups with points and a source."""
    assert 3 <= len(kata.about.split()) <= 14
    assert not kata.about.endswith(".")
    assert all(alias.strip() for alias in kata.aliases)
    assert 5 <= kata.minutes <= 60
    assert kata.difficulty in LEVELS
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


def test_selections_can_be_followed():
    """A selection has what its katas build on, and has it before them; its name is no kata's and no topic's."""
    names = {name for kata in KATAS for name in (kata.name, kata.topic)}
    for selection in Catalog().selections:
        assert selection.audience.endswith("."), selection.name
        assert selection.name not in names
        done: set[str] = set()
        for kata in selection.katas:
            assert set(kata.requires) <= done, f"{selection.name}: {kata.path}"
            done.add(kata.path)


# What each folder holds of a kata; the first have something of every kata.
EVERY = ("solutions/{}/*.py", "solutions/{}/*.toml", "tests/graders/{}/test_*.py", "tests/oracles/{}/test_*.py")
SOME = ("exercises/{}/*.py", "tests/strength/{}/*.toml", "tests/strength/{}/*.json", "tests/bench/{}/*.json")


def test_no_orphans():
    """Solutions, tables, graders and oracle tests name the same katas; exercises and figures name no other."""
    named = {kata.path for kata in KATAS}
    for pattern in (*EVERY, *SOME):
        paths = Catalog().root.glob(pattern.format("*"))
        found = {f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in paths}
        assert found == named if pattern in EVERY else found <= named, pattern
    attempts = Catalog().root.glob("tests/attempts/*/*/*")
    assert {f"{path.parts[-3]}/{path.parts[-2]}" for path in attempts} <= named


def test_names_are_unique():
    """A kata's name alone says which it is, and is no topic's."""
    names = [kata.name for kata in KATAS] + [topic.name for topic in Catalog().topics]
    assert len(set(names)) == len(names)
