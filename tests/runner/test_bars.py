"""Two bars: core rules decide, strict ones are a second mark, and every kata gets some from the runner."""

import json
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from katagrad.grading import report, verdict_files
from katagrad.grading.grading import Job, grade, grade_with_calls
from katagrad.katas.catalog import Catalog
from katagrad.submission.proxy import Source
from katagrad.terminal import Terminal
from katagrad.verdict import Bar, Kind, State
from tests.runner.matrix import TOPIC, Checkout

SOLUTION = '''"""Sums over rows."""

import numpy as np


def f(x: np.ndarray) -> np.ndarray:
    """Return the sum of each column."""
    return x.sum(axis=0)
'''
GRADER = '''
import numpy as np

from katagrad.testing import assert_close, strict


@strict
def test_small_integers(kata):
    """Integers may be of any type."""
    assert_close(kata.f(np.array([[200], [100]], dtype=np.uint8)), [300])


def test_sum(kata):
    """Rows are added."""
    assert_close(kata.f(np.array([[1.0, 2.0], [3.0, 4.0]])), [4.0, 6.0])


def test_one_row(kata):
    """One row is its own sum."""
    assert_close(kata.f(np.array([[1.0, 2.0]])), [1.0, 2.0])
'''
WORKLOAD = """

def workload(kata, rng, n):
    x = rng.normal(size=(n, 3))
    return kata.f(x), kata.f(x=x[:, :1])
"""
AUTOMATIC = ["memory_layout", "second_call", "arguments"]


def write_grader(kata, text):
    """Lay a grader, and have it imported anew: pytest takes a module of that name for the same one."""
    kata.grader.write_text(text)
    for name in [name for name in sys.modules if name.endswith("test_first")]:
        del sys.modules[name]


@pytest.fixture
def graded(tmp_path):
    """Give a function that grades a body of `f`."""
    checkout = Checkout(tmp_path / "checkout")
    checkout.add("first")
    kata = Catalog(checkout.root).find("first")[0]
    kata.solution.write_text(SOLUTION)

    def run(body, grader=GRADER + WORKLOAD, **options):
        write_grader(kata, grader)
        text = SOLUTION.partition("    return")[0] + "".join(f"    {line}\n" for line in body.split("\n"))
        source = Source(kata.exercise, text.replace("import numpy", "KEPT = {}\nimport numpy"))
        return grade(Job(kata, source, **options))

    run.kata = kata
    return run


def broken(verdict):
    return [rule.name for rule in verdict.failures]


RIGHT = "return x.sum(axis=0)"
SMALL = "return x.sum(axis=0, dtype=x.dtype)"  # strict: eight bits overflow
WRONG = "return x.sum(axis=0) + 1"


def test_both_bars(graded):
    """A right text meets both bars; the rules of the runner's own are there."""
    verdict = graded(RIGHT)
    assert (verdict.state, verdict.strict, verdict.passes) == (State.SOLVED, True, True)
    assert [rule.name for rule in verdict.rules] == ["sum", "one_row", "small_integers", *AUTOMATIC]
    assert (verdict.held, verdict.total) == (2, 2)
    assert all(rule.sentence.endswith(".") for rule in verdict.rules)


def test_solved_but_not_strict(graded):
    """A broken strict rule does not unsolve."""
    verdict = graded(SMALL)
    assert (verdict.state, verdict.strict, verdict.passes) == (State.SOLVED, False, False)
    assert broken(verdict) == ["small_integers"]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [("import os; os._exit(3)", Kind.CRASHED), ("while True: pass", Kind.TIMEOUT), ("raise KeyError(1)", Kind.RAISED)],
)
def test_trouble_in_strict_rules(graded, trouble, kind):
    """A crash, a stop or an error in a strict rule is a broken strict rule and no more."""
    verdict = graded(f"if x.dtype == np.uint8:\n    {trouble}\n{RIGHT}", call_limit=0.4)
    assert (verdict.state, verdict.strict) == (State.SOLVED, False)
    assert broken(verdict) == ["small_integers"]
    assert verdict.failures[0].failure.kind is kind


def test_strict_rules_wait_for_the_core(graded):
    """Where a core rule breaks the strict ones do not run, and are no failures."""
    verdict = graded(WRONG)
    assert (verdict.state, verdict.strict) == (State.FAILING, None)
    assert broken(verdict) == ["sum", "one_row"]
    assert {rule.name for rule in verdict.rules if not rule.was_run} == {"small_integers", *AUTOMATIC}
    assert broken(graded(WRONG, strict=True)) == ["sum", "one_row", "small_integers"]


