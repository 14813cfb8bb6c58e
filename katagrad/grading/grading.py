"""Grades a text: runs its grader under pytest in this process, the submission in its own, and adds up a verdict."""

import contextlib
import importlib.util
import io
import os
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from katagrad.katas import stubs
from katagrad.katas.catalog import Kata
from katagrad.submission.proxy import Call, Interrupted, Source
from katagrad.terminal import command
from katagrad.verdict import Failure, State, Verdict, deciding, state_of

if TYPE_CHECKING:
    from katagrad.grading.plugin import Run

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
    """One text to grade.

    Attributes
    ----------
    case : a word; only the rules with it in their name run, whichever bar they belong to
    skip_blank : do not run an untouched stub
    strict : run the strict rules whatever becomes of the core rules; else they run once the core rules hold
    first_failure : end each bar at its first rule that breaks
    first : the name of the rule to begin with
    core_only : leave the strict rules out
    """

    kata: Kata
    source: Source
    seed: int | None = None
    case: str | None = None
    skip_blank: bool = True
    strict: bool = False
    first_failure: bool = False
    first: str = ""
    core_only: bool = False
    call_limit: float | None = None


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
        raise UnreadableError(f"The file is missing. A blank one: {command('reset', path.stem)}") from None
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


def grade(job: Job, interrupted: Callable[[], bool] | None = None) -> Verdict:
    """Grade one text.

    Parameters
    ----------
    job : what to grade
    interrupted : asked about fifty times a second while the text runs; once it returns True the grading ends

    Raises
    ------
    GraderError
        If the grader itself fails to run.
    Interrupted
        If `interrupted` said so. It is a KeyboardInterrupt, so that nothing on its way takes it for an outcome.
    """
    start = time.perf_counter()
    verdict = _without_running(job) or _run(job, interrupted)[0]
    return replace(verdict, seconds=time.perf_counter() - start)


def grade_all(jobs: Iterable[Job], workers: int | None = None) -> Iterator[Verdict]:
    """Grade many texts, on all cores, and yield the verdicts in order as they come."""
    jobs = list(jobs)
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    if workers < 2:
        yield from map(grade, jobs)
        return
    from katagrad.grading import pool  # noqa: PLC0415 - one kata does without it

    yield from pool.each(grade, jobs, workers, _lost)


def _lost(job: Job) -> Verdict:
    """Return the verdict on a text whose grading took its process down twice."""
    problem = (
        "The process that graded it was killed, twice: perhaps the machine is short of memory. Grade it by itself."
    )
    return Verdict(job.kata.path, State.BROKEN, problem=problem)


def _without_running(job: Job) -> Verdict | None:
    """Return the verdict on a text that need not be run since it is blank; whether it is Python its process says."""
    if not job.skip_blank or not stubs.may_be_blank(job.source.text):
        return None
    with warnings.catch_warnings(), contextlib.suppress(SyntaxError, RecursionError, MemoryError, ValueError):
        warnings.simplefilter("ignore")  # what is doubtful is not wrong
        if stubs.is_blank(job.source.text):
            return Verdict(job.kata.path, State.NOT_STARTED)
    return None


def grade_with_calls(job: Job) -> tuple[Verdict, dict[str, list[Call]]]:
    """Grade one text, and return as well the calls that led to the failure of each broken rule, by its name.

    Raises
    ------
    GraderError
        If the grader itself fails to run.
    """
    verdict = _without_running(job)
    return (verdict, {}) if verdict else _run(job, None)


def grade_in_turn(kata: Kata, jobs: Generator[Job, Verdict, None]) -> None:
    """Grade texts of one kata one after the other, all in one run of pytest: to start it costs more than most rules.

    Parameters
    ----------
    kata : the kata that every job is about
    jobs : yields the next job, which has a seed and no case, and is sent its verdict

    Raises
    ------
    GraderError
        If the grader itself fails to run.
    """
    import pytest  # noqa: PLC0415 - a run over blank stubs does without it

    from katagrad.grading.plugin import Series  # noqa: PLC0415 - with pytest

    series = Series(jobs, _run_of, _verdict)
    status, printed = _pytest(Job(kata, Source(kata.solution, "")), series)
    if series.raised is not None:
        raise series.raised
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if series.errors or not series.is_over:
        raise GraderError(f"{kata.grader}: {series.errors or printed or f'pytest status {status}'}")


def _run(job: Job, interrupted: Callable[[], bool] | None) -> tuple[Verdict, dict[str, list[Call]]]:
    import pytest  # noqa: PLC0415 - a run over blank stubs does without it

    run = _run_of(job, interrupted)
    status, printed = _pytest(job, run)
    if status == pytest.ExitCode.INTERRUPTED:
        # pytest takes either for an outcome.
        raise Interrupted if interrupted and interrupted() else KeyboardInterrupt
    if status == pytest.ExitCode.NO_TESTS_COLLECTED and job.case and not run.errors and not run.broken:
        problem = f"No rule of {job.kata.path} has {job.case!r} in its name."
        return Verdict(job.kata.path, State.FAILING, seed=run.seed, problem=problem), {}
    if not run.broken and (run.errors or status not in (0, 1)):
        raise GraderError(f"{job.kata.grader}: {run.errors or printed or f'pytest status {status}'}")
    calls = {} if run.broken else {name: record.calls for name, record in run.records.items() if record.failure}
    return _verdict(job, run), calls


def _run_of(job: Job, interrupted: Callable[[], bool] | None = None) -> "Run":
    from katagrad.grading.plugin import Run  # noqa: PLC0415 - with pytest

    return Run(
        job.source,
        strict=job.strict or bool(job.case),
        core_only=job.core_only,
        first=job.first,
        first_failure=job.first_failure,
        call_limit=job.call_limit,
        interrupted=interrupted,
    )


def _pytest(job: Job, plugin: object) -> tuple[int, str]:
    """Run a kata's grader, and return pytest's exit status and what was printed."""
    import pytest  # noqa: PLC0415 - a run over blank stubs does without it

    printed = io.StringIO()
    with _environment(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = pytest.main(_arguments(job), plugins=[plugin])
    return status, printed.getvalue()


def _verdict(job: Job, run: "Run") -> Verdict:
    """Return the verdict that a run over a grader comes to."""
    rules = run.rules()
    total = len(deciding(rules))
    if run.broken:
        return _broken(job, run.broken, run.seed, total)
    return Verdict(job.kata.path, state_of(rules), rules, seed=run.seed, total=total)


def _arguments(job: Job) -> list[str]:
    """Return what pytest is called with."""
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
    return arguments


def _broken(job: Job, failure: Failure, seed: int | None, total: int) -> Verdict:
    """Return the verdict on a file that cannot be loaded."""
    return Verdict(
        job.kata.path,
        State.BROKEN,
        seed=seed,
        problem=failure.reason,
        trace=failure.trace,
        printed=failure.printed,
        where=failure.trace[-1].split("  ")[0] if failure.trace else "",
        total=total,
    )


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
