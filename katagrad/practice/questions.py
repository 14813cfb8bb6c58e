"""One question of an interview: answered aloud or in writing, against a clock, then marked point by point."""

import time
from dataclasses import dataclass

from katagrad.clock import Stopwatch, duration
from katagrad.practice import keys as keyboard
from katagrad.practice.draft import ENTER, Draft
from katagrad.practice.keys import Keys
from katagrad.practice.status import Status, listing
from katagrad.record import interviews
from katagrad.record.history import History
from katagrad.record.interview import QUESTION_SECONDS, STANDSTILL, Point, Question
from katagrad.terminal import Terminal

BEAT = 1.0
QUIT = "\x04"  # Ctrl-D: letters belong to the answer
MARKS = {"y": True, "n": False}
WORDS = {True: "made", False: "missed"}
MARK_KEYS = {"y": "yes", "n": "no", "b": "back", "q": "interrupt"}
MARKED_KEYS = {"Enter": "goes on", "b": "back", "q": "interrupt"}


class LeftError(Exception):
    """The person leaves the interview, to go on later."""


@dataclass
class Asking:
    """A question at a terminal; `place` says which one it is."""

    terminal: Terminal
    history: History
    keys: Keys
    interview: int
    question: Question
    place: str

    def __post_init__(self) -> None:
        """Set the clock to where the question was left."""
        self.status = Status(self.terminal)
        self.clock = Stopwatch(self.history.clock, self.question.seconds)
        self.stored = self.question.seconds
        self.draft = Draft(self.question.written)

    def run(self) -> None:
        """Ask, then have the answer marked: whichever of that is not done yet.

        Raises
        ------
        LeftError
            If the person leaves; what was typed and marked so far is stored.
        """
        self._tell_question()
        if not self.question.answered:
            self._answer()
        self._mark()

    def _tell_question(self) -> None:
        self.terminal.line()
        self.terminal.line(f"{self.question.kata}   {self.place}", "bold")
        self.terminal.line(self.question.text, indent=2, label="?  ")
        if not self.question.answered:
            how = "Answer aloud, or type. Enter on an empty line ends it; Ctrl-C interrupts."
            self.terminal.line(how, "dim", indent=5)
        for line in self.draft.lines:
            self.terminal.line(line, indent=2, label="> ")

    def _answer(self) -> None:
        """Take lines until an empty one, or until time is up."""
        self.clock.go()
        self.seen = time.monotonic()  # when this process was last known to run
        try:
            while not self.draft.ended and self.clock.seconds < QUESTION_SECONDS:
                self._show_line()
                self._take_characters()
        except (LeftError, KeyboardInterrupt):
            self._keep()
            raise
        self._keep(answered=True)
        self.status.clear()
        if not self.draft.ended:
            self._tell_time_is_up()
        self.keys.discard()

    def _show_line(self) -> None:
        """Show the time left and the line that is being typed."""
        front = f"  {duration(QUESTION_SECONDS - self.clock.seconds)}  > "
        room = self.terminal.width - len(front) - 2
        self.status.show(f"{front}{self.draft.end_of_line(room)}_")

    def _take_characters(self) -> None:
        """Take what was typed within a moment; store it, and the time, every second."""
        while not self.draft.ended and (character := self.keys.get_character()):
            if character == QUIT:
                self.status.clear()
                raise LeftError
            self._type(character)
        if self.clock.seconds - self.stored > BEAT:
            self._keep()
        time.sleep(keyboard.POLL)
        before, self.seen = self.seen, time.monotonic()
        gap = self.seen - before
        if gap >= STANDSTILL:
            self.clock.skip(gap)
            interviews.count_interruption(self.history, self.interview)

    def _type(self, character: str) -> None:
        """Add a character to the answer, and print the line that it ends."""
        line = self.draft.type(character)
        if not self.status.usable:
            self.terminal.echo(character)
        elif line is not None:
            self.status.clear()
            self.terminal.line(line, indent=2, label="> ")

    def _tell_time_is_up(self) -> None:
        """Wait for Enter, so that nothing is marked by the letters of an answer."""
        if self.draft.line:
            self.terminal.line(self.draft.line, indent=2, label="> ")
        self.terminal.line("Time is up.", "yellow", indent=2)
        self.status.ask("  Enter shows the points")
        self.keys.wait_for(ENTER)
        self.status.clear()

    def _keep(self, *, answered: bool = False) -> None:
        """Store the time and what was typed."""
        self.stored = min(self.clock.seconds, QUESTION_SECONDS)
        interviews.keep_answer(self.history, self.question, self.stored, self.draft.written, answered=answered)

    def _mark(self) -> None:
        """Show one point after the other, and store which of them were made; the clock stands."""
        self.terminal.line("The points of a good answer. The clock stands while you mark.", "dim", indent=2)
        self.keys.discard()  # letters that were meant for the answer mark nothing
        marks = [point.made for point in self.question.points]
        for point in self.question.points:
            if point.made is not None:  # before an interruption
                self._tell_mark(point, made=point.made)
        while None in marks or self._takes_back(marks):
            place = marks.index(None)
            marks[place] = self._mark_point(self.question.points[place])
            if marks[place] is None and place:
                self._take_back(marks, place - 1)
        self.terminal.line(self.question.source, "dim", indent=2, label="Source: ")

    def _takes_back(self, marks: list[bool | None]) -> bool:
        """Show what all points come to, and say whether the last mark is taken back after all."""
        self.terminal.line(f"{sum(marks)} of {len(marks)} points", "bold", indent=2)
        self.status.ask("  " + listing(MARKED_KEYS))
        key = self.keys.wait_for((*ENTER, "b", *keyboard.QUIT))
        self.status.clear()
        if key in keyboard.QUIT:
            raise LeftError
        if key == "b":
            self._take_back(marks, len(marks) - 1)
        return key == "b"

    def _take_back(self, marks: list[bool | None], place: int) -> None:
        marks[place] = None
        interviews.take_back_point(self.history, self.question, self.question.points[place])

    def _mark_point(self, point: Point) -> bool | None:
        """Return whether the person has made a point, which is stored; None to go back to the one before."""
        self._tell_point(point)
        self.status.ask("  Did you make this point?  " + listing(MARK_KEYS))
        key = self.keys.wait_for((*MARKS, "b", *keyboard.QUIT))
        self.status.clear()
        if key in keyboard.QUIT:
            raise LeftError
        if key not in MARKS:
            return None
        interviews.mark_point(self.history, self.question, point, made=MARKS[key])
        self.terminal.line(WORDS[MARKS[key]], "dim", indent=4)
        return MARKS[key]

    def _tell_point(self, point: Point) -> None:
        self.terminal.line(point.text, "green", indent=2, label="- ")

    def _tell_mark(self, point: Point, *, made: bool) -> None:
        self._tell_point(point)
        self.terminal.line(f"marked before: {WORDS[made]}", "dim", indent=4)
