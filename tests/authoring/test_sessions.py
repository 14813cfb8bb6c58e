"""The sessions: wrong names are explained, environments have what is asked for, the README names what there is."""

import ast
import os
import re
import subprocess
import sys

import pytest

from katagrad.cli import COMMANDS
from katagrad.katas.catalog import ROOT
from katagrad.katas.loading import load_module

pytest.importorskip("nox", reason="an environment without nox has no sessions")
SESSIONS = {
    name
    for node in ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and any("session" in ast.unparse(each) for each in node.decorator_list)
    for name in [node.name.removesuffix("_")]
}
# A shell asks it about the installed program.
WITHOUT_SESSION = {"completion"}


@pytest.fixture(scope="module")
def noxfile():
    """Give tests the noxfile, imported as nox does without arguments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["nox"])
        return load_module(ROOT / "noxfile.py")


def nox(*arguments):
    """Return what nox says and its exit status."""
    environment = {name: value for name, value in os.environ.items() if name != "NOXSESSION"}
    result = subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-s", "grad"), "There is no session 'grad'. Nearest: grade"),
        (("-s", "zzz"), "There is no session 'zzz'. All of them: nox --list"),
        (("-s", "grade", "vif"), "Names of katas and topics follow two dashes: nox -s grade -- vif"),
        (("-s", "list", "cross", "entropy"), "Arguments follow two dashes: nox -s list -- cross entropy"),
        (("-s", "vif"), "Names of katas and topics follow two dashes: nox -s grade -- vif"),
        (("-s", "oracles", "--", "viff"), "There is no kata or topic 'viff'."),
    ],
)
def test_wrong_names(arguments, sentence):
    """A mistyped session gets the nearest one, and a kata in its place the two dashes."""
    status, said = nox(*arguments)
    assert status != 0
    assert sentence in said


class Started:
    """A session that takes down what it is to run."""

    def __init__(self, *posargs):
        self.posargs, self.arguments = list(posargs), ()

    def run(self, *arguments, **_):
        """Run nothing."""
        self.arguments = arguments


def collected(*arguments):
    """Return what pytest collects in the checkout, of which files and in which order."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert result.returncode == 0, result.stdout[-2000:]
    return result.stdout


@pytest.mark.slow
def test_what_an_editor_collects():
    """Collecting the whole checkout works, without the libraries that only oracle tests need."""
    found = collected(".")
    assert "tests/graders/metrics/test_roc_auc.py::test_points" in found
    assert "tests/oracles" not in found


