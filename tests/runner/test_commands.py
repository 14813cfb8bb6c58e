"""The commands, run as a person would run them, down to exit status and printed words."""

import json
import re
import sqlite3
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from katagrad.katas import stubs

TIES = ("scores[1:] != scores[:-1]", "np.ones(len(scores) - 1, bool)")


def fits(text, columns=80):
    return all(len(line) <= columns for line in text.splitlines())


def test_fresh_clone(checkout):
    """A fresh clone has nothing failing: an overview, where to start, exit 0."""
    result = checkout.run("grade")
    total = len(checkout.catalog.katas)
    first = checkout.catalog.katas[0]
    assert result.returncode == 0, result.stderr
    assert f"0 of {total} solved, 0 started" in result.stdout
    assert f"Start: exercises/{first.path}.py:" in result.stdout
    assert f"par {first.minutes} min" in result.stdout
    assert fits(result.stdout)
    assert len(result.stdout.splitlines()) <= 24
    assert not (checkout.root / ".katagrad").exists()


def test_not_started(checkout):
    """A named kata that is blank says where to begin and exits 1."""
    result = checkout.run("grade", "roc_auc")
    assert result.returncode == 1
    assert "not started" in result.stdout
    line = stubs.derive(checkout.kata("roc_auc")).splitlines().index("    raise NotImplementedError") + 1
    assert f"exercises/metrics/roc_auc.py:{line} " in result.stdout


def test_mistake_is_told(checkout):
    """Stepping once per row is told as a matter of ties, with an input that shows it."""
    checkout.solve("roc_auc", TIES)
    result = checkout.run("grade", "roc_auc")
    assert result.returncode == 1
    told = " ".join(result.stdout.split())
    assert "Tied scores give one point, whatever the order of the rows." in told
    assert "roc_auc(y_true=np.array([0, 1]), y_score=np.array([0.5, 0.5])) expected 0.5 got 1.0" in told
    assert "attempt 1" in told
    assert "hint roc_auc" in told
    assert fits(result.stdout)


def test_graders_and_references_are_not_shown(checkout):
    """No feedback shows a line of the grader or of the reference."""
    checkout.solve("roc_auc", TIES)
    shown = checkout.run("grade", "roc_auc", "--all").stdout
    kata = checkout.kata("roc_auc")
    for path in (kata.grader, kata.solution):
        code = [line.strip() for line in path.read_text().splitlines() if line.startswith("    ") and "=" in line]
        assert not [line for line in code if line in shown]


def test_solved(checkout):
    """The reference pasted in is solved, exits 0, and names what opened."""
    checkout.solve("vif")
    result = checkout.run("grade", "vif")
    assert result.returncode == 0
    assert "solved" in result.stdout
    for opened in ("compare vif", "review vif", "next"):
        assert opened in result.stdout
    assert f"1 of {len(checkout.catalog.katas)} solved" in checkout.run("grade").stdout
    assert f"1 of {len(checkout.catalog.katas)} solved" in checkout.run("progress").stdout


def test_attempts_count_changed_texts(checkout):
    """The attempt number grows with each graded change of the file, and with nothing else."""
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained"))
    assert "attempt 1" in checkout.run("grade", "vif").stdout
    assert "attempt 1" in checkout.run("grade", "vif").stdout
    checkout.run("grade", "vif", "--case", "lone")
    checkout.solve("vif")
    assert "attempt 2" in checkout.run("grade", "vif").stdout
    with sqlite3.connect(checkout.root / ".katagrad" / "history.db") as database:
        rows = database.execute("SELECT kata, state, held < total FROM attempts ORDER BY id").fetchall()
    assert rows == [("diagnostics/vif", "failing", 1), ("diagnostics/vif", "solved", 0)]


def test_run_over_all_with_trouble(checkout):
    """A started kata that does not pass makes a run over all exit 1; untouched ones do not count."""
    checkout.solve("vif")
    checkout.solve("roc_auc", TIES)
    checkout.kata("adagrad").exercise.write_text("def adagrad_step(:\n", encoding="utf-8")
    result = checkout.run("grade")
    assert result.returncode == 1
    assert f"1 of {len(checkout.catalog.katas)} solved, 2 started" in result.stdout
    assert "x metrics/roc_auc" in result.stdout
    assert "x optimizers/adagrad" in result.stdout
    assert fits(result.stdout)


