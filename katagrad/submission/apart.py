"""The thread in which a learner's file runs: below it there are no frames of what answers for the file.

A frame gives away the globals and the objects of whatever called it, and all of them can be changed. So the file is
loaded and called in a thread of its own, which gets jobs from a queue. Nothing in this module is called by the thread
that answers, and nothing that it names leads to one that does.
"""

import builtins
import sys
import time
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

# Processor time is the same on a busy machine; where its clock is coarse, that on the wall will do.
CLOCK = time.thread_time if time.get_clock_info("thread_time").resolution < 1e-6 else time.perf_counter
FRAMES = 6
LONGEST_MESSAGE = 2000

# The file may replace built-ins: it then has its own while it runs, and nobody else.
_BUILTINS = vars(builtins)
_OWN_BUILTINS = {**_BUILTINS}
_name_of = vars(type)["__name__"].__get__  # not what a metaclass says
_bases_of = vars(type)["__mro__"].__get__


def work(take: Callable[[], tuple], give: Callable[[tuple], None], path: str, lines: list[str]) -> None:
    """Carry out one job after the other, for as long as the process lives.

    A job is a function and its arguments; what comes of it is ("done", value, error as plain data or None, seconds).
    """
    clock, file_builtins = CLOCK, {}
    while True:
        function, arguments = take()
        _BUILTINS.update(file_builtins)
        start = clock()
        try:
            value, error = function(*arguments), None
        except BaseException as raised:  # noqa: BLE001 - the function may raise anything
            value, error = None, raised
        seconds = clock() - start
        file_builtins = {**_BUILTINS}
        _BUILTINS.update(_OWN_BUILTINS)
        told = None if error is None else describe(error, path, lines)
        error = None
        _flush()
        give(("done", value, told, seconds))


def compiled(text: str, path: str) -> CodeType:
    """Compile a text, which may take without end or raise anything."""
    return compile(text, path, "exec", dont_inherit=True)


def load(code: CodeType, module: dict, wanted: list[str]) -> list[str]:
    """Run a module's code; return which of the names wanted can be called."""
    exec(code, module)  # noqa: S102 - a learner's file
    return [name for name in wanted if callable(module.get(name))]


def call(module: dict, name: str, arguments: tuple, keywords: dict, _: list) -> Any:
    """Call one function of the file."""
    return module[name](*arguments, **keywords)


def asker(give: Callable[[tuple], None], take: Callable[[], tuple]) -> Callable[[tuple], tuple]:
    """Return a function that asks the thread that answers for something: a problem, if any, and a value."""

    def ask(message: tuple) -> tuple:
        file_builtins = {**_BUILTINS}
        _BUILTINS.update(_OWN_BUILTINS)
        try:
            give(message)
            return take()
        finally:
            _BUILTINS.update(file_builtins)

    return ask


def caller(number: int, ask: Callable[[tuple], tuple]) -> Callable:
    """Return a function that calls the grader's one of this number."""

    def function(*arguments: Any) -> Any:
        problem, value = ask(("callback", number, arguments))
        if problem:
            # Not a ValueError: a rule that expects the file to raise one must not get this one.
            raise RuntimeError(problem)
        return value

    return function


def thread_starter(start: Callable, count: Callable[[], int], most: int) -> Callable:
    """Return what starts a thread, as long as there are not too many."""

    def start_new_thread(*arguments: Any, **keywords: Any) -> Any:
        if count() >= most:
            raise RuntimeError(f"a submission has at most {most} threads at once")
        return start(*arguments, **keywords)

    return start_new_thread


def signal_setter(ask: Callable[[tuple], tuple]) -> Callable:
    """Return `signal.signal` for a thread that may not use it; a handler gets a thread of its own, and no frame."""

    def set_handler(number: int, handler: Any) -> Any:
        problem, former = ask(("signal", number, handler))
        if problem:
            raise ValueError(problem)
        return former

    return set_handler


def describe(error: BaseException, path: str, lines: list[str]) -> dict:
    """Return an exception as plain data: type, built-in types it is one of, message, the file's own lines."""
    told = {"type": _name_of(type(error)), "bases": [], "message": "(its message cannot be shown)", "frames": []}
    try:
        told["frames"] = list(_frames(error, path, lines))[-FRAMES:]
        kinds = {_name_of(kind): kind for kind in _bases_of(type(error))}
        told["bases"] = [name for name, kind in kinds.items() if _OWN_BUILTINS.get(name) is kind]
        told["message"] = str.__str__(error.msg if _is_syntax(error, path) else str(error))[:LONGEST_MESSAGE]
    except BaseException:  # noqa: BLE001, S110 - what an exception says of itself is the file's own
        pass
    return told


def _frames(error: BaseException, path: str, lines: list[str]) -> Iterator[list]:
    """Yield line number, function and text of the lines of the file that an exception came through."""
    place = error.__traceback__
    while place is not None:
        code, line = place.tb_frame.f_code, place.tb_lineno or 0
        if code.co_filename == path:
            yield [line, code.co_name, lines[line - 1] if 0 < line <= len(lines) else ""]
        place = place.tb_next
    if _is_syntax(error, path):
        yield [error.lineno or 0, "", (error.text or "").strip("\n")]


def _is_syntax(error: BaseException, path: str) -> bool:
    """Say whether an exception is about the file's own syntax, whose line it names itself."""
    return isinstance(error, SyntaxError) and error.filename == path


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001, S112 - the file may have replaced it with anything
            continue
