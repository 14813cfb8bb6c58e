"""The `kata` of a grader: its functions are calls into the submission's process, and remembered."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from katagrad.katas.interface import Interface
from katagrad.submission import limits, whereabouts, wire
from katagrad.submission.answers import (
    LONGEST,
    Answer,
    BrokenError,
    Raised,
    SubmissionError,
    exception_of,
    read_answer,
)
from katagrad.submission.contract import ContractError, Handle, conform, own_parts
from katagrad.submission.digest import OPAQUE, digest
from katagrad.submission.limits import Limits
from katagrad.submission.process import Gone, Interrupted, Process, TimedOut

__all__ = ["BrokenError", "Call", "Interrupted", "KataProxy", "Raised", "Source", "Submission", "SubmissionError"]

CALL_LIMIT = limits.LIMITS.call


class Source(NamedTuple):
    """A text to grade, read once; `path` is where its tracebacks point."""

    path: Path
    text: str

    def line(self, number: int) -> str:
        """Return one line of the text; nothing if it has no such line."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass
class Call:
    """One call that a rule made, and how it ended.

    `changed` are the arguments that it changed in place, and `spoilt` says that its result was overwritten afterwards.
    """

    function: str
    arguments: dict[str, Any]
    value: Any = None
    seconds: float = 0.0
    peak: int = 0
    changed: tuple[str, ...] = ()
    spoilt: bool = False


