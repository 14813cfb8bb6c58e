"""Puts a failed rule into words: the call, what was expected, what came, and where to look."""

import linecache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from katagrad.katas.catalog import ROOT
from katagrad.submission.proxy import BrokenError, Call, Raised, Submission, SubmissionError, holds
from katagrad.testing import MismatchError
from katagrad.verdict import Failure

SHORT = 24
FEW = 6
WIDTH = 88
PRINTED = 400
# As few as tell values apart; the last tell any two apart in double precision.
DIGITS = (6, 10, 17)


def failure_of(error: BaseException, submission: Submission, grader: str) -> Failure:
    """Return the failure that an exception in a rule means."""
    raised: Raised | None = getattr(error, "submission", None)
    if isinstance(error, MismatchError):
        return _wrong(error, submission)
    if isinstance(error, BrokenError):
        printed = _clip(submission.process.output.text()) if submission.process else ""
        lines = trace(submission.source.path, error.raised)
        return Failure("raised", reason=error.reason, trace=lines, printed=printed)
    call = submission.call_about(None)
    if raised:
        return _raised(submission, call, raised)
    if isinstance(error, SubmissionError):
        place = {"where": f"{_short(submission.source.path)}:{error.line}"} if error.line else {}
        return _about(submission, call, error.kind, reason=error.reason, **place)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return _asserted(error, submission, call)
    return _about(submission, call, "grader", reason=f"{type(error).__name__}: {error} ({_place(error, grader)})")


def _raised(submission: Submission, call: Call, raised: Raised) -> Failure:
    """Return the failure that the submission's own exception means."""
    if raised.type == "NotImplementedError":
        return _about(submission, call, "unwritten", reason=f"{call.function} is not written yet")
    texts = {"trace": trace(submission.source.path, raised)}
    if raised.frames:
        texts["where"] = f"{_short(submission.source.path)}:{raised.frames[-1][0]}"
    got = f"{raised.type}: {raised.message}" if raised.message else raised.type
    return _about(submission, call, "raised", got=got, **texts)


def _asserted(error: BaseException, submission: Submission, call: Call | None) -> Failure:
    """Return the failure that a bare assertion, or an error that did not come, means."""
    got = show(call.value) if call else ""
    text = str(error)
    if text.startswith("DID NOT RAISE"):
        # Older releases of pytest write the class's repr, newer ones its name.
        expected = text.removeprefix("DID NOT RAISE ").removeprefix("<class '").removesuffix("'>")
        return _about(submission, call, "wrong", expected=expected, got=f"{got}, and no error")
    return _about(submission, call, "wrong", got=got, reason=text.split("\n", maxsplit=1)[0])


def trace(path: Path, raised: Raised | None) -> tuple[str, ...]:
    """Return an exception's lines in the submission: place and text."""
    if raised is None:
        return ()
    return tuple(f"{_short(path)}:{line}  {text.strip()}" for line, _, text in raised.frames[-3:])


def _about(submission: Submission, call: Call | None, kind: str, **texts: Any) -> Failure:
    """Return a failure with what every kind of it says: the call, the place and what the code printed."""
    if call is None:
        return Failure(kind, **texts)
    function = submission.interface.functions[call.function]
    printed = submission.process.output.text() if submission.process else ""
    texts.setdefault("where", f"{_short(submission.source.path)}:{_line(submission, function.name)}")
    return Failure(kind, call=show_call(call), printed=_clip(printed), **texts)


def _wrong(error: MismatchError, submission: Submission) -> Failure:
    call = submission.call_about(error.actual)
    expected, got = _pair(error.expected, error.actual)
    reason = error.problem
    if call is not None and error.actual is not call.value:
        part = _part(call.value, error.actual)
        if part:
            got, expected = f"{part} = {got}", f"{part} = {expected}"
        elif not holds(call.value, error.actual):
            reason = reason or "the rule works on from what was returned"
    return _about(submission, call, "wrong", expected=expected, got=got, reason=reason)


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


def show_call(call: Call) -> str:
    """Return a call as one would write it, large arrays by shape."""
    arguments = (f"{name}={show(value, _telling(value))}" for name, value in call.arguments.items())
    return f"{call.function}({', '.join(arguments)})"


