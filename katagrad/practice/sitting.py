"""A practice session in one process: its clock, saves, keys and how it ends.

Everything about it is in the history at every moment, so that it may be resumed whatever ends the process.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from katagrad.clock import Stopwatch, duration
from katagrad.grading import report
from katagrad.grading.warm import FileText
from katagrad.katas import stubs
from katagrad.katas.catalog import Kata
from katagrad.practice import keys as keyboard
from katagrad.practice.hints import show_hint
from katagrad.practice.loop import Event, Loop
from katagrad.practice.result import tell_result
from katagrad.practice.status import listing
from katagrad.record import sessions
from katagrad.record.schedule import mark_of
from katagrad.record.sessions import Ending, Session
from katagrad.terminal import command
from katagrad.verdict import Bar, State, Verdict

KEYS = {"h": "hint", "p": "pause", "g": "give up", "q": "stop"}
PAUSED_KEYS = {"p": "go on", "q": "stop"}
CONFIRM_KEYS = {"g": "show the reference", "any other": "go on"}
# Seconds between two times that the clock is stored: what a killed process may lose.
BEAT = 5.0
# No mistakes: a function that is not there yet, a grader that could not go on.
NO_SLIP = {"unwritten", "grader"}


@dataclass
class Sitting(Loop):
    """One session with one kata."""

    session: Session
    introduction: Sequence[str] = ()
    giving_up: bool = False
    beat = BEAT
    # What the verdict on a solved kata offers instead of other commands.
    opened = None

    def __post_init__(self) -> None:
        """Set the clock to where the session was left."""
        super().__post_init__()
        self.clock = Stopwatch(self.history.clock, self.session.seconds)
        self.stored = self.saved_at = self.session.seconds

    def introduce(self) -> None:
        """Start the clock, and print what there is to know."""
        self.clock.go()
        for number, line in enumerate(self.introduction):
            self.terminal.line(line, "" if number else "bold")
        ends = "" if self.keys.available else " Ctrl-C stops it."
        self.terminal.line(f"The clock runs; every save is graded.{ends}", indent=2)

    def take(self, event: Event) -> None:
        """Keep the time, carry out a key, and grade what was saved."""
        self.clock.skip(event.still)
        self.tick()
        if event.key:
            self.press(event.key)
        if self.kata in event.saved and self.clock.running and self.result is None:
            self.look()

    def tick(self) -> None:
        """Store the time every few seconds."""
        if self.clock.running and self.clock.seconds - self.stored > self.beat:
            self.keep_time()

    def heeds(self, kata: Kata) -> bool:
        """Return whether it is the kata of the session."""
        return kata == self.kata

    def press(self, key: str) -> None:
        """Carry out what a key stands for."""
        if self.giving_up:
            self.giving_up = False
            if key == "g":
                self.end(Ending.GAVE_UP, self.clock.seconds)
        elif key in keyboard.QUIT:
            self.leave()
            self.result = 1
        elif key == "p":
            self.pause_or_go_on()
        elif key == "h" and self.clock.running:
            self.status.clear()
            show_hint(self.terminal, self.history, self.kata)
        elif key == "g" and self.clock.running:
            self.giving_up = True

    def pause_or_go_on(self) -> None:
        """Stop the clock, or start it again and grade what was saved meanwhile."""
        if self.clock.running:
            self.clock.stop()
            self.keep_time()
        else:
            self.clock.go()
            self.look()

    def skips(self, text: FileText) -> bool:
        """Return whether nothing has been filled in yet."""
        return text.whole and stubs.may_be_blank(text.source.text) and stubs.is_blank(text.source.text)

    def grading(self) -> str:
        """Read the clock: a save that solves the kata ends the session at this time, however long grading takes."""
        self.saved_at = self.clock.seconds
        return f"{self._time()}   grading"

    def judged(self, text: FileText, verdict: Verdict) -> None:
        """Record and print a verdict; end the session if it is solved."""
        attempt = self._record(text, verdict)
        self.keep_time()
        self.terminal.line(f"{duration(self.saved_at)} of {duration(self.session.par)}", "dim")
        report.in_full(self.terminal, self.kata, verdict, attempt, self._hints(), opened=self.opened)
        self.terminal.notices(self.history.notices)
        if verdict.state is State.SOLVED:
            self.end(Ending.SOLVED, self.saved_at)

    def _record(self, text: FileText, verdict: Verdict) -> int:
        """Store an attempt, and what it got wrong unless it was stored before; return its number."""
        if text.source is None:
            return 0
        before = self.history.count(self.kata.path)
        attempt = self.history.record(verdict, text.source.text, self.session.id)
        if attempt > before:
            broken = [rule for rule in verdict.rules_of(Bar.CORE) if rule.failure]
            slips = [rule for rule in broken if rule.failure.kind not in NO_SLIP]
            sessions.keep_slips(self.history, self.session, slips)
        return attempt

    def end(self, outcome: Ending, seconds: float) -> None:
        """End the session: stop the clock, store the result and print it."""
        self.clock.stop()
        self.status.clear()
        gave_up = outcome is Ending.GAVE_UP
        best = sessions.best(self.history, self.kata.path)
        ended = replace(self.session, outcome=outcome, seconds=seconds, hints=self._hints())
        mark = mark_of(seconds, ended.par, ended.hints, gave_up=gave_up)
        sessions.finish(self.history, ended, mark)
        tell_result(self.terminal, self.history, self.kata, ended, best=best, mark=mark)
        self.terminal.notices(self.history.notices)
        self.result = int(gave_up)

    def leave(self) -> None:
        """Stop the clock and leave the session to be resumed."""
        self.clock.stop()
        self.keep_time()  # first: the terminal may be gone
        self.status.clear()
        self.terminal.line(f"Stopped at {self._time()}. To go on: {command('practice', self.kata.name)}")

    def hung_up(self) -> int:
        """Store the time; the session may be resumed."""
        self.keep_time()
        return 1

    def interrupted(self) -> int:
        """Leave the session to be resumed."""
        self.leave()
        return 130

    def keep_time(self) -> None:
        """Store the time on the clock."""
        self.stored = self.clock.seconds
        sessions.keep_time(self.history, self.session, self.stored)

    def foot(self) -> None:
        """Show the clock, and the keys there are."""
        keys = CONFIRM_KEYS if self.giving_up else KEYS if self.clock.running else PAUSED_KEYS
        state = "give up?" if self.giving_up else self._time() if self.clock.running else f"paused at {self._time()}"
        self.status.show(state, listing(keys) if self.keys.available else "")

    def _time(self) -> str:
        return f"{duration(self.clock.seconds)} of {duration(self.session.par)}"

    def _hints(self) -> int:
        """Return the hints shown in this session, those asked for in another terminal too."""
        stored = sessions.open_session(self.history, self.kata.path)
        return stored.hints if stored else 0
