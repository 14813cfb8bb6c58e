"""The pytest side of grading: the fixtures and options of a grader, and what becomes of each rule.

`tests/graders/conftest.py` takes in all of it, so a grader runs by itself
(`pytest tests/graders/metrics/test_roc_auc.py`, with `--solutions` for the reference) as it runs under `grade`.
"""

import ast
import functools
import importlib.util
import itertools
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from katagrad.grading import variations
from katagrad.grading.feedback import calls_until, failure_of
from katagrad.katas.interface import Interface, read_interface
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import BrokenError, Call, KataProxy, Source, Submission
from katagrad.verdict import Bar, Failure, Kind, Rule, Verdict

__all__ = ["_submission", "kata", "pytest_addoption", "pytest_configure", "pytest_pycollect_makeitem", "rng"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of grading."""
    group = parser.getgroup("katagrad")
    group.addoption("--solutions", action="store_true", help="grade the reference solutions instead of the exercises")
    group.addoption("--seed", type=int, help="repeat the cases of a run that showed this seed")
    group.addoption("--case", help="only the rules whose name has this word in it")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the run's seed, and start what submissions are forked from before any grader is imported."""
    warm_up()
    plugins = config.pluginmanager.get_plugins()
    run = next((plugin for plugin in plugins if isinstance(plugin, Run)), None)
    in_turn = any(isinstance(plugin, Series) for plugin in plugins)
    if run is not None or in_turn:
        # Nobody reads the tracebacks, and a plain one is made in a hundredth of the time.
        config.option.tbstyle = "native"
    if in_turn:
        return  # a series registers its runs by itself
    if run is None:
        run = Run()
        config.pluginmanager.register(run)
    seed = config.getoption("--seed", default=None)
    run.seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
    config.stash[RUN] = run


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> list[pytest.Item] | None:
    """Give each grader with a workload the rules that the runner has by itself."""
    if name != "workload" or not callable(obj) or not isinstance(collector, pytest.Module):
        return None
    rules = variations.rules_for(collector.obj)
    return [pytest.Function.from_parent(collector, name=rule, callobj=function) for rule, function in rules]


@pytest.fixture(scope="module", name="_submission")
def _submission(request: pytest.FixtureRequest) -> Iterator[Submission]:
    """Give the rules of a grader the one process that they share."""
    source, interface = _source(request)
    run, root = request.config.stash[RUN], request.path.parents[3]
    submission = Submission(source, interface, root=root, call_limit=run.call_limit, interrupted=run.interrupted)
    # A grader with a workload has a rule of its own for that.
    submission.object_to_changes = not hasattr(request.module, "workload")
    yield submission
    submission.close()


@pytest.fixture
def kata(request: pytest.FixtureRequest, _submission: Submission) -> Any:
    """Give a rule the submission's functions."""
    if _in_debugger(request.config):
        from katagrad.grading.debugging import load_directly  # noqa: PLC0415 - only then

        return load_directly(_submission.source)
    _submission.begin_rule()
    _submission.load()
    return KataProxy(_submission)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Give a rule random numbers: others at each run, the same for the same seed whichever rules run beside it."""
    return np.random.default_rng([request.config.stash[RUN].seed, zlib.crc32(request.node.name.encode())])


@dataclass
class Record:
    """What became of one rule; `pending` are its cases that have not run, `calls` those that led to its failure."""

    sentence: str
    bar: Bar
    seconds: float = 0.0
    failure: Failure | None = None
    pending: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)


class Collection:
    """Keeps in `errors` what is wrong with a grader that cannot be imported."""

    errors = ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what a failed collection says."""
        if report.failed:
            self.errors += report.longreprtext


class Run(Collection):
    """One run of pytest over graders: in which order rules run, which are left out, and what became of each.

    Parameters
    ----------
    source : the text to grade; None for the file that belongs to each grader
    strict : run the strict rules whatever becomes of the core rules
    core_only : leave the strict rules out
    first : the name of the rule to begin with
    first_failure : end each bar at its first rule that breaks
    call_limit : seconds for each call; None for the usual limit
    interrupted : asked many times a second; once it returns True the grading ends
    """

    def __init__(
        self,
        source: Source | None = None,
        *,
        strict: bool = True,
        core_only: bool = False,
        first: str = "",
        first_failure: bool = False,
        call_limit: float | None = None,
        interrupted: Callable[[], bool] | None = None,
    ) -> None:
        self.source, self.call_limit, self.interrupted = source, call_limit, interrupted
        self.strict, self.core_only, self.first, self.first_failure = strict, core_only, first, first_failure
        self.seed: int | None = None
        self.records: dict[str, Record] = {}
        self.broken: Failure | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the rules that `--case` names, and put each grader's core rules first."""
        word = (config.getoption("--case", default=None) or "").lower()
        if word:
            exact = [item for item in items if _rule(item) == word]
            items[:] = exact or [item for item in items if word in item.name.lower()]
        if self.core_only:
            items[:] = [item for item in items if bar_of(item) is Bar.CORE]
        graders = {path: place for place, path in enumerate(dict.fromkeys(item.path for item in items))}
        items.sort(key=lambda item: (graders[item.path], bar_of(item) is Bar.STRICT))
        for item in items:
            record = self.records.setdefault(_rule(item), Record(sentence(item), bar_of(item)))
            record.pending.add(item.nodeid)
        if self.first:
            items.sort(key=lambda item: _rule(item) != self.first)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Leave out a rule that cannot matter any more."""
        return True if self.broken or self._is_left_out(bar_of(item)) else None

    def _is_left_out(self, bar: Bar) -> bool:
        broken = {record.bar for record in self.records.values() if record.failure}
        if self.first_failure and (bar in broken or Bar.STRICT in broken):
            return True  # a strict rule that was first, too: both bars cannot be met any more
        return bar is Bar.STRICT and not self.strict and Bar.CORE in broken

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Generator[None, Any, Any]:
        """Note what became of a case; a learner reads a sentence in place of the grader's traceback."""
        report = yield
        record = self.records[_rule(item)]
        record.seconds += report.duration
        if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
            if report.when == "call":
                record.pending.discard(item.nodeid)
            return report
        record.pending.discard(item.nodeid)
        submission = getattr(item, "funcargs", {}).get("_submission")
        if submission is None or _in_debugger(item.config):
            record.failure = record.failure or Failure(Kind.GRADER, reason=report.longreprtext)
            return report
        failure = _told(call.excinfo.value, submission, item.path)
        if call.excinfo.errisinstance(BrokenError) and record.bar is Bar.CORE:
            self.broken = failure
        if record.failure is None:
            record.failure, record.calls = failure, calls_until(call.excinfo.value, submission)
        if failure.kind is not Kind.GRADER:
            report.longrepr = self._plain_text(item, failure)
        return report

    def _plain_text(self, item: pytest.Item, failure: Failure) -> str:
        labels = ("call", "what", "expected", "got", "reason", "printed", "where")
        texts = [f"  {label}: {getattr(failure, label)}" for label in labels if getattr(failure, label)]
        return "\n".join([sentence(item), *texts, *failure.warned, *failure.trace, f"  seed: {self.seed}"])

    def rules(self) -> tuple[Rule, ...]:
        """Return every rule, the core first; of what failed, the first failure."""
        return tuple(
            Rule(
                name,
                variations.ARGUMENTS if record.failure and record.failure.kind is Kind.CHANGED else record.sentence,
                record.failure,
                record.seconds,
                record.bar,
                was_run=bool(record.failure) or not record.pending,
            )
            for name, record in self.records.items()
        )


RUN = pytest.StashKey[Run]()


class Series(Collection):
    """Runs a grader's rules once for each of several texts, in place of pytest's own loop.

    Parameters
    ----------
    jobs : yields the next job, and is sent its verdict
    run_of : makes the run of a job
    verdict : makes the verdict of a job that was run

    Attributes
    ----------
    raised : what `jobs` raised
    is_over : all jobs were run
    """

    def __init__(
        self,
        jobs: Generator[Any, Verdict, None],
        run_of: Callable[[Any], Run],
        verdict: Callable[[Any, Run], Verdict],
    ) -> None:
        self.jobs, self.run_of, self.verdict = jobs, run_of, verdict
        self.raised: BaseException | None = None
        self.is_over = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the rules for one text after the other."""
        if self.errors or not session.items:
            return True
        try:
            job = next(self.jobs)
            while True:
                job = self.jobs.send(self.verdict(job, self._run(session, job)))
        except StopIteration:
            self.is_over = True
        except Exception as error:  # noqa: BLE001 - pytest would print it, and go on
            self.raised = error
        return True

    def _run(self, session: pytest.Session, job: Any) -> Run:
        run = self.run_of(job)
        run.seed = job.seed
        session.config.stash[RUN] = run
        session.config.pluginmanager.register(run)
        try:
            items = list(session.items)
            run.pytest_collection_modifyitems(session.config, items)
            for item, following in itertools.pairwise([*items, None]):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            # The last rules may have been left out, and with them the end of the submission.
            session.config.hook.pytest_runtest_teardown(item=session.items[-1], nextitem=None)
        finally:
            session.config.pluginmanager.unregister(run)
        return run


def _told(error: BaseException, submission: Submission, grader: Path) -> Failure:
    """Return the failure that an exception means; however odd a value is, the other rules and katas go on."""
    try:
        return failure_of(error, submission, grader)
    except Exception as trouble:  # noqa: BLE001 - showing a value runs whatever code it has
        return Failure(Kind.GRADER, reason=f"what happened cannot be told: {type(trouble).__name__}: {trouble}")


def _rule(item: pytest.Item) -> str:
    """Return the short name of the rule that an item is a case of."""
    return item.nodeid.rpartition("::")[2].partition("[")[0].removeprefix("test_")


def bar_of(item: pytest.Item) -> Bar:
    """Return the bar that a rule belongs to."""
    return Bar.STRICT if getattr(getattr(item, "function", None), "strict", False) else Bar.CORE


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
    source = request.config.stash[RUN].source
    if source is None:
        folder = "solutions" if request.config.getoption("--solutions", default=False) else "exercises"
        path = root / folder / topic / f"{name}.py"
        source = Source(path, importlib.util.decode_source(path.read_bytes()))
    return source, interface


@functools.cache
def _interface(solution: Path) -> Interface:
    return read_interface(ast.parse(solution.read_text(encoding="utf-8")))


def _in_debugger(config: pytest.Config) -> bool:
    """Say whether somebody steps through the rules: then the file has to be in this process."""
    return bool(config.getoption("usepdb", default=False)) or sys.gettrace() is not None or "pydevd" in sys.modules
