"""The process of a learner's file: loads it, then answers calls until it is killed.

It never holds a grader, an expected value or a say in the verdict. Whatever it sends is plain data with the number of
the call.
"""

import builtins
import linecache
import os
import sys
import time
import traceback
import tracemalloc
import types
from typing import Any, BinaryIO

import numpy as np

from katagrad import guard, wire

# The file may replace built-ins; what answers for it keeps its own.
__builtins__ = dict(vars(builtins))

# Processor time is the same on a busy machine; where its clock is coarse, that on the wall will do.
CLOCK = time.process_time if time.get_clock_info("process_time").resolution < 1e-6 else time.perf_counter
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
        except (wire.WireError, ValueError, TypeError, RecursionError, MemoryError) as error:
            problem = {"type": "WireError", "bases": [], "message": str(error)[:LONGEST_MESSAGE], "frames": []}
            wire.send(self.replies, {"error": problem, "number": number}, self.keep)

    def load(self, request: dict) -> dict:
        """Run the file; the answer has the names that can be called."""
        self.path, text = request["path"], request["text"]
        scratch = request["scratch"]
        os.chdir(scratch)
        sys.path[:] = [
            path for path in sys.path if path and os.path.realpath(path) != os.path.realpath(request["root"])
        ]
        sys.argv[:] = [self.path]
        for name in [name for name in sys.modules if name.split(".")[0] in guard.OURS]:
            del sys.modules[name]
        linecache.cache[self.path] = (len(text), None, text.splitlines(keepends=True), self.path)
        self.module = types.ModuleType(request["name"])
        self.module.__file__ = self.path
        sys.modules[request["name"]] = self.module
        if request["guarded"]:
            guard.close(request["root"], scratch)
        try:
            exec(compile(text, self.path, "exec", dont_inherit=True), vars(self.module))  # noqa: S102 - the job
        except BaseException as error:  # noqa: BLE001 - the file may raise anything
            return {"error": self.describe(error)}
        finally:
            _flush()
        return {"functions": [name for name in request["wanted"] if callable(vars(self.module).get(name))]}

    def call(self, request: dict) -> dict:
        """Call one function; the answer has its value or error, and which arguments it changed."""
        arguments, keywords = request["arguments"], request["keywords"]
        before = [_array_bytes(value) for value in (*arguments, *keywords.values())]
        function = vars(self.module)[request["function"]]
        if request["memory"]:
            tracemalloc.start()
        start = CLOCK()
        try:
            answer = {"value": function(*arguments, **keywords)}
        except BaseException as error:  # noqa: BLE001 - the function may raise anything
            answer = {"error": self.describe(error)}
        finally:
            _flush()
        answer["seconds"] = CLOCK() - start
        if request["memory"]:
            answer["peak"] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        after = [_array_bytes(value) for value in (*arguments, *keywords.values())]
        answer["changed"] = [place for place, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
        return answer

    def describe(self, error: BaseException) -> dict:
        """Return an exception as plain data: type, built-in types it is one of, message, the file's own lines."""
        try:
            message = str(error)
        except BaseException:  # noqa: BLE001 - its __str__ is the learner's too
            message = "(its message cannot be shown)"
        frames = [
            [frame.lineno or 0, frame.name, frame.line or ""]
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == self.path
        ]
        if isinstance(error, SyntaxError) and error.filename == self.path:
            frames.append([error.lineno or 0, "", (error.text or "").strip("\n")])
            message = error.msg
        bases = [kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind]
        return {
            "type": type(error).__name__,
            "bases": bases,
            "message": message[:LONGEST_MESSAGE],
            "frames": frames[-FRAMES:],
        }

    def keep(self, value: Any) -> wire.Kept:
        """Take in a value that does not travel."""
        number = len(self.kept)
        self.kept[number] = value
        kind = type(value).__name__
        return wire.Kept("handle", number, f"a {kind} of objects" if kind == "ndarray" else f"a {kind}")

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
            wire.send(self.replies, {"callback": number, "arguments": arguments}, self.keep)
            answer = wire.receive(self.requests, self.revive)
            if "error" in answer:
                raise ValueError(answer["error"])
            return answer["value"]

        return function


def _array_bytes(value: Any) -> Any:
    """Return the bytes of the arrays in an argument, which say whether a call has changed it."""
    if isinstance(value, np.ndarray):
        return np.ndarray.tobytes(value)
    if isinstance(value, list | tuple):
        return [_array_bytes(item) for item in value]
    if isinstance(value, dict):
        return {key: _array_bytes(item) for key, item in value.items()}
    return value if isinstance(value, int | float | str) else None


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
    try:
        Submission(inbox, outbox).serve()
    except (EOFError, OSError):
        pass  # the grader has gone
    finally:
        os._exit(0)