class Submission:
    """A source and the process that runs it, started again when it has gone.

    Parameters
    ----------
    source : the text
    interface : what the statement promises
    root : the checkout, which stays closed to the text
    guarded : whether it is kept from other files, processes and connections
    call_limit : seconds for one call, in the place of what `limits` says
    limits : what it may take; `limits.LIMITS` if None
    interrupted : asked many times a second, whether the grading is to end; then any call raises `Interrupted`
    """

    # Whether a call that changes an argument breaks the rule that made it, once for each argument.
    object_to_changes = True

    def __init__(
        self,
        source: Source,
        interface: Interface,
        *,
        root: Path | None = None,
        guarded: bool = True,
        call_limit: float | None = None,
        limits: Limits | None = None,
        interrupted: Callable[[], bool] | None = None,
    ) -> None:
        self.source, self.interface, self.guarded, self.interrupted = source, interface, guarded, interrupted
        # Exercises and solutions stand two folders below the checkout.
        self.root = root or Path(*source.path.absolute().parts[:-3])
        self.limits = _limits(limits, call_limit)
        self.process: Process | None = None
        self.stops, self.seconds = 0, 0.0
        self.changes: dict[str, set[str]] = {}
        # The calls that were the first to change an argument.
        self.changing: list[Call] = []
        self.calls: list[Call] = []
        self.kept: list[Any] = []
        self.measure_memory = False
        # Whether its process keeps the memory that it frees, for times that do not depend on the system's.
        self.keeps_memory = False
        # Whether the arrays that a call returned are overwritten where they came from, as a caller may do.
        self.spoils_results = False
        functions = interface.functions.items()
        self.own = {name: own_parts(function.returns, interface) for name, function in functions}

    def close(self) -> None:
        """End the process."""
        if self.process:
            self.process.end()

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
        try:
            self.process = Process(self.interrupted, self.limits.memory)
        except OSError as error:
            raise BrokenError(
                f"The system gave no process for the file, which is not its fault: {error.strerror or error}."
            ) from None
        answer = self._load()
        if answer.raised:
            self.process.end()
            said = f"{answer.raised.type}: {answer.raised.message}".removesuffix(": ")
            said = _not_python(answer.raised) if answer.is_syntax else f"The file cannot be loaded: {said}"
            raise BrokenError(said, answer.raised)
        missing = [name for name in self.interface.functions if name not in answer.functions]
        if missing:
            self.process.end()
            raise BrokenError(f"The file has no function {' and no '.join(missing)}.")
        return self.process

    def _load(self) -> Answer:
        """Have the process load the file."""
        request = {
            "do": "load",
            "path": str(self.source.path),
            "name": self.source.path.stem,
            "text": self.source.text,
            "scratch": str(self.process.scratch),
            "root": str(self.root),
            "guarded": self.guarded,
            "keeps_memory": self.keeps_memory,
            "limits": self.limits._asdict(),
            "wanted": list(self.interface.functions),
        }
        try:
            if not self.process.forked:  # it loads Python and NumPy first, which is not the file's affair
                self._ask({"do": "begin"}, self.limits.start)
                self.process.number = 0  # as in one that is forked
            return self._ask(request, self.limits.load)
        except TimedOut as stop:
            line = self._line(stop)
            frames = ((line, "<module>", self.source.line(line)),)
            where = f" in line {line}" if line else ""
            raise BrokenError(
                f"Loading the file was {stop.reason}{where}.", Raised("", "", frames) if line else None
            ) from None
        except Gone as gone:
            raise BrokenError(f"Loading the file failed: {gone.reason}.") from None

    def _line(self, stop: TimedOut) -> int:
        """Return the line that was running when a call was stopped; 0 where that is not known."""
        return whereabouts.running_line(stop.dump, str(self.source.path), self.source.text.count("\n") + 1)

    def _ask(self, request: dict, limit: float) -> Answer:
        """Put one request to the process, and add up the time."""
        start = time.monotonic()
        try:
            answer = self.process.ask(request, limit, self._keep, self._revive, self._callback)
        finally:
            self.seconds += time.monotonic() - start
        try:
            return read_answer(answer)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            self.process.end()
            raise Gone("what came back is not an answer") from None

    def call(self, name: str, arguments: tuple, keywords: dict) -> Any:
        """Call one function of the submission and return its value in the form the statement promises."""
        function = self.interface.functions[name]
        names = (*function.parameters[: len(arguments)], *keywords)
        given = dict(zip(names, (*arguments, *keywords.values()), strict=True))
        call = Call(name, {name: _snapshot(value) for name, value in given.items()}, spoilt=self.spoils_results)
        self.calls.append(call)
        self._refuse_more()
        process = self.load()
        process.output.clear()
        dropped, process.dropped = process.dropped, []
        request = {
            "do": "call",
            "function": name,
            "arguments": arguments,
            "keywords": keywords,
            "memory": self.measure_memory,
            "spoil": self.spoils_results,
            "own": self.own[name],
            "dropped": dropped,
        }
        sent = {name: digest(value) for name, value in given.items()}
        answer = self._answer(request, len(sent))
        call.changed, new = self._record_changes(name, sent, answer)
        self.changing += [call] * bool(new)
        if answer.raised:
            raise exception_of(answer.raised, answer.bases)
        if answer.unsendable:
            raise SubmissionError("wrong", f"what {name} returned cannot be handed over: {answer.unsendable}")
        call.seconds, call.peak = answer.seconds, answer.peak
        call.value = self._conform(name, answer.value)
        if new and self.object_to_changes:
            raise SubmissionError("changed", f"{name} changed its argument {' and '.join(new)} in place")
        return call.value

    def _refuse_more(self) -> None:
        """Refuse a call after too many that were stopped, or that took too long together."""
        if self.interrupted and self.interrupted():
            raise Interrupted
        if self.stops >= self.limits.stops:
            raise SubmissionError("timeout", f"not tried: calls were stopped {_times(self.stops)} before")
        if self.seconds > self.limits.kata:
            raise SubmissionError("timeout", f"not tried: the calls before took more than {self.limits.kata:g} s")

    def _answer(self, request: dict, count: int) -> Answer:
        """Return the answer to a call with so many arguments."""
        try:
            # After one that was stopped there is less time, so that a verdict on loops comes within a few seconds.
            answer = self._ask(request, self.limits.call / (1 + self.stops))
            if len(answer.arguments) != count and not answer.unsendable:
                self.process.end()
                raise Gone("what came back is not an answer")  # noqa: TRY301 - as one that cannot be read
        except TimedOut as stop:
            self.stops += 1
            line = self._line(stop)
            raise SubmissionError("timeout", stop.reason + f" in line {line}" * bool(line), line) from None
        except Gone as gone:
            raise SubmissionError("crashed", gone.reason) from None
        return answer

    def _conform(self, name: str, value: Any) -> Any:
        """Return what a function returned in the form that the statement promises."""
        try:
            return conform(value, self.interface.functions[name].returns, self.interface, f"{name} returned")
        except ContractError as error:
            raise SubmissionError("wrong", error.problem) from None
        except Exception as error:  # noqa: BLE001 - a rule that expects a ValueError must not get one of ours
            raise SubmissionError("wrong", f"what {name} returned cannot be made sense of: {error}") from None

    def _record_changes(
        self, function: str, sent: dict[str, bytes], answer: Answer
    ) -> tuple[tuple[str, ...], list[str]]:
        """Record which arguments are not what was sent; return them, and those that no call before has changed."""
        if answer.unsendable:
            return (), []
        pairs = zip(sent.items(), answer.arguments, strict=True)
        changed = [name for (name, before), after in pairs if before not in (after, OPAQUE)]
        known = self.changes.setdefault(function, set()) if changed else set()
        new = [name for name in changed if name not in known]
        known.update(new)
        return tuple(changed), new

    def call_about(self, value: Any) -> Call | None:
        """Return the call whose result a value is, is part of or shares memory with; else the last call."""
        for call in reversed(self.calls):
            if value is not None and holds(call.value, value):
                return call
        return self.calls[-1] if self.calls else None

    def _keep(self, value: Any) -> wire.Kept:
        if isinstance(value, Handle):
            if value.process is not self.process:
                raise SubmissionError("crashed", "not tried: what it goes on from was lost when its process ended")
            return wire.Kept("handle", value.number, value.description)
        if isinstance(value, np.random.Generator):
            # A stream of its own, drawn from the grader's: the submission never holds the grader's state.
            return wire.Kept("rng", int(value.integers(2**63)), "")
        if callable(value):
            self.kept.append(value)
            return wire.Kept("function", len(self.kept) - 1, "")
        raise TypeError(f"a grader cannot hand over {value!r}")

    def _revive(self, value: Any) -> Any:
        if isinstance(value, wire.Kept):
            return Handle(value.number, value.description[:LONGEST], self.process)
        return value

    def _callback(self, number: int, arguments: tuple) -> dict:
        try:
            return {"value": self.kept[number](*arguments)}
        except Exception as error:  # noqa: BLE001 - the submission called it with anything
            return {"error": f"{type(error).__name__}: {error}"}


def _limits(limits_: Limits | None, call: float | None) -> Limits:
    found = limits_ or limits.LIMITS
    return found if call is None else found._replace(call=call)


def _not_python(raised: Raised) -> str:
    """Return why a text cannot be compiled."""
    # Neither the parser's stack nor the compiler's memory has a message of its own.
    said = "it is nested too deep" if raised.type in ("MemoryError", "SystemError") else raised.message
    return f"The file is not valid Python: {said}."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


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


def _snapshot(value: Any) -> Any:
    """Return an argument as it was: a grader may change its own array later."""
    if isinstance(value, np.random.Generator):
        return copy.deepcopy(value)  # before a number is drawn from it
    return value.copy(order="K") if isinstance(value, np.ndarray) and value.size < 2**12 else value


def holds(result: Any, value: Any) -> bool:
    """Say whether a value is what a call returned, or a piece of it."""
    if result is value:
        return True
    if isinstance(result, tuple | list):
        return any(holds(part, value) for part in result)
    both = isinstance(result, np.ndarray) and isinstance(value, np.ndarray)
    return both and np.may_share_memory(result, value)
