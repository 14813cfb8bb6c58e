"""The pytest side of grading: the fixtures of a grader, its options, and failures in a learner's words.

`tests/graders/conftest.py` takes in all of it, so a grader runs by itself
(`pytest tests/graders/metrics/test_roc_auc.py`, with `--solutions` for the reference) as it runs under `grade`.
"""

import ast
import functools
import importlib.util
import sys
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from katagrad.grading.feedback import failure_of
from katagrad.katas.interface import Interface, read_interface
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import CALL_LIMIT, BrokenError, Kata, Source, Submission
from katagrad.verdict import Failure

__all__ = [
    "_submission",
    "kata",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtest_makereport",
    "rng",
]

SEED = pytest.StashKey[int]()
SOURCE = pytest.StashKey[Source]()
LIMIT = pytest.StashKey[float]()
FIRST = pytest.StashKey[str]()
CORE_ONLY = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of grading."""
    group = parser.getgroup("katagrad")
    group.addoption("--solutions", action="store_true", help="grade the reference solutions instead of the exercises")
    group.addoption("--seed", type=int, help="repeat the cases of a run that showed this seed")
    group.addoption("--case", help="only the rules whose name has this word in it")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the run's seed, and start what submissions are forked from before any grader is imported."""
    warm_up()
    seed = config.getoption("--seed")
    config.stash[SEED] = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the rules that `--case` names, and those of the bar that is asked for; begin with the rule asked for."""
    word = config.getoption("--case")
    if word:
        items[:] = [item for item in items if word.lower() in item.name.lower()]
    if config.stash.get(CORE_ONLY, False):
        items[:] = [item for item in items if not getattr(item.function, "strict", False)]
    first = config.stash.get(FIRST, "")
    if first:
        items.sort(key=lambda item: item.originalname != f"test_{first}")


@pytest.fixture(scope="module", name="_submission")
def _submission(request: pytest.FixtureRequest) -> Iterator[Submission]:
    """Give the rules of a grader the one process that they share."""
    source, interface = _source(request)
    submission = Submission(source, interface, call_limit=request.config.stash.get(LIMIT, CALL_LIMIT))
    yield submission
    submission.close()


@pytest.fixture
def kata(request: pytest.FixtureRequest, _submission: Submission) -> Any:
    """Give a rule the submission's functions."""
    if _in_debugger(request.config):
        return _direct(_submission.source)
    _submission.begin_rule()
    _submission.load()
    return Kata(_submission)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Give a rule random numbers: others at each run, the same for the same seed whichever rules run beside it."""
    return np.random.default_rng([request.config.stash[SEED], zlib.crc32(request.node.name.encode())])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Generator[None, Any, Any]:
    """Replace a failure's traceback, which shows the grader's source, by what a learner can use."""
    report = yield
    if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
        return report
    submission = getattr(item, "funcargs", {}).get("_submission")
    if submission is None or _in_debugger(item.config):
        return report
    try:
        failure = failure_of(call.excinfo.value, submission, str(item.path))
    except Exception as error:  # noqa: BLE001 - however odd the value, the other rules and katas go on
        failure = Failure("grader", reason=f"what happened cannot be told: {type(error).__name__}: {error}")
    report.katagrad = failure
    report.broken = call.excinfo.value if call.excinfo.errisinstance(BrokenError) else None
    if failure.kind != "grader":
        report.longrepr = _plain_text(item, failure)
    return report


def _plain_text(item: pytest.Item, failure: Failure) -> str:
    labels = ("call", "expected", "got", "reason", "printed", "where")
    lines = [sentence(item), *(f"  {label}: {getattr(failure, label)}" for label in labels if getattr(failure, label))]
    return "\n".join([*lines, *failure.trace, f"  seed: {item.config.stash[SEED]}"])


def sentence(item: pytest.Item) -> str:
    """Return the rule as its docstring states it."""
    text = getattr(item, "function", None) and item.function.__doc__
    return " ".join((text or item.name).split())


def _source(request: pytest.FixtureRequest) -> tuple[Source, Interface]:
    """Return the text that a grader is to grade: what the run brought in, or the file of the grader's name."""
    topic, name = request.path.parent.name, request.path.stem.removeprefix("test_")
    root = request.path.parents[3]
    solution = root / "solutions" / topic / f"{name}.py"
    interface = _interface(solution)
    if SOURCE in request.config.stash:
        return request.config.stash[SOURCE], interface
    folder = "solutions" if request.config.getoption("--solutions") else "exercises"
    path = root / folder / topic / f"{name}.py"
    return Source(path, importlib.util.decode_source(path.read_bytes())), interface


@functools.cache
def _interface(solution: Path) -> Interface:
    return read_interface(ast.parse(solution.read_text(encoding="utf-8")))


def _in_debugger(config: pytest.Config) -> bool:
    """Say whether somebody steps through the rules: then the file has to be in this process."""
    return bool(config.getoption("usepdb", default=False)) or sys.gettrace() is not None or "pydevd" in sys.modules


def _direct(source: Source) -> ModuleType:
    """Import a submission into this process."""
    module = ModuleType(source.path.stem)
    module.__file__ = str(source.path)
    sys.modules[source.path.stem] = module
    exec(compile(source.text, str(source.path), "exec"), vars(module))  # noqa: S102 - what a debugger is for
    return module
