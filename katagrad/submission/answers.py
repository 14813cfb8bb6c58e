"""What comes back from a submission's process, held against what an answer is: it may have been forged."""

import builtins
from typing import Any, NamedTuple

LONGEST = 2000


class Raised(NamedTuple):
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
    """A call did not end as a call should: stopped, crashed, exited, of the wrong kind, or an argument changed.

    `line` is the one that was running when the call was stopped, 0 where that is not known.
    """

    def __init__(self, kind: str, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.line = kind, reason, line


class Answer(NamedTuple):
    """One answer: an error, why there is no value, or a value; `arguments` are their digests after the call."""

    raised: Raised | None
    bases: tuple[str, ...]
    unsendable: str
    functions: frozenset[str]
    is_syntax: bool
    value: Any
    arguments: tuple[bytes, ...]
    seconds: float
    peak: int


def read_answer(answer: dict) -> Answer:
    """Return an answer; anything that a lookup or a conversion raises says that it is not one."""
    error = answer.get("error")
    digests = answer.get("arguments", ())
    if not all(isinstance(one, bytes) for one in digests):
        raise TypeError
    return Answer(
        raised=_raised(error) if error else None,
        bases=tuple(map(str, error["bases"])) if error else (),
        unsendable=str(answer.get("unsendable", ""))[:LONGEST],
        functions=frozenset(answer.get("functions", ())),
        is_syntax=answer.get("stage") == "compile",
        value=answer.get("value"),
        arguments=tuple(digests),
        seconds=float(answer.get("seconds", 0.0)),
        peak=int(answer.get("peak", 0)),
    )


def _raised(error: dict) -> Raised:
    frames = tuple((int(line), str(function), str(text)[:LONGEST]) for line, function, text in error["frames"])
    return Raised(str(error["type"])[:LONGEST], str(error["message"])[:LONGEST], frames)


def exception_of(raised: Raised, bases: tuple[str, ...]) -> BaseException:
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
