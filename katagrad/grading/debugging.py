"""Stops a debugger in the learner's own function, called as the rule that broke has called it.

The rule itself ran before, with the file in a process of its own. Its calls are made again in this process, where a
debugger can follow them; nothing of the grader is on the way.
"""

import bdb
import copy
import pdb  # noqa: T100 - that is what this module is for
import sys
from collections.abc import Callable, Sequence
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

from katagrad.grading.values import show
from katagrad.submission.child import spoil
from katagrad.submission.contract import Handle
from katagrad.submission.proxy import Call, Source
from katagrad.terminal import Terminal
from katagrad.verdict import Kind, Rule

# Not stepped into: the runner, and what a grader hands over to be called.
_SKIPPED = ["katagrad.*", "tests.*", "test_*"]
_AT_FIRST_LINE = "stopped at the first line:  n next line  s into a call  p NAME a value  c to the end  q quit"
_WHERE_IT_RAISED = "stopped where it raised:  p NAME a value  u up  d down  q quit"


def load_directly(source: Source) -> ModuleType:
    """Import a submission into this process."""
    module = ModuleType(source.path.stem)
    module.__file__ = str(source.path)
    sys.modules[source.path.stem] = module
    exec(compile(source.text, str(source.path), "exec"), vars(module))  # noqa: S102 - what a debugger is for
    return module


def stop_in(terminal: Terminal, source: Source, rule: Rule, calls: Sequence[Call]) -> None:
    """Make a broken rule's calls again, and stop in the last one: where it raises, or at its first line."""
    try:
        replay = _Replay(load_directly(source))
        for call in calls[:-1]:
            replay.make(call)
        function, arguments = replay.prepared(calls[-1])
        if rule.failure.kind in (Kind.RAISED, Kind.UNWRITTEN):
            _stop_where_it_raises(terminal, source, function, arguments)
        else:
            terminal.line(_AT_FIRST_LINE, "dim")
            value = pdb.Pdb(skip=_SKIPPED).runcall(function, **arguments)
            terminal.line(show(value), label="returned ")
    except bdb.BdbQuit:
        return


def _stop_where_it_raises(terminal: Terminal, source: Source, function: Callable, arguments: dict[str, Any]) -> None:
    try:
        value = function(**arguments)  # a breakpoint() in it stops there
    except bdb.BdbQuit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the file raises
        terminal.line(f"{type(error).__name__}: {error}", "bold")
        terminal.line(_WHERE_IT_RAISED, "dim")
        debugger = pdb.Pdb(skip=_SKIPPED)
        debugger.reset()
        debugger.interaction(None, _own_part(error.__traceback__, str(source.path)))
    else:
        terminal.line(show(value), label="returned ")


def _own_part(place: TracebackType, path: str) -> TracebackType:
    """Return a traceback from the first line in the learner's file to the last one in it."""
    places = []
    while place is not None:
        places.append(place)
        place = place.tb_next
    own = [place for place in places if place.tb_frame.f_code.co_filename == path] or places
    own[-1].tb_next = None  # what NumPy does inside is nobody's concern
    return own[0]


class _Replay:
    """Calls the functions of a module as they were called in another process."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.kept: dict[int, Any] = {}

    def make(self, call: Call) -> None:
        """Make a call, and keep those parts of its result that later calls are given."""
        function, arguments = self.prepared(call)
        try:
            result = function(**arguments)
        except Exception:  # noqa: BLE001 - the rule expected it
            return
        self.keep(call.value, result)
        if call.spoilt:
            spoil(result)

    def prepared(self, call: Call) -> tuple[Callable, dict[str, Any]]:
        """Return the function and the arguments of a call."""
        return vars(self.module)[call.function], {name: self.given(value) for name, value in call.arguments.items()}

    def given(self, value: Any) -> Any:
        """Return an argument as the submission was given it."""
        if isinstance(value, Handle):
            return self.kept.get(value.number)
        if isinstance(value, np.random.Generator):
            return np.random.default_rng(int(copy.deepcopy(value).integers(2**63)))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            kind = getattr(self.module, type(value).__name__, type(value))
            return kind(*map(self.given, value))
        if isinstance(value, tuple | list):
            return type(value)(map(self.given, value))
        if isinstance(value, dict):
            return {key: self.given(part) for key, part in value.items()}
        return value

    def keep(self, told: Any, result: Any) -> None:
        """Keep what stands behind the handles of a result that came from another process."""
        if isinstance(told, Handle):
            self.kept[told.number] = result
        elif isinstance(told, tuple | list):
            parts = [result[name] for name in told._fields] if isinstance(result, dict) else result
            for one, part in zip(told, parts, strict=False):
                self.keep(one, part)
