"""The `kata` of a grader: its functions are calls into the submission's process, and remembered."""

import builtins
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from katagrad import wire
from katagrad.catalog import ROOT
from katagrad.contract import ContractError, Handle, conform
from katagrad.interface import Interface
from katagrad.process import Gone, Process, TimedOut

CALL_LIMIT = 2.0
LOAD_LIMIT = 5.0
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
        self.stops = 0
        self.changed: set[tuple[str, str]] = set()
        self.calls: list[Call] = []
        self.kept: list[Any] = []
        self.measure_memory = False
        self.scratch = Path(tempfile.mkdtemp(prefix="katagrad-"))

    def close(self) -> None:
        """End the process and remove its directory."""
        if self.process:
            self.process.end()
        shutil.rmtree(self.scratch, ignore_errors=True)

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
        (self.scratch / self.source.path.name).write_text(self.source.text, encoding="utf-8", errors="surrogatepass")
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
            answer = self.process.ask(request, LOAD_LIMIT, self._keep, self._revive, self._callback)
        except TimedOut as stop:
            raise BrokenError(f"Loading the file was {stop.reason}.") from None
        except Gone as gone:
            raise BrokenError(f"Loading the file failed: {gone.reason}.") from None
        if "error" in answer:
            self.process.end()
            raised = _raised(answer["error"])
            raise BrokenError(f"The file cannot be loaded: {raised.type}: {raised.message}", raised)
        missing = [name for name in self.interface.functions if name not in answer["functions"]]
        if missing:
            self.process.end()
            raise BrokenError(f"The file has no function {' and no '.join(missing)}.")
        return self.process

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
            answer = process.ask(request, self.call_limit, self._keep, self._revive, self._callback)
        except TimedOut as stop:
            self.stops += 1
            raise SubmissionError("timeout", stop.reason) from None
        except Gone as gone:
            raise SubmissionError("crashed", gone.reason) from None
        if "error" in answer:
            raise _exception(_raised(answer["error"]), answer["error"]["bases"])
        call.seconds, call.peak = answer["seconds"], answer.get("peak", 0)
        self._check_changed(name, [names[place] for place in answer["changed"]])
        try:
            call.value = conform(answer["value"], function.returns, self.interface, f"{name} returned")
        except ContractError as error:
            raise SubmissionError("wrong", error.problem) from None
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
        return Handle(value.number, value.description) if isinstance(value, wire.Kept) else value

    def _callback(self, number: int, arguments: tuple) -> dict:
        try:
            return {"value": self.kept[number](*arguments)}
        except Exception as error:  # noqa: BLE001 - the submission called it with anything
            return {"error": f"{type(error).__name__}: {error}"}


class Kata:
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


def _raised(error: dict) -> Raised:
    frames = tuple((int(line), str(function), str(text)) for line, function, text in error["frames"])
    return Raised(str(error["type"]), str(error["message"]), frames)


def _exception(raised: Raised, bases: list[str]) -> BaseException:
    """Return the built-in exception that the submission's was, so that `pytest.raises` reads as usual."""
    for name in bases:
        kind = getattr(builtins, str(name), None)
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