@pytest.mark.parametrize(
    "name",
    [
        "vif",
        "diagnostics/vif",
        "exercises/diagnostics/vif.py",
        r"exercises\diagnostics\vif.py",
        "tests/graders/diagnostics/test_vif.py",
        "VIF",
    ],
)
def test_names(checkout, name):
    """A kata is known by its name, with its topic, and by the path of its file."""
    assert "diagnostics/vif   not started" in checkout.run("grade", name).stdout


def test_unknown_name(checkout):
    """An unknown name is answered with the nearest ones."""
    result = checkout.run("grade", "roc_uac")
    assert result.returncode == 2
    assert "roc_uac" in result.stderr
    assert "roc_auc" in result.stderr
    assert result.stdout == ""


def test_solutions(checkout):
    """The references pass, and grading them is no attempt of anybody's."""
    result = checkout.run("grade", "--solutions", "vif")
    assert result.returncode == 0
    assert "reference: all" in result.stdout
    assert not (checkout.root / ".katagrad").exists()


def test_case_and_seed(checkout):
    """One rule can be graded alone, and a seed repeats the cases of a run."""
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained"))
    first, second = (checkout.run("grade", "vif", "--case", "two_features", "--seed", "7") for _ in range(2))
    assert "0 of 1 rules hold" in first.stdout
    strip = lambda text: [line for line in text.splitlines() if "rules hold" not in line]  # noqa: E731
    assert strip(first.stdout) == strip(second.stdout)
    assert "--seed 7" in first.stdout


def test_reports_in_files(checkout):
    """Verdicts are written as JSON and as JUnit XML."""
    checkout.solve("roc_auc", TIES)
    checkout.run("grade", "metrics", "--json", "verdicts.json", "--junit", "verdicts.xml")
    katas = {kata["kata"]: kata for kata in json.loads((checkout.root / "verdicts.json").read_text())["katas"]}
    found = katas["metrics/roc_auc"]
    assert found["state"] == "failing"
    broken = [rule for rule in found["rules"] if rule["failure"]]
    core = [rule for rule in found["rules"] if rule["bar"] == "core"]
    assert found["held"] == len(core) - len(broken)
    assert not any(rule["was_run"] for rule in found["rules"] if rule["bar"] == "strict")
    assert any(rule["name"] == "ties" and rule["failure"]["call"].startswith("roc_curve(") for rule in broken)
    suite = next(
        suite for suite in ET.parse(checkout.root / "verdicts.xml").getroot() if suite.get("name") == "metrics/roc_auc"
    )
    assert int(suite.get("failures")) == len(broken) == len(suite.findall("testcase/failure"))


def test_debugger(checkout):
    """With --pdb the debugger stops in the learner's own function, called as the broken rule has called it."""
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained"))
    result = checkout.run("grade", "vif", "--case", "lone", "--pdb", stdin="p X.shape\nn\nl\nw\nc\n")
    assert result.returncode == 1
    assert "exercises/diagnostics/vif.py(" in result.stdout
    assert "(Pdb) (" in result.stdout
    assert "returned [2.0]" in result.stdout
    for line in checkout.kata("vif").grader.read_text().splitlines():
        assert len(line) < 20 or line.strip() not in result.stdout


def test_debugger_where_it_raises(checkout):
    """Where the function raised the debugger stops at its own line, and breakpoint() stops there too."""
    path = checkout.solve("vif", ("np.divide(1.0, unexplained", "np.product(1.0, unexplained"))
    result = checkout.run("grade", "vif", "--pdb", stdin="p unexplained\nq\n")
    assert "AttributeError: module 'numpy' has no attribute 'product'" in result.stdout
    assert "-> return np.product" in result.stdout or "np.product(1.0, unexplained" in result.stdout
    assert "(Pdb) array(" in result.stdout
    wrong = path.read_text().replace("np.product(1.0", "np.divide(2.0")
    path.write_text(re.sub(r"^( +)(.*np\.divide\(2\.0)", r"\1breakpoint()\n\1\2", wrong, flags=re.MULTILINE))
    told = " ".join(checkout.run("grade", "vif").stdout.split())
    assert "breakpoint() does not stop while grading. To stop there, add --pdb" in told
    assert "BdbQuit" not in told
    result = checkout.run("grade", "vif", "--pdb", stdin="p unexplained\nc\n")
    assert "(Pdb) array(" in result.stdout


