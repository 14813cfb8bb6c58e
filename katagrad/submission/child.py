"""The process of a learner's file: loads it, then answers calls until it is killed.

It never holds a grader, an expected value or a say in the verdict. Whatever it sends is plain data with the number of
the call.
"""

import builtins
import linecache
import os
import sys
import tempfile
import time
import tracemalloc
import types
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np

from katagrad.submission import guard, landlock, wire

# The file may replace what modules have; what answers for it keeps its own.
_BUILTINS = vars(builtins)
_end = os._exit
_ndarray = np.ndarray

# Processor time is the same on a busy machine; where its clock is coarse, that on the wall will do.
CLOCK = time.thread_time if time.get_clock_info("thread_time").resolution < 1e-6 else time.perf_counter
FRAMES = 6
LONGEST_MESSAGE = 2000


class _Call(dict):
    """One request, and what it has brought in."""


class Submission:
    """A loaded file, and the values that stay here because they are not plain data."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self.requests, self.replies = requests, replies
        self.kept: dict[int, Any] = {}
        self.module = types.ModuleType("submission")
        self.path = ""
        self.lines: list[str] = []
        self.other_builtins = {**_BUILTINS}

    def serve(self) -> None:
        """Answer requests until the other side goes."""
        while True:
            request = wire.receive(self.requests, self.revive)
            answer = {"load": self.load, "call": self.call}[request["do"]](request)
            self.reply(request["number"], answer)

    def reply(self, number: int, answer: dict) -> None:
        """Send one answer, or why it cannot be sent."""
        try:
            wire.send(self.replies, {**answer, "number": number}, self.keep)
        except OSError:
            raise
        except BaseException as error:  # noqa: BLE001 - what a value does when it is looked at is the file's own
            wire.send(self.replies, {"unsendable": self.describe(error)["message"], "number": number}, self.keep)

    def load(self, request: dict) -> dict:
        """Run the file; the answer has the names that can be called."""
        self.path, text = request["path"], request["text"]
        scratch = request["scratch"]
        os.chdir(scratch)
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        sys.path[:] = [
            path for path in sys.path if path and os.path.realpath(path) != os.path.realpath(request["root"])
        ]
        sys.argv[:] = [self.path]
        for name in [name for name in sys.modules if name.split(".")[0] in guard.OURS]:
            del sys.modules[name]
        self.lines = text.split("\n")
        linecache.cache[self.path] = (len(text), None, [f"{line}\n" for line in self.lines], self.path)
        self.module = types.ModuleType(request["name"])
        self.module.__file__ = self.path
        sys.modules[request["name"]] = self.module
        if request["guarded"]:
            guard.close(request["root"], scratch)
        try:
            code = compile(text, self.path, "exec", dont_inherit=True)
            self.run(exec, code, vars(self.module))
        except BaseException as error:  # noqa: BLE001 - the file may raise anything
            return {"error": self.describe(error)}
        finally:
            _flush()
        return {"functions": [name for name in request["wanted"] if callable(vars(self.module).get(name))]}

    def call(self, request: dict) -> dict:
        """Call one function; the answer has its value or error, and which arguments it changed."""
        arguments, keywords = request["arguments"], request["keywords"]
        before = [[_array_bytes(value)] for value in (*arguments, *keywords.values())]
        if request["memory"]:
            tracemalloc.start()
        start = CLOCK()
        try:
            answer = {"value": self.run(vars(self.module)[request["function"]], *arguments, **keywords)}
        except BaseException as error:  # noqa: BLE001 - the function may raise anything
            answer = {"error": self.describe(error)}
        finally:
            _flush()
        answer["seconds"] = CLOCK() - start
        if request["memory"]:
            answer["peak"] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        # In lists, where NaN is equal to itself.
        after = [[_array_bytes(value)] for value in (*arguments, *keywords.values())]
        answer["changed"] = [place for place, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
        return answer

    def run(self, function: Callable, *arguments: Any, **keywords: Any) -> Any:
        """Run what is the file's own, with the built-ins as it has left them."""
        self.swap_builtins()
        try:
            return function(*arguments, **keywords)
        finally:
            self.swap_builtins()

    def swap_builtins(self) -> None:
        """Exchange the built-ins of the file, which may have replaced any, and those of what answers for it."""
        others, self.other_builtins = self.other_builtins, {**_BUILTINS}
        _BUILTINS.update(others)

    def describe(self, error: BaseException) -> dict:
        """Return an exception as plain data: type, built-in types it is one of, message, the file's own lines."""
        message = "(its message cannot be shown)"
        answer = {"type": wire.name_of(type(error)), "bases": [], "message": message, "frames": []}
        try:
            answer["frames"] = list(self.frames(error))[-FRAMES:]
            kinds = {wire.name_of(kind): kind for kind in wire.bases_of(type(error))}
            answer["bases"] = [name for name, kind in kinds.items() if vars(builtins).get(name) is kind]
            answer["message"] = str.__str__(error.msg if self.is_syntax(error) else str(error))[:LONGEST_MESSAGE]
        except BaseException:  # noqa: BLE001, S110 - what an exception says of itself is the file's own
            pass
        return answer

    def frames(self, error: BaseException) -> Iterator[list]:
        """Yield line number, function and text of the lines of the file that an exception came through."""
        place = error.__traceback__
        while place is not None:
            code, line = place.tb_frame.f_code, place.tb_lineno or 0
            if code.co_filename == self.path:
                yield [line, code.co_name, self.lines[line - 1] if 0 < line <= len(self.lines) else ""]
            place = place.tb_next
        if self.is_syntax(error):
            yield [error.lineno or 0, "", (error.text or "").strip("\n")]

    def is_syntax(self, error: BaseException) -> bool:
        """Say whether an exception is about the file's own syntax, whose line it names itself."""
        return isinstance(error, SyntaxError) and error.filename == self.path

    def keep(self, value: Any) -> wire.Kept:
        """Take in a value that does not travel."""
        number = len(self.kept)
        self.kept[number] = value
        kind = wire.name_of(type(value))
        article = "an" if kind[:1].lower() in {*"aeiou"} else "a"
        return wire.Kept("handle", number, f"{article} {kind}" + " of objects" * (kind == "ndarray"))

    def revive(self, value: Any) -> Any:
        """Turn what stands for a value into one."""
        if isinstance(value, wire.Named):
            return self.named(value)
        if value.kind == "handle":
            return self.kept[value.number]
        if value.kind == "rng":
            return np.random.default_rng(value.number)
        return self.callback(value.number)

    def named(self, value: wire.Named) -> Any:
        """Return a named tuple as the file's own type of that name."""
        kind = vars(self.module).get(value.type_name)
        if isinstance(kind, type) and getattr(kind, "_fields", None) == value.fields:
            return tuple.__new__(kind, value.values)
        return value.values

    def callback(self, number: int) -> Any:
        """Return a function that calls the grader's one."""

        def function(*arguments: Any) -> Any:
            self.swap_builtins()
            try:
                wire.send(self.replies, {"callback": number, "arguments": arguments}, self.keep)
                answer = wire.receive(self.requests, self.revive)
            finally:
                self.swap_builtins()
            if "error" in answer:
                # Not a ValueError: a rule that expects the file to raise one must not get this one.
                raise RuntimeError(answer["error"])
            return answer["value"]

        return function


def _array_bytes(value: Any) -> Any:
    """Return the bytes of the arrays in an argument, which say whether a call has changed it."""
    kind = type(value)  # what isinstance asks may be the file's own
    if issubclass(kind, _ndarray):
        return _ndarray.tobytes(value)
    if issubclass(kind, list | tuple):
        return [_array_bytes(item) for item in value]
    if issubclass(kind, dict):
        return {key: _array_bytes(item) for key, item in value.items()}
    return value if issubclass(kind, int | float | str) else None


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001, S112 - the file may have replaced it with anything
            continue


def main(requests: int, replies: int, output: int) -> None:
    """Take over this process: requests come in on one descriptor, replies and printed output leave on others."""
    inbox, outbox = os.fdopen(os.dup(requests), "rb"), os.fdopen(os.dup(replies), "wb")
    printed = os.dup(output)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)
    sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - for the process's life
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
    landlock.die_with_parent()
    try:
        Submission(inbox, outbox).serve()
    except (EOFError, OSError):
        _end(wire.NO_PIPE)  # the grader has gone, or the file has closed the pipe to it
    finally:
        _end(0)