@pytest.mark.slow
def test_what_pytest_runs_without_a_name():
    """Bare pytest, which many editors run, finds every grader and none of the project's own tests."""
    files = set(re.findall(r"^(\S+\.py)::", collected(), re.MULTILINE))
    assert files == {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/graders/*/test_*.py")}


def test_the_projects_tests_are_run_by_their_session(noxfile):
    """Every folder with tests of the project's own is named by the session that runs them, and no other."""
    apart = {"graders", "oracles", "attempts", "bench"}
    folders = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/*/test_*.py")}
    assert set(noxfile.PROJECT_TESTS) == {folder for folder in folders if folder.split("/")[1] not in apart}
    session = Started()
    noxfile.run_tests(session, "python")
    assert [word for word in session.arguments if word.startswith("tests/")] == noxfile.PROJECT_TESTS
    session = Started("tests/runner/test_wire.py", "-x")
    noxfile.run_tests(session, "python")
    assert [word for word in session.arguments if word.startswith("tests/")] == ["tests/runner/test_wire.py"]


def test_every_command_has_a_session():
    """What the program can do, nox lists, and the README names sessions that there are."""
    assert COMMANDS.keys() - WITHOUT_SESSION <= SESSIONS
    named = re.findall(r"nox -s (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    named += re.findall(r"nox -s (\w+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert named
    assert set(named) <= SESSIONS


class Session:
    """Runs what makes an environment, and takes down what would be installed."""

    def __init__(self):
        self.installed = []

    def run(self, *arguments, **_):
        """Run virtualenv; note pip."""
        if "pip" in arguments:
            self.installed.append([word for word in arguments[5:] if not word.startswith("-")])
        else:
            subprocess.run(arguments, check=True, capture_output=True)


@pytest.mark.slow
def test_environment(noxfile, tmp_path, monkeypatch):
    """It is made once, and again for other requirements; a growing one gets what it lacks, and keeps the rest."""
    monkeypatch.setattr(noxfile, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('a stray file')\n")
    session = Session()
    python = noxfile.environment(session, "one", ["numpy"])
    assert noxfile.environment(session, "one", ["numpy"]) == python
    assert session.installed == [["numpy"]]
    noxfile.environment(session, "one", ["numpy", "rich"])
    assert session.installed[1:] == [["numpy", "rich"]]
    for asked in (["numpy", "torch"], ["numpy"], ["numpy", "scipy"], ["numpy", "torch"]):
        noxfile.environment(session, "many", asked, growing=True)
    assert session.installed[2:] == [["numpy", "torch"], ["numpy", "scipy"]]


@pytest.mark.slow
def test_oracles_get_the_libraries_that_they_import(noxfile, tmp_path):
    """Each library that an oracle test imports has a group, and a kata's test asks for no other."""
    path = tmp_path / "test_kata.py"
    path.write_text("import numpy\nfrom sklearn.metrics import auc\n\n\ndef test():\n    import torch.nn\n")
    assert noxfile.imported(path) == {"sklearn", "torch"}
    known = {"numpy", "pytest", "tests", "katagrad", *noxfile.LIBRARIES, *sys.stdlib_module_names}
    for test in ROOT.glob("tests/oracles/*/test_*.py"):
        nodes = list(ast.walk(ast.parse(test.read_text(encoding="utf-8"))))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in names} <= known, test
    assert all(noxfile.requirements(group) for group in noxfile.LIBRARIES.values())


class Recorder:
    """Takes down what a session would run."""

    def __init__(self, *posargs):
        self.posargs, self.ran = posargs, []

    def run(self, *arguments, **_):
        """Note what is run."""
        self.ran.append(arguments)


@pytest.mark.parametrize(
    ("name", "posargs", "folder"),
    [
        ("grade", ("vif",), "katagrad"),
        ("compare", ("vif",), "katagrad"),
        ("compare", ("vif", "--html", "page.html"), "katagrad-show"),
        ("compare", ("vif", "--html=page.html"), "katagrad-show"),
        ("show", ("vif",), "katagrad-show"),
    ],
)
def test_only_what_draws_gets_matplotlib(noxfile, monkeypatch, name, posargs, folder):
    """A session that draws has an environment of its own, with what the pages need and all that the program needs."""
    made = []
    monkeypatch.setattr(noxfile, "environment", lambda _, where, asked: made.append((where, asked)) or where)
    session = Recorder(*posargs)
    getattr(noxfile, name).func(session)
    ((where, asked),) = made
    assert where == folder
    assert set(noxfile.requirements("")) <= set(asked)
    assert any(text.startswith("matplotlib") for text in asked) == (folder == "katagrad-show")
    assert session.ran[0][-len(posargs) :] == posargs


def test_drawing_is_tested(noxfile):
    """The environment of these tests has what that of pictures has, so that no drawing goes untested in CI."""
    assert set(noxfile.requirements("", "show")) <= set(noxfile.requirements("", "tests"))


def test_lowest_versions(noxfile):
    """A lower bound becomes a pin, and what is for another Python is left out."""
    assert noxfile.lowest_of("numpy>=2.0") == "numpy==2.0"
    assert noxfile.lowest_of("ruff==0.17.6") == "ruff==0.17.6"
    assert noxfile.lowest_of("numpy>=2.1; python_version < '3.0'") == ""
    pins = [noxfile.lowest_of(text) for text in noxfile.requirements("", "tests")]
    assert sum(pin.startswith("numpy==") for pin in pins) == 1