def test_first_failure_stays_within_a_bar(graded):
    """Ending at the first failure ends a bar: a core failure says nothing of the strict rules, if these are run."""
    assert broken(graded(WRONG, first_failure=True)) == ["sum"]
    assert broken(graded(WRONG, first_failure=True, strict=True)) == ["sum", "small_integers"]
    verdict = graded(SMALL, first_failure=True)
    assert (verdict.state, broken(verdict)) == (State.SOLVED, ["small_integers"])


def test_first_rule(graded):
    """A rule may be asked for first; a strict one that breaks then says that not both bars are met."""
    verdict = graded(SMALL, first="small_integers", first_failure=True)
    assert broken(verdict) == ["small_integers"]
    assert not verdict.passes
    assert broken(graded(WRONG, first="one_row", first_failure=True)) == ["one_row"]


def test_core_only(graded):
    """The strict rules can be left out."""
    verdict = graded(SMALL, core_only=True)
    assert (verdict.state, verdict.strict, len(verdict.rules)) == (State.SOLVED, None, 2)


def test_case(graded):
    """A rule that is named runs, whichever bar it belongs to; a whole name means no other rule."""
    verdict = graded(SMALL, case="small_integers")
    assert (verdict.state, verdict.held, verdict.total) == (State.FAILING, 0, 1)
    assert [rule.name for rule in graded(WRONG, case="sum").rules] == ["sum"]
    assert [rule.name for rule in graded(RIGHT, case="memory").rules] == ["memory_layout"]
    nothing = graded(RIGHT, case="zzz")
    assert not nothing.rules
    assert "'zzz'" in nothing.problem


def test_all_rules_of_the_core(graded, capsys):
    """Of a kata whose rules are all core nothing is said of strict."""
    grader = GRADER.replace("@strict\n", "")
    verdict = graded(RIGHT, grader=grader)
    assert (verdict.state, verdict.strict, verdict.passes, verdict.total) == (State.SOLVED, None, True, 3)
    report.in_full(Terminal(), graded.kata, verdict, attempt=1, hints=0)
    shown = capsys.readouterr().out
    assert "solved: all 3 rules hold" in shown
    assert "stric" not in shown


def test_what_is_shown(graded, capsys):
    """A solved kata shows which strict rules break, in the words of other rules."""
    report.in_full(Terminal(), graded.kata, graded(SMALL), attempt=2, hints=0)
    shown = " ".join(capsys.readouterr().out.split())
    assert "solved: all 2 core rules hold" in shown
    assert (
        "stricter than an interview: 3 of 4 hold x Integers may be of any type. f(x=np.array([[200], [100]]," in shown
    )
    assert "--case small_integers --pdb" in shown
    report.in_full(Terminal(), graded.kata, graded(RIGHT), attempt=2, hints=0)
    assert "stricter than an interview: all 4 hold" in capsys.readouterr().out
    report.in_full(Terminal(), graded.kata, graded(WRONG), attempt=2, hints=0)
    shown = capsys.readouterr().out
    assert "0 of 2 core rules hold" in shown
    assert "stricter" not in shown


def test_files(graded, tmp_path):
    """JSON has each rule's bar and both marks; in JUnit a broken strict rule is skipped unless it was asked for."""
    verdicts = [graded(SMALL), graded(WRONG)]
    paths = tmp_path / "verdicts.json", tmp_path / "verdicts.xml"
    verdict_files.write(verdicts, *map(str, paths))
    first, second = json.loads(paths[0].read_text())["katas"]
    assert [first["solved"], first["strict"], second["solved"], second["strict"]] == [True, False, False, None]
    assert {rule["name"]: rule["bar"] for rule in first["rules"]} == {
        **dict.fromkeys(["sum", "one_row"], "core"),
        **dict.fromkeys(["small_integers", *AUTOMATIC], "strict"),
    }
    solved, failing = ET.parse(paths[1]).getroot()
    assert (solved.get("failures"), solved.get("skipped"), solved.get("tests")) == ("0", "1", "6")
    skipped = solved.find("testcase/skipped")
    assert "Integers may be of any type." in skipped.get("message")
    assert "expected [300" in skipped.text
    assert "got      [44" in skipped.text
    assert (failing.get("failures"), failing.get("skipped")) == ("2", "4")
    verdict_files.write(verdicts[:1], None, str(paths[1]), strict=True)
    assert ET.parse(paths[1]).getroot()[0].get("failures") == "1"


CHANGES = "y = x.sum(axis=0)\nx[0] += 1\nreturn y"
STRIDES = """strides = x.strides if x.flags.f_contiguous else (x.shape[1] * x.itemsize, x.itemsize)
return np.lib.stride_tricks.as_strided(x, x.shape, strides).sum(axis=0)"""
COUNTS = """KEPT[x.shape] = KEPT.get(x.shape, -1) + (x.shape == (16, 3))
return x.sum(axis=0) + max(KEPT[x.shape], 0)"""
KEEPS = "return KEPT.setdefault((x.shape, x.tobytes()), x.sum(axis=0))"


