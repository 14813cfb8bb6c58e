"""Grades a text: runs its grader under pytest in this process, the submission in its own, and adds up a verdict."""

import contextlib
import importlib.util
import io
import os
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from katagrad.katas import stubs
from katagrad.katas.catalog import ROOT, Kata
from katagrad.submission.proxy import CALL_LIMIT, Source
from katagrad.verdict import Failure, Rule, State, Verdict, state_of

GRADER_LIMIT = 300
LARGEST = 2**20
# What of pytest no grader uses: some would print or catch what is ours, and each takes time to load.
_UNUSED = (
    *("terminal", "logging", "faulthandler", "unraisableexception", "threadexception", "warnings", "cacheprovider"),
    *("junitxml", "doctest", "unittest", "subtests", "legacypath", "pastebin", "stepwise", "setuponly", "setupplan"),
)


class GraderError(RuntimeError):
    """A grader could not be run: its author's concern, not the learner's."""


class UnreadableError(Exception):
    """A file cannot be read as Python source; `reason` is a sentence that says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Job:
    """One text to grade: `case` limits the rules by name, `skip_blank` says that an untouched stub need not be run.

    `first_failure` ends the run at the first rule that does not hold; the rules behind it count as not run. `first` is
    the rule to begin with, and `core_only` leaves out the strict ones.
    """

    kata: Kata
    source: Source
    seed: int | None = None
    case: str | None = None
    skip_blank: bool = True
    first_failure: bool = False
    first: str = ""
    core_only: bool = False
    call_limit: float = CALL_LIMIT


def read(path: Path) -> Source:
    """Read a submission once.

    Raises
    ------
    UnreadableError
        If it is missing, not a file, or not text.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UnreadableError("What is there is not a file.")  # but a pipe, say, which may never end
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UnreadableError("The file is missing. A blank one: nox -s reset -- " + path.stem) from None
    except IsADirectoryError:
        raise UnreadableError("There is a directory where the file should be.") from None
    except OSError as error:
        if path.is_dir():  # what Windows says of a directory
            raise UnreadableError("There is a directory where the file should be.") from None
        raise UnreadableError(f"The file cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise UnreadableError(f"The file is larger than {LARGEST >> 20} MiB: is that Python?")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise UnreadableError(f"The file has a null byte in line {line}: was it saved as UTF-16? Save it as UTF-8.")
    try:
        return Source(path, importlib.util.decode_source(data))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableError(f"The file is not UTF-8 in line {line}. Save it as UTF-8.") from None
    except (SyntaxError, LookupError, ValueError) as error:  # which of them depends on the encoding
        problem = getattr(error, "msg", error)
        raise UnreadableError(
            f"The file names an encoding that does not fit it: {problem}. Save it as UTF-8."
        ) from None


def grade(job: Job) -> Verdict:
    """Grade one text.

    Raises
    ------
    GraderError
        If the grader itself fails to run.
    """
    start = time.perf_counter()
    verdict = _without_running(job) or _run(job)
    return replace(verdict, seconds=time.perf_counter() - start)


def grade_all(jobs: Iterable[Job], workers: int | None = None) -> Iterator[Verdict]:
    """Grade many texts, on all cores, and yield the verdicts in order as they come."""
    jobs = list(jobs)
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    if workers < 2:
        yield from map(grade, jobs)
        return
    from katagrad.grading.pool import processes  # noqa: PLC0415 - one kata does without it

    with processes(workers) as pool:
        yield from pool.map(grade, jobs)


def _without_running(job: Job) -> Verdict | None:
    """Return the verdict on a text that need not be run: blank, or not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is doubtful is not wrong
            if job.skip_blank and stubs.is_blank(job.source.text):
                return Verdict(job.kata.path, State.NOT_STARTED)
            compile(job.source.text, str(job.source.path), "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"{_short(job.source.path)}:{error.lineno or 1}"
        line = (error.text or "").strip()
        problem = f"The file is not valid Python: {error.msg}."
        return Verdict(job.kata.path, State.BROKEN, problem=problem, trace=(f"{where}  {line}",), where=where)
    except (RecursionError, MemoryError, ValueError) as error:
        problem = f"The file is not valid Python: {str(error) or 'it is nested too deep'}."
        return Verdict(job.kata.path, State.BROKEN, problem=problem)
    return None


def _run(job: Job) -> Verdict:
    import pytest  # noqa: PLC0415 - a run over blank stubs does without it

    recorder = _Recorder(job)
    arguments = [
        str(job.kata.grader),
        f"--rootdir={job.kata.root}",
        f"--confcutdir={job.kata.grader.parents[1]}",
        f"--config-file={job.kata.root / 'pyproject.toml'}",
        *(part for name in _UNUSED for part in ("-p", f"no:{name}")),
        "-s",
        *("-p", "pytest_timeout", f"--timeout={GRADER_LIMIT}"),
    ]
    if job.seed is not None:
        arguments.append(f"--seed={job.seed}")
    if job.case:
        arguments.append(f"--case={job.case}")
    if job.first_failure:
        arguments.append("--exitfirst")
    printed = io.StringIO()
    with _environment(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = pytest.main(arguments, plugins=[recorder])
    if status == pytest.ExitCode.INTERRUPTED and not recorder.broken:
        raise KeyboardInterrupt  # pytest takes Ctrl-C for an outcome
    if recorder.broken:
        return recorder.broken_verdict()
    if recorder.errors or status not in (0, 1):
        raise GraderError(f"{job.kata.grader}: {recorder.errors or printed.getvalue() or f'pytest status {status}'}")
    rules = recorder.rules()
    return Verdict(job.kata.path, state_of(rules), rules, seed=recorder.seed, total=len(rules))


class _Recorder:
    """A pytest plugin that brings in the text to grade and takes down what becomes of each rule."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.failures: dict[str, list[Failure]] = {}
        self.sentences: dict[str, str] = {}
        self.times: dict[str, float] = {}
        self.broken: Failure | None = None
        self.errors = ""
        self.seed: int | None = None

    def pytest_configure(self, config: Any) -> None:
        """Bring in the text."""
        from katagrad.grading import plugin  # noqa: PLC0415 - with pytest

        config.stash[plugin.SOURCE] = self.job.source
        config.stash[plugin.LIMIT] = self.job.call_limit
        config.stash[plugin.FIRST] = self.job.first
        config.stash[plugin.CORE_ONLY] = self.job.core_only
        config.option.tbstyle = (
            "native"  # nobody reads the tracebacks, and a plain one is made in a hundredth of the time
        )

    def pytest_collectreport(self, report: Any) -> None:
        """Take down a grader that cannot be imported."""
        if report.failed:
            self.errors += report.longreprtext

    def pytest_collection_finish(self, session: Any) -> None:
        """Take down the rules there are: one that never runs does not hold."""
        from katagrad.grading import plugin  # noqa: PLC0415 - with pytest

        self.session, self.seed = session, session.config.stash[plugin.SEED]
        for item in session.items:
            name = _rule(item.nodeid)
            self.sentences[name] = plugin.sentence(item)
            self.times.setdefault(name, 0.0)
            self.failures.setdefault(name, [])
        self.pending = {item.nodeid for item in session.items}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take down one step of one case."""
        name = _rule(report.nodeid)
        self.times[name] += report.duration
        if getattr(report, "broken", None) and not self.broken:
            self.broken = report.katagrad
            self.session.shouldstop = "broken"  # every other rule would say the same
        if report.when == "call" and report.passed:
            self.pending.discard(report.nodeid)
        elif report.failed:
            self.pending.discard(report.nodeid)
            failure = getattr(report, "katagrad", None)
            self.failures[name].append(failure or Failure("grader", reason=report.longreprtext))

    def rules(self) -> tuple[Rule, ...]:
        """Return every rule with its first failure."""
        for nodeid in self.pending:
            self.failures[_rule(nodeid)].append(Failure("grader", reason="the rule was not run"))
        return tuple(self._rule(name) for name in self.sentences)

    def _rule(self, name: str) -> Rule:
        """Return one rule; what broke may be what the line above each stub says, instead of the rule's own sentence."""
        failure = next(iter(self.failures[name]), None)
        changed = failure is not None and failure.kind == "changed"
        return Rule(
            name, "Arguments stay as they were." if changed else self.sentences[name], failure, self.times[name]
        )

    def broken_verdict(self) -> Verdict:
        """Return the verdict on a file that cannot be loaded."""
        return Verdict(
            self.job.kata.path,
            State.BROKEN,
            seed=self.seed,
            problem=self.broken.reason,
            trace=self.broken.trace,
            printed=self.broken.printed,
            where=self.broken.trace[-1].split("  ")[0] if self.broken.trace else "",
            total=len(self.sentences),
        )


def _rule(nodeid: str) -> str:
    """Return the short name of the rule that a pytest item is a case of."""
    return nodeid.rpartition("::")[2].partition("[")[0].removeprefix("test_")


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Keep what the person has set for pytest out of grading."""
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
