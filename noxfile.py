"""The sessions: `nox --list` is the manual, and arguments follow `--`."""

import hashlib
import json
import logging
import os
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["grade"]
# The sessions make the one environment they share themselves: nox would make and fill one for each.
nox.options.default_venv_backend = "none"
# What nox says of itself is not what anybody came for; its errors are.
logging.getLogger("nox").setLevel(logging.ERROR)


def environment(session: nox.Session, *groups: str) -> str:
    """Return the Python of an environment with what pyproject.toml asks for, installed once."""
    if sys.version_info < (3, 11):
        session.error(f"katagrad needs Python 3.11 or later; nox runs on {sys.version.split()[0]}.")
    folder = ROOT / ".nox" / "-".join(["katagrad", *groups])
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    asked = list(PYPROJECT["project"]["dependencies"])
    for group in groups:
        asked += nox.project.dependency_groups(PYPROJECT, group)
    key = hashlib.sha256(json.dumps([sys.version, sys.base_prefix, asked]).encode()).hexdigest()
    stamp = folder / "installed"
    if not python.exists() or not stamp.exists() or stamp.read_text() != key:
        print(f"Setting up {folder.relative_to(ROOT)} (once) ...", flush=True)
        quiet = {"silent": True, "external": True, "log": False}
        session.run(sys.executable, "-m", "virtualenv", "--clear", "--quiet", str(folder), **quiet)
        session.run(str(python), "-m", "pip", "install", "--quiet", *asked, **quiet)
        stamp.write_text(key)
    return str(python)


def katagrad(session: nox.Session, *arguments: str) -> None:
    """Run one command of the program, and end as it does, without nox's own account of it."""
    python = environment(session)
    # From here on an exit status is the verdict, which the program has told already.
    logging.getLogger("nox").setLevel(logging.CRITICAL)
    # Started isolated: a stray random.py in the working directory must not stand in for the standard library's.
    session.run(
        python,
        "-I",
        str(ROOT / "katagrad"),
        *arguments,
        *session.posargs,
        env={"KATAGRAD_NOX": "1"},
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
def hint(session: nox.Session) -> None:
    """One more hint each time: -- KATA."""
    katagrad(session, "hint")


@nox.session(name="next")
def next_(session: nox.Session) -> None:
    """What is due and what comes next; -- --random for any unsolved kata, -- --hide-topic."""
    katagrad(session, "next")


@nox.session
def compare(session: nox.Session) -> None:
    """Your solution beside the reference, in results, time, memory and text: -- KATA."""
    katagrad(session, "compare")


@nox.session
def review(session: nox.Session) -> None:
    """An interviewer's follow-up questions, due ones first, marked by yourself: -- KATA, or -- TOPIC."""
    katagrad(session, "review")


@nox.session
def reset(session: nox.Session) -> None:
    """A blank stub again, the old text kept: -- KATA; -- KATA --undo brings it back."""
    katagrad(session, "reset")


@nox.session
def progress(session: nox.Session) -> None:
    """What is solved, how fast, and what is due: -- KATA for its times; -- --json, -- --html FILE."""
    katagrad(session, "progress")


@nox.session
def stubs(session: nox.Session) -> None:
    """For authors: derive the exercises from the solutions; -- --check only compares."""
    katagrad(session, "stubs")


@nox.session
def strength(session: nox.Session) -> None:
    """For authors: measure graders by mistakes, mutants and right solutions; -- KATA, or -- TOPIC."""
    katagrad(session, "strength")


@nox.session
def readme(session: nox.Session) -> None:
    """For authors: bring the README's lists up to date; -- --check only compares."""
    katagrad(session, "readme")


@nox.session
def tests(session: nox.Session) -> None:
    """Test the project itself: every kata as a whole, and the runner."""
    python = environment(session, "tests")
    session.run(python, "-m", "pytest", *session.posargs, external=True, log=False)


@nox.session
def lint(session: nox.Session) -> None:
    """For authors: check the style of everything but the exercises."""
    python = environment(session, "lint")
    session.run(python, "-m", "ruff", "check", *session.posargs, external=True, log=False)
    layout = ["format", "--check", "--quiet", "katagrad", "solutions", "tests", "noxfile.py"]
    session.run(python, "-m", "ruff", *layout, external=True, log=False)


@nox.session
def oracles(session: nox.Session) -> None:
    """For authors: the references beside the libraries of the field; -- KATA, or -- TOPIC."""
    python = environment(session, "oracles")
    chosen = [word for word in session.posargs if not word.startswith("-")]
    paths = [str(path) for word in chosen for path in oracle_tests(word)] or ["tests/oracles"]
    options = [word for word in session.posargs if word.startswith("-")]
    session.run(python, "-m", "pytest", "-q", *options, *paths, external=True, log=False)


@nox.session
def bench(session: nox.Session) -> None:
    """For authors: speed beside the libraries of the field, as ratios; -- KATA, -- --table NAME, -- --json FILE."""
    python = environment(session, "oracles")
    environment(session)  # what is timed from a command to its verdict
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    env = {**threads, "KATAGRAD_BENCH_NOX": sys.executable}
    session.run(python, "-m", "tests.bench", *session.posargs, env=env, external=True, log=False)


def oracle_tests(name: str) -> list[Path]:
    """Return the oracle tests that a kata's or topic's name means."""
    word = name.rpartition("/")[2].removesuffix(".py").removeprefix("test_")
    return [*ROOT.glob(f"tests/oracles/*/test_{word}.py"), *ROOT.glob(f"tests/oracles/{word}")]


def explain_forgotten_dashes(words: list[str]) -> None:
    """End with a sentence if a kata or topic was named where nox takes the names of sessions."""
    before = words[: words.index("--")] if "--" in words else words
    names = {path.stem for path in ROOT.glob("solutions/*/*.py")} | {path.name for path in ROOT.glob("solutions/*")}
    named = [word for word in before[1:] if word.rpartition("/")[2].removesuffix(".py") in names]
    if named:
        rest = [word for word in before[1:] if word not in named]
        sys.exit(f"Names of katas and topics follow two dashes: nox {' '.join(rest)} -- {' '.join(named)}")


explain_forgotten_dashes(sys.argv)
