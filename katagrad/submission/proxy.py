"""The `kata` of a grader: its functions are calls into the submission's process, and remembered."""

import builtins
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from katagrad.katas.catalog import ROOT
from katagrad.katas.interface import Interface
from katagrad.submission import scratch, wire
from katagrad.submission.contract import ContractError, Handle, conform
from katagrad.submission.process import Gone, Process, TimedOut

CALL_LIMIT = 2.0
LOAD_LIMIT = 5.0
KATA_LIMIT = 120.0
LONGEST = 2000
STOPS_ALLOWED = 3


@dataclass(frozen=True)
class Source:
    """A text to grade, read once; `path` is where its tracebacks point."""

    path: Path
    text: str


@dataclass(frozen=True)
class Raised:
    """An exception of the submission's, as plain data; frames are line number, function and text."""

    type: str
    message: str
    frames: tuple[tuple[int, str, str], ...]


class BrokenError(Exception):
    """The file cannot be loaded; `raised` is the exception, if one was the reason."""

    def __init__(self, reason: str, raised: Raised | None = None) -> None:
        super().__init__(reason)
        self.reason, self.raised = reason, raised


class SubmissionError(AssertionError):
    """A call did not end as a call should: stopped, crashed, exited, of the wrong kind, or an argument changed."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


@dataclass
class Call:
    """One call that a rule made, and how it ended."""

    function: str
    arguments: dict[str, Any]
    value: Any = None
    seconds: float = 0.0
    peak: int = 0


class Submission:
    """A source and the process that runs it, started again when it has gone."""

    def __init__(
        self, source: Source, interface: Interface, *, guarded: bool = True, call_limit: float = CALL_LIMIT
    ) -> None:
        self.source, self.interface, self.guarded, self.call_limit = source, interface, guarded, call_limit
        self.process: Process | None = None
        self.stops, self.seconds = 0, 0.0
        self.changed: set[tuple[str, str]] = set()
        self.calls: list[Call] = []
        self.kept: list[Any] = []
        self.measure_memory = False
        self.scratch = scratch.make()

    def close(self) -> None:
        """End the process and remove its directory."""
        if self.process:
            self.process.end()
        scratch.remove(self.scratch)

    def begin_rule(self) -> None:
        """Forget the calls of the rule before."""
        self.calls, self.kept = [], []

    def load(self) -> Process:
        """Return the running process, started if need be.

        Raises
        ------
        BrokenError
            If the file cannot be loaded or lacks a function.
        """
        if self.process and self.process.status is None:
            return self.process
        with contextlib.suppress(OSError):  # a full disk, or a directory that a run before has removed
            self.scratch.mkdir(exist_ok=True)
            copy = self.scratch / self.source.path.name
            copy.write_text(self.source.text, encoding="utf-8", errors="surrogatepass")
        self.process = Process(str(self.scratch))
        request = {
            "do": "load",
            "path": str(self.source.path),
            "name": self.source.path.stem,
            "text": self.source.text,
            "scratch": str(self.scratch),
            "root": str(ROOT),
            "guarded": self.guarded,
            "wanted": list(self.interface.functions),
        }
        try:
            outcome = self._ask(request, LOAD_LIMIT)
        except TimedOut as stop:
            raise BrokenError(f"Loading the file was {stop.reason}.") from None
        except Gone as gone:
            raise BrokenError(f"Loading the file failed: {gone.reason}.") from None
        if outcome.raised:
            self.process.end()
            said = f"{outcome.raised.type}: {outcome.raised.message}".removesuffix(": ")
            raise BrokenError(f"The file cannot be loaded: {said}", outcome.raised)
        missing = [name for name in self.interface.functions if name not in outcome.functions]
        if missing:
            self.process.end()
            raise BrokenError(f"The file has no function {' and no '.join(missing)}.")
        return self.process

    def _ask(self, request: dict, limit: float) -> "_Outcome":
        """Put one request to the process, and add up the time."""
        start = time.monotonic()
        try:
            answer = self.process.ask(request, limit, self._keep, self._revive, self._callback)
        finally:
            self.seconds += time.monotonic() - start
        try:
            return _outcome(answer)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            self.process.end()
            raise Gone("what came back is not an answer") from None

    def call(self, name: str, arguments: tuple, keywords: dict) -> Any:
        """Call one function of the submission and return its value in the form the statement promises."""
        function = self.interface.functions[name]
        names = (*function.parameters[: len(arguments)], *keywords)
        call = Call(
            name, {name: _snapshot(value) for name, value in zip(names, (*arguments, *keywords.values()), strict=True)}
        )
        self.calls.append(call)
        if self.stops >= STOPS_ALLOWED:
            raise SubmissionError("timeout", f"not tried: calls were stopped {self.stops} times before")
        if self.seconds > KATA_LIMIT:
            raise SubmissionError("timeout", f"not tried: the calls before took more than {KATA_LIMIT:g} s")
        process = self.load()
        process.output.clear()
        request = {
            "do": "call",
            "function": name,
            "arguments": arguments,
            "keywords": keywords,
            "memory": self.measure_memory,
        }
        try:
            outcome = self._ask(request, self.call_limit)
        except TimedOut as stop:
            self.stops += 1
            raise SubmissionError("timeout", stop.reason) from None
        except Gone as gone:
            raise SubmissionError("crashed", gone.reason) from None
        if outcome.raised:
            raise _exception(outcome.raised, outcome.bases)
        if outcome.unsendable:
            raise SubmissionError("wrong", f"what {name} returned cannot be handed over: {outcome.unsendable}")
        call.seconds, call.peak = outcome.seconds, outcome.peak
        self._check_changed(name, [argument for place, argument in enumerate(names) if place in outcome.changed])
        try:
            call.value = conform(outcome.value, function.returns, self.interface, f"{name} returned")
        except ContractError as error:
            raise SubmissionError("wrong", error.problem) from None
        except Exception as error:  # noqa: BLE001 - a rule that expects a ValueError must not get one of ours
            raise SubmissionError("wrong", f"what {name} returned cannot be made sense of: {error}") from None
        return call.value

    def _check_changed(self, function: str, names: list[str]) -> None:
        """Object to an argument changed in place, once for each, so that the other rules tell of other things."""
        new = [name for name in names if (function, name) not in self.changed]
        self.changed.update((function, name) for name in new)
        if new:
            raise SubmissionError("changed", f"{function} changed its argument {' and '.join(new)} in place")

    def call_about(self, value: Any) -> Call | None:
        """Return the call whose result a value is, is part of or shares memory with; else the last call."""
        for call in reversed(self.calls):
            if value is not None and _holds(call.value, value):
                return call
        return self.calls[-1] if self.calls else None

    def _keep(self, value: Any) -> wire.Kept:
        if isinstance(value, Handle):
            return wire.Kept("handle", value.number, value.description)
        if isinstance(value, np.random.Generator):
            # A stream of its own, drawn from the grader's: the submission never holds the grader's state.
            return wire.Kept("rng", int(value.integers(2**63)), "")
        if callable(value):
            self.kept.append(value)
            return wire.Kept("function", len(self.kept) - 1, "")
        raise TypeError(f"a grader cannot hand over {value!r}")

    def _revive(self, value: Any) -> Any:
        return Handle(value.number, value.description[:LONGEST]) if isinstance(value, wire.Kept) else value

    def _callback(self, number: int, arguments: tuple) -> dict:
        try:
            return {"value": self.kept[number](*arguments)}
        except Exception as error:  # noqa: BLE001 - the submission called it with anything
            return {"error": f"{type(error).__name__}: {error}"}


class KataProxy:
    """What the fixture gives a grader: the public functions, each a call across the pipe."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission

    def __getattr__(self, name: str) -> Callable:
        """Return one of the kata's functions."""
        if name not in self._submission.interface.functions:
            raise AttributeError(f"the solution has no public function {name!r}")

        def function(*arguments: Any, **keywords: Any) -> Any:
            return self._submission.call(name, arguments, keywords)

        return function