def _telling(value: Any) -> int:
    """Return how many digits tell the different numbers of a short array apart."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not _in_full(value):
        return DIGITS[0]
    different = np.unique(value)
    for digits in DIGITS:
        if len({_number(number, digits) for number in different}) == len(different):
            break
    return digits


def show(value: Any, digits: int = DIGITS[0], room: int = SHORT) -> str:
    """Return a value in full while short, else by shape and its first numbers; of what lies deeper, ever less."""
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value, digits, room)
    return f"<function {getattr(value, '__name__', '')}>" if callable(value) else repr(value)


def _any_array(value: np.ndarray, digits: int, _: int) -> str:
    if not value.size:
        return f"an empty array of shape {value.shape}"
    if _in_full(value):
        return _array(value, digits)
    first = " ".join(_number(number, digits) for number in value.flat[:3])
    return f"<array of shape {value.shape}: {first} ...>"


def _in_full(value: np.ndarray) -> bool:
    """Say whether an array is short enough to be shown in full."""
    return value.size <= (2 * SHORT if value.ndim == 2 else SHORT)


def _items(value: tuple | list, digits: int, room: int) -> str:
    if hasattr(value, "_fields"):
        inside = ", ".join(f"{name}={show(part, digits)}" for name, part in zip(value._fields, value, strict=True))
        return f"{type(value).__name__}({inside})"
    opening, closing = "()" if isinstance(value, tuple) else "[]"
    more = f", ... {len(value)} in all" if len(value) > room else ""
    return f"{opening}{', '.join(show(part, digits, room // 2) for part in value[:room])}{more}{closing}"


def _mapping(value: dict, digits: int, room: int) -> str:
    pairs = list(value.items())[:room]
    return f"{{{', '.join(f'{show(key, digits, 1)}: {show(part, digits, room // 2)}' for key, part in pairs)}}}"


def _array(value: np.ndarray, digits: int) -> str:
    if value.ndim == 0:
        return _number(value[()] if isinstance(value, np.ndarray) else value, digits)
    return "[" + (", " if value.ndim > 1 else " ").join(_array(part, digits) for part in value) + "]"


def _number(value: Any, digits: int, _: int = 0) -> str:
    if isinstance(value, float | np.floating):
        text = f"{value:.{digits}g}"
        return text if not text.lstrip("-").isdigit() else text + ".0"
    return _brief(str(value))


_FORMS = (
    (np.ndarray, _any_array),
    (float | np.floating, _number),
    (tuple | list, _items),
    (dict, _mapping),
    (np.random.Generator, lambda *_: "<Generator>"),
    (str, lambda value, *_: _brief(repr(value))),
    (np.generic, lambda value, *_: _brief(str(value))),
)


def _pair(expected: Any, got: Any) -> tuple[str, str]:
    """Return two values in words that differ: with more digits if need be, at the worst place if they are long."""
    arrays = _alike(expected, got)
    if arrays is not None and arrays[0].size > SHORT:
        return _worst(*arrays)
    for digits in DIGITS:
        texts = show(_plain(expected), digits), show(_plain(got), digits)
        if texts[0] != texts[1]:
            return texts
        if arrays is not None and arrays[0].size > FEW:
            return _worst(*arrays)  # many numbers of many digits hide the ones that differ
    return _brief(repr(expected)), _brief(repr(got))


def _plain(value: Any) -> Any:
    """Return lists of numbers as arrays, nested ones too, so that both sides look alike."""
    if not isinstance(value, list) or not value:
        return value
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        return value
    return array if array.dtype.kind in "biuf" else value


def _alike(expected: Any, got: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Return both values as arrays of one shape, if they are."""
    try:
        arrays = np.asarray(expected), np.asarray(got)
    except (ValueError, OverflowError):
        return None
    numeric = all(array.dtype.kind in "biuf" for array in arrays)
    return arrays if numeric and arrays[0].shape == arrays[1].shape else None


def _worst(expected: np.ndarray, got: np.ndarray) -> tuple[str, str]:
    """Return both values at the place where they differ most, and say how many differ."""
    with np.errstate(invalid="ignore"):
        gap = np.abs(got.astype(float) - expected.astype(float))
    gap[np.isnan(gap)] = np.inf
    gap[(got == expected) | (np.isnan(got.astype(float)) & np.isnan(expected.astype(float)))] = 0
    place = np.unravel_index(int(np.argmax(gap)), gap.shape)
    # A rule may be stricter than the usual tolerance: then any difference counts.
    wrong = np.count_nonzero(gap > 1e-9 * np.abs(expected) + 1e-12) or np.count_nonzero(gap)
    label = f"[{', '.join(str(int(index)) for index in place)}]"
    for digits in DIGITS:
        texts = _number(expected[place], digits), _number(got[place], digits)
        if texts[0] != texts[1]:
            break
    return (
        f"{texts[0]} at {label}",
        f"{texts[1]} at {label}; {wrong:,} of {gap.size:,} places differ, shape {gap.shape}",
    )


def _line(submission: Submission, function: str) -> int:
    """Return the line of a function in the learner's own file."""
    for number, line in enumerate(submission.source.text.split("\n"), start=1):
        if line.startswith((f"def {function}(", f"async def {function}(")):
            return number
    return 1


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def _brief(text: str) -> str:
    return text if len(text) <= PRINTED else f"{text[:PRINTED]} ..."


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