def test_nothing_to_debug(checkout):
    """Where all rules hold there is nothing to stop at."""
    checkout.solve("vif")
    result = checkout.run("grade", "vif", "--pdb")
    assert result.returncode == 0
    assert "solved" in result.stdout


def test_one_cause_and_its_successor(checkout):
    """Rules that die of one name that NumPy 2 does not have are one cause, with what it is called now."""
    checkout.solve("roc_auc", ("np.trapezoid(tpr, fpr)", "np.product(tpr, fpr)"))
    told = " ".join(checkout.run("grade", "roc_auc", "--all").stdout.split())
    assert told.count("has no attribute 'product'") == 1
    assert "NumPy 2 has no np.product: use np.prod." in told
    assert "more rules break for this reason." in told


def test_warnings_are_told_apart(checkout):
    """A warning of NumPy's is not something that the file printed."""
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.ones(1) / np.zeros(1) * np.divide(2.0, unexplained"))
    told = " ".join(checkout.run("grade", "vif").stdout.split())
    assert "warning: RuntimeWarning: divide by zero" in told
    assert "your code printed" not in told


def test_strict(checkout):
    """A solved kata whose strict rules break exits 0, and 1 with --strict; progress has both marks."""
    checkout.solve(
        "roc_auc", ("return float(np.trapezoid(tpr, fpr))", "y_true[0] = 1\n    return float(np.trapezoid(tpr, fpr))")
    )
    result = checkout.run("grade", "roc_auc")
    assert result.returncode == 0, result.stdout
    assert "stricter than an interview:" in result.stdout
    # The first broken one is shown, so that the verdict stays on the screen; the others on demand.
    assert "and 1 more: add --all" in result.stdout
    assert "Arguments stay as they were." in checkout.run("grade", "roc_auc", "--all").stdout
    assert "compare roc_auc" in result.stdout
    assert checkout.run("grade", "roc_auc", "--strict").returncode == 1
    assert "0 strict" in checkout.run("progress").stdout
    checkout.solve("roc_auc")
    result = checkout.run("grade", "roc_auc", "--strict")
    assert result.returncode == 0, result.stdout
    assert "attempt 2" in result.stdout
    assert "1 of 46 solved, 1 strict" in checkout.run("progress").stdout.replace(
        f"of {len(checkout.catalog.katas)}", "of 46"
    )


def test_solved_before(checkout):
    """What was solved once counts as solved, for grade as for progress, whatever the file holds now."""
    checkout.solve("vif")
    checkout.run("grade", "vif")
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained"))
    total = len(checkout.catalog.katas)
    result = checkout.run("grade")
    assert result.returncode == 1
    assert f"1 of {total} solved, 0 started" in result.stdout
    assert f"1 of {total} solved" in checkout.run("progress").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--case", "zzz"], "No rule of diagnostics/vif has 'zzz' in its name."),
        (["--seed", "abc"], "'abc' is not a whole number"),
        (["--json", "nowhere/verdicts.json"], "nowhere/verdicts.json cannot be written"),
        (["--junit", "nowhere/verdicts.xml"], "nowhere/verdicts.xml cannot be written"),
    ],
)
def test_wrong_options(checkout, arguments, said):
    """An option that makes no sense is answered with a sentence."""
    checkout.solve("vif")
    result = checkout.run("grade", "vif", *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_hints(checkout):
    """Each call shows one more hint, with those before; the last one is said to be the last."""
    hints = checkout.kata("vif").hints
    for shown in range(1, len(hints) + 1):
        printed = " ".join(checkout.run("hint", "vif").stdout.split())
        assert f"{shown} of {len(hints)} hints" in printed
        assert all(hint in printed for hint in hints[:shown])
        assert not any(hint in printed for hint in hints[shown:])
    assert "the last one" in checkout.run("hint", "vif").stdout
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained"))
    assert f"({len(hints)} of {len(hints)} shown)" in checkout.run("grade", "vif").stdout


def test_next(checkout):
    """Next is the first unsolved kata in study order."""
    katas = checkout.catalog.katas
    assert f"exercises/{katas[0].path}.py" in checkout.run("next").stdout
    checkout.solve(katas[0].name)
    checkout.run("grade", katas[0].name)
    assert f"exercises/{katas[1].path}.py" in checkout.run("next").stdout


def test_review(checkout):
    """Review has every question of a kata, its points and its source."""
    printed = " ".join(checkout.run("review", "vif").stdout.split())
    for followup in checkout.kata("vif").followups:
        for text in (followup.question, *followup.answer, followup.source):
            assert " ".join(text.split()) in printed


def test_reset_and_undo(checkout):
    """Reset lays the blank stub and loses nothing; undo brings the old text back byte for byte."""
    kata = checkout.kata("vif")
    mine = b"\xef\xbb\xbf# mine: \xc3\xa9\r\nx = 1   \r\n\r\n"
    kata.exercise.write_bytes(mine)
    assert checkout.run("reset", "vif").returncode == 0
    assert kata.exercise.read_text() == stubs.derive(kata)
    assert "blank already" in checkout.run("reset", "vif").stdout
    undone = checkout.run("reset", "vif", "--undo")
    assert undone.returncode == 0
    assert kata.exercise.read_bytes() == mine
    assert "has the text again that was kept as 0001.py" in undone.stdout
    assert "the text before is kept: .katagrad/kept/diagnostics/vif/0002.py" in undone.stdout
    assert checkout.run("reset", "adagrad", "--undo").returncode == 1


def test_undoing_an_undo(checkout):
    """A second undo undoes the first, and says that the file is blank again."""
    path = checkout.solve("vif")
    mine = path.read_text()
    checkout.run("reset", "vif")
    checkout.run("reset", "vif", "--undo")
    again = checkout.run("reset", "vif", "--undo")
    assert again.returncode == 0
    assert "diagnostics/vif is blank again, as it was before." in again.stdout
    assert path.read_text() == stubs.derive(checkout.kata("vif"))
    assert "reset vif --undo" in again.stdout
    checkout.run("reset", "vif", "--undo")
    assert path.read_text() == mine


def test_advice_fits_how_it_was_started(checkout):
    """Who did not start it by nox is not told to use nox."""
    checkout.kata("vif").exercise.unlink()
    for arguments in (("grade", "vif"), ("hint", "no_such_kata"), ("reset",), ("hint",)):
        result = checkout.run(*arguments)
        assert "nox -s" not in result.stdout + result.stderr
        assert "nox -s" in (by_nox := checkout.run(*arguments, KATAGRAD_NOX="1")).stdout + by_nox.stderr


def test_reset_of_a_topic(checkout):
    """A topic's name makes several files blank only if that is said; what each held is kept."""
    paths = [checkout.solve("roc_auc"), checkout.solve("ndcg")]
    before = [path.read_text() for path in paths]
    asked = checkout.run("reset", "metrics")
    assert asked.returncode == 2
    assert "2 files" in asked.stdout
    assert "reset metrics --all" in asked.stdout
    assert [path.read_text() for path in paths] == before
    assert checkout.run("reset", "metrics", "--all").returncode == 0
    assert [path.read_text() for path in paths] == [stubs.derive(checkout.kata(path.stem)) for path in paths]
    checkout.run("reset", "metrics", "--undo")
    assert [path.read_text() for path in paths] == before


def test_reset_needs_a_name(checkout):
    """Reset without a name touches nothing."""
    path = checkout.solve("vif")
    before = path.read_text()
    assert checkout.run("reset").returncode == 2
    assert path.read_text() == before


def test_compare(checkout):
    """Compare opens once a kata is solved: agreement, growth of time, memory, and both texts."""
    checkout.solve("roc_auc", TIES)
    closed = checkout.run("compare", "roc_auc")
    assert closed.returncode == 1
    assert "not solved yet" in closed.stdout
    assert "def roc_auc" not in closed.stdout
    split = "p, n = y_score[y_true == 1], y_score[y_true == 0]\n"
    quadratic = f"{split}    return float(np.mean([(one > n).mean() + (one == n).mean() / 2 for one in p]))"
    checkout.solve("roc_auc", ("return float(np.trapezoid(tpr, fpr))", quadratic))
    opened = checkout.run("compare", "roc_auc", "--spoil", columns=100)
    assert opened.returncode == 0, opened.stderr
    assert "agree" in opened.stdout
    assert "DIFFER" not in opened.stdout
    lines = opened.stdout.splitlines()
    assert lines[0].startswith("Yours agrees with the reference at all ")
    # How fast either is depends on the machine: that it is told is what can be asserted.
    assert lines[1].startswith("It takes ")
    assert re.match(r"Your time grows (like n\^\d\.\d|too little to be told), the reference's ", lines[2])
    assert lines[3] == "Timed: what roc_curve and roc_auc took together in one typical use of size n."
    # On a small terminal verdict and table are seen at once, above the texts.
    assert all(len(line) <= 80 for line in lines[:20])
    assert next(number for number, line in enumerate(lines) if line.startswith("yours ")) < 22
    assert "def roc_auc_via_pairs" in opened.stdout
    assert "for one in p" in opened.stdout


def test_stubs_check(checkout):
    """Stubs are checked against their solutions, and a filled-in one is not overwritten."""
    assert checkout.run("stubs", "--check").returncode == 0
    path = checkout.solve("vif")
    mine = path.read_text()
    assert checkout.run("stubs", "--check").returncode == 1
    assert "left as it is" in checkout.run("stubs").stdout
    assert path.read_text() == mine
    assert checkout.run("stubs", "--force").returncode == 0
    assert checkout.run("stubs", "--check").returncode == 0
    assert checkout.run("reset", "vif", "--undo").returncode == 0
    assert path.read_text() == mine


def test_what_lies_about_does_not_interfere(checkout):
    """A stray random.py or conftest.py, and settings for pytest, do not take grading over."""
    checkout.solve("vif")
    (checkout.root / "random.py").write_text("raise SystemExit('taken over')\n")
    (checkout.root / "conftest.py").write_text("raise SystemExit('taken over')\n")
    result = checkout.run("grade", "vif", PYTEST_ADDOPTS="--collect-only", PYTEST_PLUGINS="no_such_plugin")
    assert result.returncode == 0, result.stdout + result.stderr
    module = subprocess.run(
        [sys.executable, "-m", "katagrad", "grade", "vif"],
        cwd=checkout.root,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert module.returncode == 0, module.stdout + module.stderr


def test_graders_run_by_themselves(checkout):
    """A grader runs under plain pytest, on the exercise or, asked to, on the solution."""
    grader = "tests/graders/diagnostics/test_vif.py"
    command = [sys.executable, "-m", "pytest", "-q", grader]
    blank = subprocess.run(command, cwd=checkout.root, capture_output=True, text=True, check=False, timeout=100)
    assert blank.returncode == 1
    assert "vif is not written yet" in blank.stdout
    reference = subprocess.run(
        [*command, "--solutions"], cwd=checkout.root, capture_output=True, text=True, check=False, timeout=100
    )
    assert reference.returncode == 0, reference.stdout


@pytest.mark.slow
def test_nox(checkout):
    """The sessions: one environment, no words of nox's own, the verdict's exit status, help for a forgotten --."""

    def nox(*arguments):
        command = [sys.executable, "-m", "nox", *arguments]
        return subprocess.run(command, cwd=checkout.root, capture_output=True, text=True, check=False, timeout=600)

    first = nox("-s", "grade")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "0 started" in first.stdout
    assert first.stderr == ""
    named = nox("-s", "grade", "--", "vif")
    assert named.returncode == 1
    assert "nox -s grade -- vif" in named.stdout
    assert "Setting up" not in named.stdout
    assert named.stderr == ""
    assert "no kata or topic" in nox("-s", "hint", "--", "vfi").stdout
    assert "nox -s grade -- vif" in nox("-s", "grade", "vif").stderr
    assert [path.name for path in (checkout.root / ".nox").iterdir()] == ["katagrad"]
