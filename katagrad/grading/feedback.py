"""Puts a failed rule into words: the call, what was expected, what came, and where to look."""

import linecache
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from katagrad.grading.literals import code
from katagrad.grading.places import shown
from katagrad.grading.values import pair, show
from katagrad.submission.contract import Handle
from katagrad.submission.proxy import BrokenError, Call, Raised, Submission, SubmissionError, holds
from katagrad.testing import MismatchError
from katagrad.verdict import Failure, Kind

PRINTED = 400
# What NumPy 2 calls what it no longer has, where its own message does not say so.
SUCCESSORS = {
    "trapz": "np.trapezoid",
    "in1d": "np.isin",
    "row_stack": "np.vstack",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "sometrue": "np.any",
    "alltrue": "np.all",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "unicode_": "np.str_",
    "string_": "np.bytes_",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "PINF": "np.inf",
    "NINF": "-np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "mat": "np.asmatrix",
    "round_": "np.round",
    "msort": "np.sort with axis=0",
    "asfarray": "np.asarray with dtype=float",
    "obj2sctype": "np.dtype",
    "int": "int or np.int64",
    "float": "float or np.float64",
    "complex": "complex or np.complex128",
    "object": "object",
    "str": "str",
}
_GONE = re.compile(r"module 'numpy' has no attribute '(\w+)'")
_WARNING = re.compile(r"^(?P<place>.*:\d+): (?P<text>\w*Warning: .*)\n(?:  .*\n?)?", re.MULTILINE)
_BREAKPOINT = "BdbQuit"


def failure_of(error: BaseException, submission: Submission, grader: Path) -> Failure:
    """Return the failure that an exception in a rule means."""
    return _Teller(submission, grader).tell(error)


def calls_until(error: BaseException, submission: Submission) -> list[Call]:
    """Return the calls of a rule up to the one that its failure is about."""
    about = submission.call_about(getattr(error, "actual", None))
    places = [place for place, call in enumerate(submission.calls) if call is about]
    return submission.calls[: places[0] + 1] if places else []


