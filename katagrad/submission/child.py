"""The process of a learner's file: loads it, then answers calls until it is killed.

It never holds a grader, an expected value or a say in the verdict. Whatever it sends is plain data with the number of
the call. The file runs in a thread of its own (`apart`); this one, which answers, runs nothing of the file's.
"""

import _signal
import _thread
import builtins
import faulthandler
import gc
import linecache
import os
import signal
import sys
import tempfile
import threading
import tracemalloc
import types
from _thread import stack_size, start_new_thread
from collections.abc import Callable
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any, BinaryIO

import numpy as np

from katagrad.submission import apart, guard, heap, imports, landlock, whereabouts, wire
from katagrad.submission.digest import digest

# The file may replace what modules have; what answers for it keeps its own.
_BUILTINS = vars(builtins)
_OWN_BUILTINS = {**_BUILTINS}
_end, _generator, _ndarray, _nan = os._exit, np.random.default_rng, np.ndarray, np.nan
_is_collecting, _stop_collecting, _collect = gc.isenabled, gc.disable, gc.enable
_trace_memory, _trace_no_memory, _traced_memory = tracemalloc.start, tracemalloc.stop, tracemalloc.get_traced_memory
_dump_later, _dump_not = faulthandler.dump_traceback_later, faulthandler.cancel_dump_traceback_later
_STACK = 2**24


def main(requests: int, replies: int, output: int, trail: int | None) -> None:
    """Take over this process.

    Parameters
    ----------
    requests, replies : descriptors that requests come in on and answers leave on
    output : descriptor of what the file prints
    trail : descriptor to tell on which line is running when a call is stopped; None where no signal can ask for it
    """
    inbox, outbox = os.fdopen(os.dup(requests), "rb"), os.fdopen(os.dup(replies), "wb")
    printed = os.dup(output)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)
    kind = {"mode": "w", "encoding": "utf-8", "errors": "backslashreplace", "newline": "\n", "closefd": False}
    sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - for the process's life
    sys.stdout = open(1, buffering=1, **kind)  # noqa: SIM115
    sys.stderr = open(2, buffering=1, **kind)  # noqa: SIM115
    landlock.die_with_parent()
    # An interrupt would come to this thread, whatever it was meant for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if trail is not None:
        faulthandler.register(whereabouts.SIGNAL, file=trail, all_threads=True)
    try:
        _serve(_new_state(inbox, outbox, trail=trail))
    except (EOFError, OSError):
        _end(wire.NO_PIPE)  # the grader has gone, or the file has closed the pipe to it
    except (RuntimeError, MemoryError):
        _end(wire.NO_ROOM)  # for the thread of the file, or for what is to be answered
    finally:
        _end(0)


def _new_state(requests: BinaryIO, replies: BinaryIO, *, trail: int | None) -> SimpleNamespace:
    """Return what there is to know while a file is served. No class: any can be found, and its methods replaced."""
    return SimpleNamespace(
        requests=requests,
        replies=replies,
        signalled=trail is not None,
        kept={},
        last=0,
        module={},
        jobs=SimpleQueue(),
        results=SimpleQueue(),
        answers=SimpleQueue(),
        handlers={},
        collects=True,
    )


def _serve(state: SimpleNamespace) -> None:
    """Answer requests until the other side goes."""
    gc.set_threshold(700, 10, 10)  # as Python sets it
    _stop_collecting()  # in this thread: the file's garbage is collected in the file's own
    while True:
        request = wire.receive(state.requests, lambda value: _revive(state, value), layout=True)
        answer = {"begin": _begin, "load": _load, "call": _call}[request["do"]](state, request)
        try:
            wire.send(state.replies, {**answer, "number": request["number"]}, lambda value: _keep(state, value))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - too deep, too large, or no memory left for it
            answer = {"unsendable": f"{error}" or type(error).__name__, "number": request["number"]}
            wire.send(state.replies, answer, lambda value: _keep(state, value))
        if request.get("spoil"):
            spoil(answer.get("value"))


