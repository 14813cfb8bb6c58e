"""Grades in one process again and again: pytest, NumPy and what submissions are forked from stay loaded."""

import ast
import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from katagrad.grading.grading import GraderError, Job, UnreadableError, grade, read
from katagrad.katas import stubs
from katagrad.katas.catalog import Kata
from katagrad.submission.process import warm_up
from katagrad.submission.proxy import Interrupted, Source
from katagrad.verdict import State, Verdict

# Seconds in which an editor that was caught while writing will be done.
HALF_WRITTEN = 0.04


@dataclass(frozen=True)
class FileText:
    """What a learner's file holds, or why it cannot be read."""

    source: Source | None
    problem: str = ""

    @property
    def blank(self) -> bool:
        """Say whether there is nothing in it at all, as while an editor writes it anew."""
        return self.source is None or not self.source.text.strip()

    @property
    def whole(self) -> bool:
        """Say whether it looks like a file that was written to its end."""
        if self.blank:
            return False
        if not stubs.is_tame(self.source.text):
            return True  # its own process will see
        try:
            ast.parse(self.source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True


class Grader:
    """Grades texts as they change, none of them twice in a row."""

    def __init__(self) -> None:
        warm_up()  # before any grader is in memory
        self.ready = False
        self.last: dict[str, FileText] = {}
        self.graders: dict[str, bytes] = {}

    def get_ready(self, kata: Kata) -> None:
        """Load what the first grading would otherwise load, unless there was one, by grading a kata blank."""
        if self.ready:
            return
        self.ready = True
        self._forget_old_grader(kata)
        with contextlib.suppress(GraderError):  # told of when there is something to grade
            grade(Job(kata, Source(kata.exercise, stubs.derive(kata)), skip_blank=False))

    def changed(self, kata: Kata) -> FileText | None:
        """Return the text in a kata's file; None if it is the one that was graded last."""
        text, last = _read(kata), self.last.get(kata.path)
        if text != last and not text.whole:
            time.sleep(HALF_WRITTEN)
            text = _read(kata)
        return None if text == last else text

    def know(self, kata: Kata, text: FileText) -> None:
        """Take a text as one that need not be graded."""
        self.last[kata.path] = text

    def forget(self, kata: Kata) -> None:
        """Have a kata's text graded whether it has changed or not."""
        self.last.pop(kata.path, None)

    def grade(self, kata: Kata, text: FileText, interrupted: Callable[[], bool] | None = None) -> Verdict:
        """Grade a text.

        Parameters
        ----------
        kata, text : what to grade
        interrupted : asked about fifty times a second, whether there is something better to do by now: a newer text

        Raises
        ------
        GraderError
            If the grader itself fails to run.
        Interrupted
            If `interrupted` said so; the text counts as one that was not graded.
        """
        self.know(kata, text)
        if text.source is None:
            where = kata.exercise.relative_to(kata.root).as_posix()
            return Verdict(kata.path, State.BROKEN, problem=text.problem, where=where)
        self._forget_old_grader(kata)
        try:
            verdict = grade(Job(kata, text.source), interrupted)
        except Interrupted:
            self.forget(kata)
            raise
        self.ready = self.ready or bool(verdict.rules)
        return verdict

    def _forget_old_grader(self, kata: Kata) -> None:
        """Have a grader whose text has changed imported again."""
        text = kata.grader.read_bytes() if kata.grader.is_file() else b""
        if self.graders.setdefault(kata.path, text) == text:
            return
        self.graders[kata.path] = text
        old = [name for name, module in sys.modules.items() if getattr(module, "__file__", None) == str(kata.grader)]
        for name in old:
            del sys.modules[name]


def _read(kata: Kata) -> FileText:
    try:
        return FileText(read(kata.exercise))
    except UnreadableError as error:
        return FileText(None, error.reason)
