"""The sessions: `nox --list` is the manual, and arguments follow `--`."""

import ast
import difflib
import hashlib
import json
import logging
import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
# The group in pyproject.toml that has each library of the field.
LIBRARIES = {
    "lightgbm": "oracle-lightgbm",
    "linearmodels": "oracle-linearmodels",
    # What linearmodels takes its panels in, and brings along.
    "pandas": "oracle-linearmodels",
    "scipy": "oracle-scipy",
    "sklearn": "oracle-sklearn",
    "statsmodels": "oracle-statsmodels",
    "torch": "oracle-torch",
    "xgboost": "oracle-xgboost",
}
# What pytest runs without a name are the graders: a learner's editor asks for those.
PROJECT_TESTS = ["tests/authoring", "tests/katas", "tests/runner", "tests/strength"]
# The libraries of the field start a thread a core for each small array, which costs more than it gains.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["grade"]
# The sessions make the few environments that they share themselves: nox would make and fill one for each session.
nox.options.default_venv_backend = "none"
# What nox says of itself is not what anybody came for; its errors are.
logging.getLogger("nox").setLevel(logging.ERROR)


def requirements(*groups: str) -> list[str]:
    """Return what pyproject.toml asks for: of the program itself for "", else of a group."""
    found: list[str] = []
    for group in groups:
        found += nox.project.dependency_groups(PYPROJECT, group) if group else PYPROJECT["project"]["dependencies"]
    return list(dict.fromkeys(found))


def environment(session: nox.Session, name: str, asked: list[str], *, growing: bool = False) -> str:
    """Return the Python of an environment with what is asked for; a `growing` one keeps what others asked for."""
    if sys.version_info < (3, 11):
        session.error(f"katagrad needs Python 3.11 or later; nox runs on {sys.version.split()[0]}.")
    folder = ROOT / ".nox" / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed.json"
    base = hashlib.sha256(f"{sys.version} {sys.base_prefix}".encode()).hexdigest()
    there = _stamp(stamp) if python.exists() else {}
    has = there.get("installed", []) if there.get("base") == base else []
    if set(asked) == set(has) or (growing and set(asked) <= set(has)):
        return str(python)
    print(f"Setting up {folder.relative_to(ROOT)} (once) ...", flush=True)
    quiet = {"silent": True, "external": True, "log": False}
    if not (growing and has):
        # A stray json.py in the working directory must not stand in for the standard library's.
        session.run(sys.executable, "-P", "-m", "virtualenv", "--clear", "--quiet", str(folder), **quiet)
        has = []
    session.run(str(python), "-I", "-m", "pip", "install", "--quiet", *asked, **quiet)
    stamp.write_text(json.dumps({"base": base, "installed": sorted({*asked, *has})}), encoding="utf-8")
    return str(python)