@pytest.mark.parametrize(
    ("body", "names", "words"),
    [
        (CHANGES, ["memory_layout", "arguments"], "changed its argument x in place"),
        ("return x.ravel(order='K').reshape(x.shape).sum(axis=0)", ["memory_layout"], "]).T)"),
        (STRIDES, ["memory_layout"], "np.repeat("),
        ("x[0] = x[0]\nreturn x.sum(axis=0)", ["memory_layout"], "np.broadcast_to("),
        (COUNTS, ["memory_layout", "second_call"], "The second of two equal calls"),
        (KEEPS, ["second_call"], "After the caller has changed the array that came back"),
    ],
    ids=["changes", "transposed", "strided", "read only", "counts", "keeps what it returned"],
)
def test_what_the_runner_varies(graded, body, names, words):
    """An answer that depends on layout or on an earlier call, or changes its argument, breaks a strict rule."""
    verdict = graded(body)
    assert verdict.state is State.SOLVED
    assert broken(verdict) == names, [rule.failure for rule in verdict.failures]
    assert words in json.dumps([str(rule.failure) for rule in verdict.failures])


def test_changed_arguments_of_any_rule(graded):
    """An argument that was changed in another rule's call counts, and that call is shown; the others go on."""
    verdict = graded("y = x.sum(axis=0)\nif len(x) == 1:\n    x[0] = 7\nreturn y")
    assert broken(verdict) == ["arguments"]
    assert verdict.failures[0].failure.call == "f(x=np.array([[1.0, 2.0]]))"
    assert verdict.failures[0].sentence == "Arguments stay as they were."


def test_pure(graded):
    """Where the statement says that a function is pure, arguments that stay are a core rule."""
    verdict = graded("y = x.sum(axis=0)\nx[0] += 1\nreturn y", grader=f"{GRADER}\nPURE = True\n{WORKLOAD}")
    assert verdict.state is State.FAILING
    assert broken(verdict) == ["arguments"]
    assert verdict.failures[0].bar is Bar.CORE


def test_generators_and_functions(graded):
    """Each replay draws the same numbers, functions are passed through, and opaque values are not compared."""
    workload = """
def workload(kata, rng, n):
    return kata.f(rng, lambda x: x + 1), kata.f(np.random.default_rng(1), np.tanh)
"""
    grader = f"import numpy as np\n\ndef test_nothing(kata):\n    '''Nothing.'''\n{workload}"
    graded.kata.solution.write_text(
        "import numpy as np\n\n\ndef f(rng: np.random.Generator, g: object) -> tuple[np.ndarray, object]:\n"
        '    """Return numbers."""\n    return g(rng.normal(size=3)), object()\n'
    )
    write_grader(graded.kata, grader)
    verdict = grade(Job(graded.kata, Source(graded.kata.exercise, graded.kata.solution.read_text())))
    assert (broken(verdict), verdict.strict) == ([], True), verdict.failures
    forgetful = graded.kata.solution.read_text().replace("rng.normal", "np.random.default_rng().normal")
    assert "second_call" in broken(grade(Job(graded.kata, Source(graded.kata.exercise, forgetful))))


def test_calls_of_a_broken_rule(graded):
    """The calls that led to a failure can be made again."""
    text = SOLUTION.replace("axis=0)", "axis=0) + len(x) - 1")
    write_grader(graded.kata, GRADER + WORKLOAD)
    verdict, calls = grade_with_calls(Job(graded.kata, Source(graded.kata.exercise, text)))
    assert broken(verdict) == ["sum"]
    assert [call.function for call in calls["sum"]] == ["f"]


def test_overview_counts(graded, capsys):
    """What was solved before counts as solved; strict katas are counted; with --strict the others are listed."""
    topics = Catalog(graded.kata.root).topics
    path = f"{TOPIC}/first"
    small, wrong = graded(SMALL), graded(WRONG)
    report.overview(Terminal(), topics, {path: small}, 0.1)
    assert "1 of 1 solved, 0 started, 0 strict" in capsys.readouterr().out
    report.overview(Terminal(), topics, {path: small}, 0.1, strict=True)
    assert "stricter than an interview: 3 of 4 hold" in capsys.readouterr().out
    report.overview(Terminal(), topics, {path: replace(wrong, kata=path)}, 0.1, solved={path})
    shown = capsys.readouterr().out
    assert "1 of 1 solved, 0 started" in shown
    assert "solved before" in shown