class _Outcome(NamedTuple):
    """An answer, held against what an answer is: it may have been forged."""

    raised: Raised | None
    bases: tuple[str, ...]
    unsendable: str
    functions: frozenset[str]
    value: Any
    changed: frozenset[int]
    seconds: float
    peak: int


def _outcome(answer: dict) -> _Outcome:
    """Read an answer; anything that a lookup or a conversion raises says that it is not one."""
    error = answer.get("error")
    return _Outcome(
        raised=_raised(error) if error else None,
        bases=tuple(map(str, error["bases"])) if error else (),
        unsendable=str(answer.get("unsendable", ""))[:LONGEST],
        functions=frozenset(answer.get("functions", ())),
        value=answer.get("value"),
        changed=frozenset(map(int, answer.get("changed", ()))),
        seconds=float(answer.get("seconds", 0.0)),
        peak=int(answer.get("peak", 0)),
    )


def _raised(error: dict) -> Raised:
    frames = tuple((int(line), str(function), str(text)[:LONGEST]) for line, function, text in error["frames"])
    return Raised(str(error["type"])[:LONGEST], str(error["message"])[:LONGEST], frames)


def _exception(raised: Raised, bases: tuple[str, ...]) -> BaseException:
    """Return the built-in exception that the submission's was, so that `pytest.raises` reads as usual."""
    for name in bases:
        kind = getattr(builtins, name, None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)) or kind in (Exception, StopIteration):
            continue
        try:
            error: BaseException = kind(raised.message)
        except TypeError:
            continue  # UnicodeDecodeError and its like want more; their base will do
        error.submission = raised
        return error
    error = SubmissionError("raised", f"{raised.type}: {raised.message}")
    error.submission = raised
    return error


def _snapshot(value: Any) -> Any:
    """Return an argument as it was: a grader may change its own array later."""
    return value.copy() if isinstance(value, np.ndarray) and value.size < 2**12 else value


def _holds(result: Any, value: Any) -> bool:
    if result is value:
        return True
    if isinstance(result, tuple | list):
        return any(_holds(part, value) for part in result)
    both = isinstance(result, np.ndarray) and isinstance(value, np.ndarray)
    return both and np.may_share_memory(result, value)