def _stamp(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def katagrad(session: nox.Session, *arguments: str, draws: bool = False) -> None:
    """Run one command of the program, and end as it does, without nox's own account of it.

    One that `draws` runs in an environment of its own, so that nobody else installs matplotlib.
    """
    name, groups = ("katagrad-show", ["", "show"]) if draws else ("katagrad", [""])
    python = environment(session, name, requirements(*groups))
    # From here on an exit status is the verdict, which the program has told already.
    logging.getLogger("nox").setLevel(logging.CRITICAL)
    # Started isolated: a stray random.py in the working directory must not stand in for the standard library's.
    session.run(
        python,
        "-I",
        str(ROOT / "katagrad"),
        *arguments,
        *session.posargs,
        env={"KATAGRAD_NOX": "1", "KATAGRAD_NOX_PYTHON": sys.executable},
        external=True,
        log=False,
        interrupt_timeout=10,
    )


@nox.session
def grade(session: nox.Session) -> None:
    """Grade what you have filled in: all of it, or -- KATA, or -- TOPIC."""
    katagrad(session, "grade")


@nox.session
def solutions(session: nox.Session) -> None:
    """Grade the reference solutions: the same as grade -- --solutions."""
    katagrad(session, "grade", "--solutions")


@nox.session
def watch(session: nox.Session) -> None:
    """Grade again at every save: -- KATA, or the one saved last."""
    katagrad(session, "watch")


@nox.session
def practice(session: nox.Session) -> None:
    """A blank stub and a clock until it is solved: -- KATA, or -- TOPIC, or what is due."""
    katagrad(session, "practice")


@nox.session
def interview(session: nox.Session) -> None:
    """Katas and follow-up questions on one clock, and a score card: -- --minutes 45 --topics TOPIC,TOPIC."""
    katagrad(session, "interview")


@nox.session
def hint(session: nox.Session) -> None:
    """One more hint each time: -- KATA."""
    katagrad(session, "hint")


@nox.session(name="list")
def list_(session: nox.Session) -> None:
    """Find katas: -- softmax, -- --topic metrics --difficulty easy --state due; -- --selections."""
    katagrad(session, "list")


@nox.session(name="next")
def next_(session: nox.Session) -> None:
    """What is due and what comes next; -- --random for any unsolved kata, -- --hide-topic."""
    katagrad(session, "next")


@nox.session
def plan(session: nox.Session) -> None:
    """What to do on each day until an interview: -- --date 2027-01-20 --minutes 60; no options for today."""
    katagrad(session, "plan")


@nox.session
def compare(session: nox.Session) -> None:
    """Your solution beside the reference, in results, time, memory and text: -- KATA; -- KATA --html FILE."""
    katagrad(session, "compare", draws=any(word.startswith("--ht") for word in session.posargs))


@nox.session
def show(session: nox.Session) -> None:
    """A page with a picture of what your functions return: -- KATA."""
    katagrad(session, "show", draws=True)


@nox.session
def review(session: nox.Session) -> None:
    """An interviewer's follow-up questions, due ones first, marked by yourself: -- KATA, or -- TOPIC."""
    katagrad(session, "review")


@nox.session
def reset(session: nox.Session) -> None:
    """A blank stub again, the old text kept: -- KATA; -- KATA --undo brings it back."""
    katagrad(session, "reset")


@nox.session
def update(session: nox.Session) -> None:
    """After a pull: lays new and changed stubs, and keeps what you have filled in."""
    katagrad(session, "update")


@nox.session
def progress(session: nox.Session) -> None:
    """What is solved, how fast, and what is due: -- KATA for its times; -- --json, -- --html FILE."""
    katagrad(session, "progress")


@nox.session
def new(session: nox.Session) -> None:
    """For authors: lay the files of a kata: -- TOPIC/KATA 'vif(X: np.ndarray) -> np.ndarray' ..."""
    katagrad(session, "new")


@nox.session
def check(session: nox.Session) -> None:
    """For authors: all that one kata must pass: -- KATA."""
    katagrad(session, "check")


@nox.session
def stubs(session: nox.Session) -> None:
    """For authors: derive the exercises from the solutions; -- --check only compares."""
    katagrad(session, "stubs")


@nox.session
def strength(session: nox.Session) -> None:
    """For authors: measure graders by mistakes, mutants, right solutions and attempts; -- KATA, or -- TOPIC."""
    katagrad(session, "strength")


@nox.session
def readme(session: nox.Session) -> None:
    """For authors: bring the lists and tables up to date; -- --check only compares."""
    katagrad(session, "readme")


@nox.session
def tests(session: nox.Session) -> None:
    """Test the project itself, in a few minutes; -- --all for everything."""
    python = environment(session, "katagrad-tests", requirements("", "tests"))
    run_tests(session, python)


@nox.session
def lowest(session: nox.Session) -> None:
    """For authors: the tests, with the lowest versions that pyproject.toml allows."""
    pins = [pin for text in requirements("", "tests") if (pin := lowest_of(text))]
    run_tests(session, environment(session, "katagrad-lowest", pins))


def run_tests(session: nox.Session, python: str) -> None:
    """Run the project's tests, or those that were named, on all cores."""
    named = any(word.startswith("tests/") for word in session.posargs)
    arguments = [*session.posargs, *(() if named else PROJECT_TESTS)]
    # One more than there are cores, since a few tests mostly wait.
    workers = str((os.cpu_count() or 1) + 1)
    session.run(
        python, "-m", "pytest", "-q", "-n", workers, "--dist", "worksteal", *arguments, external=True, log=False
    )


@nox.session
def lint(session: nox.Session) -> None:
    """For authors: check the style of everything but the exercises; -- FILE for some files."""
    python = environment(session, "katagrad-lint", requirements("lint"))
    ruff = [python, "-I", "-m", "ruff"]
    named = session.posargs or ["katagrad", "solutions", "tests", "noxfile.py"]
    session.run(*ruff, "check", *(session.posargs or ["."]), external=True, log=False)
    session.run(*ruff, "format", "--check", "--quiet", *named, external=True, log=False)


@nox.session
def oracles(session: nox.Session) -> None:
    """For authors: the references beside the libraries of the field; -- KATA, or -- TOPIC."""
    paths, options = chosen_oracles(session)
    python = oracle_environment(session, paths)
    if not paths:
        options = ["-n", "auto", "--dist", "loadfile", *options]
    where = map(str, paths or ["tests/oracles"])
    session.run(python, "-m", "pytest", "-q", *options, *where, env=ONE_THREAD, external=True, log=False)


@nox.session
def bench(session: nox.Session) -> None:
    """For authors: speed beside the libraries of the field, as ratios; -- KATA, -- --table NAME, -- --keep."""
    paths, _ = chosen_oracles(session)
    python = oracle_environment(session, paths)
    environment(session, "katagrad", requirements(""))  # what is timed from a command to its verdict
    env = {**ONE_THREAD, "KATAGRAD_BENCH_NOX": sys.executable}
    session.run(python, "-m", "tests.bench", *session.posargs, env=env, external=True, log=False)


def chosen_oracles(session: nox.Session) -> tuple[list[Path], list[str]]:
    """Return the oracle tests of the katas and topics that were named, and the other arguments."""
    paths, others = [], []
    for word in session.posargs:
        found = oracle_tests(word)
        paths += found
        others += [] if found else [word]
    before = dict(zip(others[1:], others, strict=False))
    lost = [word for word in others if not word.startswith("-") and not before.get(word, "").startswith("-")]
    if lost:
        session.error(f"There is no kata or topic {lost[0]!r}.")
    return paths, others


def oracle_tests(name: str) -> list[Path]:
    """Return the oracle tests that a kata's or topic's name means."""
    word = name.rpartition("/")[2].removesuffix(".py").removeprefix("test_")
    return sorted([*ROOT.glob(f"tests/oracles/*/test_{word}.py"), *ROOT.glob(f"tests/oracles/{word}/test_*.py")])


def oracle_environment(session: nox.Session, paths: list[Path]) -> str:
    """Return the Python of the environment of oracles, with the libraries that some tests import; all for none."""
    groups = {LIBRARIES[name] for path in paths or ROOT.glob("tests/oracles/*/*.py") for name in imported(path)}
    return environment(session, "katagrad-oracles", requirements("", "oracle", *sorted(groups)), growing=True)


def imported(path: Path) -> set[str]:
    """Return which of the field's libraries a test imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names} & LIBRARIES.keys()


def lowest_of(requirement: str) -> str:
    """Return a requirement with its lowest version pinned; nothing if it is not for this Python."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - nox has it, and no other session needs it

    parsed = Requirement(requirement)
    if parsed.marker and not parsed.marker.evaluate():
        return ""
    bounds = [each.version for each in parsed.specifier if each.operator in (">=", "==")]
    return f"{parsed.name}=={bounds[0]}"


def explain_wrong_names(words: list[str]) -> None:
    """End with a sentence if what was named is no session: a kata that wants two dashes before it, or mistyped."""
    words = words[1 : words.index("--")] if "--" in words else words[1:]
    known = {session.name for session in _sessions()}
    katas = {path.stem for path in ROOT.glob("solutions/*/*.py")} | {path.name for path in ROOT.glob("solutions/*")}
    named = [word for word in words if word.rpartition("/")[2].removesuffix(".py") in katas and word not in known]
    asked = [word for word in _asked(words) if word not in known]
    if named:
        given = [word for word in words if word in named or word in asked]
        rest = [word for word in words if word not in given]
        session = " ".join(rest) if _asked(rest) else "-s grade"
        what = "Names of katas and topics" if given == named else "Arguments"
        sys.exit(f"{what} follow two dashes: nox {session} -- {' '.join(given)}")
    if asked and words[words.index(asked[0]) - 1] in known:
        session = " ".join(words[: words.index(asked[0])])
        sys.exit(f"There is no session {asked[0]!r}. Arguments follow two dashes: nox {session} -- {' '.join(asked)}")
    if asked:
        near = difflib.get_close_matches(asked[0], known, n=2, cutoff=0.5)
        nearest = f" Nearest: {', '.join(near)}." if near else ""
        sys.exit(f"There is no session {asked[0]!r}.{nearest} All of them: nox --list")


def _sessions() -> list:
    return [value for value in globals().values() if hasattr(value, "python") and hasattr(value, "name")]


def _asked(words: list[str]) -> list[str]:
    """Return the names of sessions in the arguments of nox."""
    asked: list[str] = []
    taking = False
    for word in words:
        if word.startswith("-"):
            taking = word in ("-s", "-e", "--session", "--sessions")
        elif taking:
            asked.append(word)
    return asked


explain_wrong_names(sys.argv)