def spoil(value: Any) -> None:
    """Overwrite the arrays that were returned, as a caller may: the file must not go on using them."""
    kind = type(value)
    if kind is _ndarray and value.flags.writeable and value.dtype.kind in "biuf":
        value.fill(_nan if value.dtype.kind == "f" else 1)
    elif issubclass(kind, tuple | list):
        for item in tuple.__iter__(value) if issubclass(kind, tuple) else list.__iter__(value):
            spoil(item)


def _begin(*_: Any) -> dict:
    """Answer that this process is there, which may take its time where it is not forked."""
    return {}


def _load(state: SimpleNamespace, request: dict) -> dict:
    """Run the file; the answer has the names that can be called."""
    path, text, scratch, root = request["path"], request["text"], request["scratch"], request["root"]
    os.chdir(scratch)
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != os.path.realpath(root)]
    sys.argv[:] = [path]
    for name in [name for name in sys.modules if name.split(".")[0] in imports.OURS]:
        del sys.modules[name]
    lines = text.split("\n")
    linecache.cache[path] = (len(text), None, [f"{line}\n" for line in lines], path)
    module = types.ModuleType(request["name"])
    module.__file__ = path
    sys.modules[request["name"]] = module
    state.module = vars(module)
    signal.signal = apart.signal_setter(apart.asker(state.results.put, state.answers.get))
    if request["keeps_memory"]:
        heap.keep_what_is_freed()
    if request["guarded"]:
        guard.close(root, scratch, request["limits"])
    # After that, since a thread is bound by what bound the one that started it.
    stack_size(_STACK)
    start_new_thread(apart.work, (state.jobs.get, state.results.put, path, lines))
    stack_size(0)
    _limit_threads(int(request["limits"]["threads"]))
    code, error, _ = _run(state, request["limit"], apart.compiled, text, path)
    if error:
        return {"error": error, "stage": "compile"}
    functions, error, _ = _run(state, request["limit"], apart.load, code, state.module, request["wanted"])
    return {"error": error} if error else {"functions": functions}


def _limit_threads(most: int) -> None:
    """Have every way to start a thread refuse more than there may be."""
    for module, name in (
        *((_thread, "start_new_thread"), (_thread, "start_new"), (_thread, "start_joinable_thread")),
        *((threading, "_start_new_thread"), (threading, "_start_joinable_thread")),
    ):
        if hasattr(module, name):
            setattr(module, name, apart.thread_starter(getattr(module, name), _thread._count, most))  # noqa: SLF001


def _call(state: SimpleNamespace, request: dict) -> dict:
    """Call one function; the answer has its value or error, and digests of the arguments as they are after it."""
    arguments, keywords = request["arguments"], request["keywords"]
    # The file's thread lets go of them last: what they do when they go is the file's own.
    dropped = [state.kept.pop(number, None) for number in request["dropped"]]
    if request["memory"]:
        _trace_memory()
    job = apart.call, state.module, request["function"], arguments, keywords, dropped
    value, error, seconds = _run(state, request["limit"], *job)
    answer = {"error": error, "seconds": seconds}
    if request["memory"]:
        answer["peak"] = _traced_memory()[1]
        _trace_no_memory()
    answer["arguments"] = [digest(argument) for argument in (*arguments, *keywords.values())]
    return answer if error else {**answer, "value": _held(state, value, request["own"])}