class _Teller:
    """Knows the submission, whose files stand in one checkout with the grader."""

    def __init__(self, submission: Submission, grader: Path) -> None:
        self.submission, self.grader, self.root = submission, grader, grader.parents[3]
        self.path = shown(submission.source.path, self.root)

    def tell(self, error: BaseException) -> Failure:
        raised: Raised | None = getattr(error, "submission", None)
        if isinstance(error, MismatchError):
            return self.wrong(error)
        if isinstance(error, BrokenError):
            printed, warned = self.output()
            reason = " ".join(filter(None, (error.reason, _successor(error.reason))))
            return Failure(Kind.RAISED, reason=reason, trace=self.trace(error.raised), printed=printed, warned=warned)
        call = self.submission.call_about(None)
        if raised:
            return self.raised(call, raised)
        if isinstance(error, SubmissionError):
            place = {"where": f"{self.path}:{error.line}"} if error.line else {}
            return self.about(call, Kind(error.kind), reason=error.reason, **place)
        if isinstance(error, AssertionError | pytest.fail.Exception):
            return self.asserted(error, call)
        reason = f"{type(error).__name__}: {error} ({_place(error, str(self.grader))})"
        return self.about(call, Kind.GRADER, reason=reason)

    def wrong(self, error: MismatchError) -> Failure:
        call = self.submission.call_about(error.actual)
        expected, got = pair(error.expected, error.actual)
        reason = error.problem
        if call is not None and error.actual is not call.value:
            part = _part(call.value, error.actual)
            if part:
                got, expected = f"{part} = {got}", f"{part} = {expected}"
            elif not (reason or error.what or holds(call.value, error.actual)):
                reason = "These values are computed from what was returned."
        return self.about(call, Kind.WRONG, what=error.what, expected=expected, got=got, reason=reason)

    def raised(self, call: Call, raised: Raised) -> Failure:
        """Return the failure that the submission's own exception means."""
        if raised.type == "NotImplementedError":
            return self.about(call, Kind.UNWRITTEN, reason=f"{call.function} is not written yet")
        texts: dict[str, Any] = {"where": f"{self.path}:{raised.frames[-1][0]}"} if raised.frames else {}
        if raised.type == _BREAKPOINT:
            reason = "breakpoint() does not stop while grading. To stop there, add --pdb, as below."
            return replace(self.about(call, Kind.RAISED, reason=reason, **texts), printed="")  # but its prompt
        texts |= {"trace": self.trace(raised), "reason": _successor(raised.message)}
        got = f"{raised.type}: {raised.message}" if raised.message else raised.type
        return self.about(call, Kind.RAISED, got=got, **texts)

    def asserted(self, error: BaseException, call: Call | None) -> Failure:
        """Return the failure that a bare assertion, or an error that did not come, means."""
        got = show(call.value) if call else ""
        text = str(error)
        if text.startswith("DID NOT RAISE"):
            # Older releases of pytest write the class's repr, newer ones its name.
            expected = text.removeprefix("DID NOT RAISE ").removeprefix("<class '").removesuffix("'>")
            return self.about(call, Kind.WRONG, expected=expected, got=f"{got}, and no error")
        return self.about(call, Kind.WRONG, got=got, reason=text.split("\n", maxsplit=1)[0])

    def about(self, call: Call | None, kind: Kind, **texts: Any) -> Failure:
        """Return a failure with what every kind of it says: the call, the place and what the code printed."""
        if call is None:
            return Failure(kind, **texts)
        printed, warned = self.output()
        texts.setdefault("where", f"{self.path}:{self.line_of(call.function)}")
        return Failure(kind, call=show_call(call, self.submission.calls), printed=printed, warned=warned, **texts)

    def trace(self, raised: Raised | None) -> tuple[str, ...]:
        """Return an exception's lines in the submission: place and text."""
        frames = raised.frames if raised else ()
        # A comprehension is a frame of its own on the line that it stands on.
        lines = [f"{self.path}:{line}  {text.strip()}" for line, _, text in frames]
        return tuple(line for line, _ in groupby(lines))[-3:]

    def line_of(self, function: str) -> int:
        """Return the line of a function in the learner's own file."""
        for number, line in enumerate(self.submission.source.text.split("\n"), start=1):
            if line.startswith((f"def {function}(", f"async def {function}(")):
                return number
        return 1

    def output(self) -> tuple[str, tuple[str, ...]]:
        """Return what the code printed, and the warnings apart from it."""
        text = self.submission.process.output.text() if self.submission.process else ""
        own = str(self.submission.source.path)
        warned = []
        for found in _WARNING.finditer(text):
            place = found["place"].replace(own, self.path)
            warned.append(f"{found['text']} ({place})" if found["place"].startswith(own) else found["text"])
        return _clip(_WARNING.sub("", text)), tuple(dict.fromkeys(warned))


def _successor(message: str) -> str:
    """Return a sentence that says what NumPy 2 calls what a message says it does not have."""
    gone = _GONE.search(message)
    if gone and gone[1] in SUCCESSORS:
        return f"NumPy 2 has no np.{gone[1]}: use {SUCCESSORS[gone[1]]}."
    return ""


def _part(result: Any, value: Any) -> str:
    """Return the name of the part of a result that a value is: `.out`, or `[1]`."""
    if not isinstance(result, tuple | list):
        return ""
    names = [f".{name}" for name in getattr(result, "_fields", ())] or [f"[{place}]" for place in range(len(result))]
    for name, part in zip(names, result, strict=True):
        if part is value:
            return name
        inner = _part(part, value)
        if inner:
            return name + inner
    return ""


def show_call(call: Call, before: Sequence[Call] = ()) -> str:
    """Return a call as Python; a handle is written as the earlier call that it came from."""

    def origin(handle: Handle) -> str:
        for place, other in enumerate(before):
            part = _part(other.value, handle)
            if other is not call and (part or other.value is handle):
                return show_call(other, before[:place]) + part
        return repr(handle)

    arguments = (f"{name}={code(value, origin)}" for name, value in call.arguments.items())
    return f"{call.function}({', '.join(arguments)})"


def _clip(text: str) -> str:
    text = text.strip("\n")
    return text if len(text) <= PRINTED else f"{text[: PRINTED // 2]}\n...\n{text[-PRINTED // 2 :]}"


def _place(error: BaseException, grader: str) -> str:
    """Return the grader's own line that an exception came through, for its maintainer."""
    place = error.__traceback__
    found = ""
    while place is not None:
        if place.tb_frame.f_code.co_filename == grader:
            found = f"{Path(grader).name}:{place.tb_lineno}"
        place = place.tb_next
    linecache.checkcache(grader)
    return found