def _run(state: SimpleNamespace, limit: float, function: Callable, *arguments: Any) -> tuple[Any, dict | None, float]:
    """Have the file's thread run a function, and answer what it asks for meanwhile; return value, error and seconds."""
    while not state.results.empty():
        state.results.get()
    put, message = state.jobs.put, (function, arguments)
    if not state.signalled:
        _dump_later(limit, file=2)
    while True:
        if state.collects:
            _collect()
        put(message)
        told = state.results.get()
        state.collects = _is_collecting()
        _stop_collecting()
        _BUILTINS.update(_OWN_BUILTINS)
        if type(told) is int:
            start_new_thread(state.handlers[told], (told, None))
            put, message = _nowhere, None
        elif told[0] == "done":
            break
        else:
            put, message = state.answers.put, _ANSWERS[told[0]](state, *told[1:])
    if not state.signalled:
        _dump_not()
    return told[1:]


def _nowhere(_: object) -> None:
    """Answer nothing."""


def _call_back(state: SimpleNamespace, number: int, arguments: tuple) -> tuple[str, Any]:
    """Call the grader's function of a number; return what was wrong with that, and the value."""
    try:
        wire.send(state.replies, {"callback": number, "arguments": arguments}, lambda value: _keep(state, value))
    except wire.WireError as error:
        return f"an argument cannot be handed over: {error}", None
    answer = wire.receive(state.requests, lambda value: _revive(state, value), layout=True)
    return answer.get("error", ""), answer.get("value")


def _set_handler(state: SimpleNamespace, number: int, handler: Any) -> tuple[str, Any]:
    """Have a signal handled: in this thread, where Python has them arrive, by a note to start another for it."""
    try:
        former = _signal.signal(number, state.results.put if callable(handler) else int(handler))
    except Exception as error:  # noqa: BLE001 - raised again where it was asked for
        return f"{error}", None
    former, state.handlers[int(number)] = state.handlers.get(int(number), former), handler
    return "", former


_ANSWERS = {"callback": _call_back, "signal": _set_handler}


def _held(state: SimpleNamespace, value: Any, own: Any) -> Any:
    """Return a value with what stands for those parts that are the file's own (see `contract.own_parts`)."""
    kind = type(value)
    if not own or value is None:
        return value
    if own is True:
        return _keep(state, value)
    if issubclass(kind, dict) and isinstance(own, dict):
        return {key: _held(state, item, own.get(key)) for key, item in dict.items(value)}
    if not issubclass(kind, tuple | list):
        return value
    items = list(tuple.__iter__(value) if issubclass(kind, tuple) else list.__iter__(value))
    fields = wire.fields_of(kind) if issubclass(kind, tuple) else ()
    if isinstance(own, dict):
        # A named tuple with the fields in an order of its own is taken by name, as the contract takes it.
        named = len(fields) == len(items) and {*fields} == {*own}
        parts = [own[field] for field in fields] if named else [*own.values()]
    else:
        parts = own * len(items) if len(own) == 1 else own
    if len(parts) != len(items):
        return value
    items = [_held(state, item, part) for item, part in zip(items, parts, strict=True)]
    return wire.Named(wire.name_of(kind), fields, tuple(items)) if len(fields) == len(items) else items


def _keep(state: SimpleNamespace, value: Any) -> wire.Kept:
    """Take in a value that does not travel."""
    state.last += 1
    state.kept[state.last] = value
    kind = wire.name_of(type(value))
    article = "an" if kind[:1].lower() in {*"aeiou"} else "a"
    return wire.Kept("handle", state.last, f"{article} {kind}" + " of objects" * (kind == "ndarray"))


def _revive(state: SimpleNamespace, value: Any) -> Any:
    """Turn what stands for a value into one."""
    if isinstance(value, wire.Named):
        return _named(state, value)
    if value.kind == "handle":
        return state.kept.get(value.number)
    if value.kind == "rng":
        return _generator(value.number)
    return apart.caller(value.number, apart.asker(state.results.put, state.answers.get))


def _named(state: SimpleNamespace, value: wire.Named) -> tuple:
    """Return a named tuple as the file's own type of that name."""
    kind = state.module.get(value.type_name)
    if isinstance(kind, type) and wire.fields_of(kind) == value.fields:
        return tuple.__new__(kind, value.values)
    return value.values
