"""The code of one kata in an interview: a practice session without a pause, whose time ends."""

from dataclasses import dataclass, replace

from katagrad.clock import duration
from katagrad.practice import keys as keyboard
from katagrad.practice.hints import show_hint
from katagrad.practice.loop import Event
from katagrad.practice.sitting import Sitting
from katagrad.practice.status import listing
from katagrad.record import interviews, sessions
from katagrad.record.interview import STANDSTILL
from katagrad.record.schedule import mark_of
from katagrad.record.sessions import Ending

KEYS = {"n": "next", "h": "hint", "g": "give up", "q": "interrupt"}
# What asks once more: the question, and what its key does.
CONFIRMED = {
    "n": ("leave this kata, without its questions?", "leave it", Ending.LEFT),
    "g": ("give up, and go on to its questions?", "give up", Ending.GAVE_UP),
}
SENTENCES = {
    Ending.SOLVED: "Solved in {time}, par {par}.",
    Ending.GAVE_UP: "Given up after {time}, par {par}.",
    Ending.TIME_UP: "Time is up: {time} on this kata, par {par}. The last save counts.",
    Ending.LEFT: "Left after {time}, par {par}. The last save counts.",
}


@dataclass
class Coding(Sitting):
    """One kata of an interview; `limit` is the time on its own clock at which it ends.

    `result` is 0 once the kata has ended, however it did.
    """

    limit: float = float("inf")
    place: str = ""
    asking: str = ""
    beat = 1.0
    opened = {}  # noqa: RUF012 - nothing opens while the interview goes on

    def introduce(self) -> None:
        """Start the clock, and say what is asked."""
        self.clock.go()
        self.terminal.line()
        for number, line in enumerate(self.introduction):
            self.terminal.line(line, "" if number else "bold")

    def take(self, event: Event) -> None:
        """Count a long standstill as an interruption, which is not on the clock; a short one is.

        When time is up the kata ends, after a save of the last moment.
        """
        if event.still < STANDSTILL:
            event = event._replace(still=0.0)
        else:
            interviews.count_interruption(self.history, self.session.interview)
        super().take(event)
        if self.result is None and self.clock.seconds >= self.limit:
            self.end(Ending.TIME_UP, self.limit)

    def press(self, key: str) -> None:
        """Carry out what a key stands for; leaving a kata asks once more."""
        asking, self.asking = self.asking, ""
        if key in keyboard.QUIT:
            self.leave()
            self.result = 1
        elif asking and key == asking:
            self.look()  # a save that was not graded yet counts
            if self.result is None:
                self.end(CONFIRMED[key][-1], self.clock.seconds)
        elif asking:
            return
        elif key in CONFIRMED:
            self.asking = key
        elif key == "h":
            self.status.clear()
            show_hint(self.terminal, self.history, self.kata)

    def end(self, outcome: Ending, seconds: float) -> None:
        """Store how the kata ended, and say so."""
        self.clock.stop()
        self.status.clear()
        ended = replace(self.session, outcome=outcome, seconds=min(seconds, self.limit), hints=self._hints())
        mark = mark_of(ended.seconds, ended.par, ended.hints, gave_up=outcome is not Ending.SOLVED)
        sessions.finish(self.history, ended, mark)
        times = {"time": duration(ended.seconds), "par": duration(ended.par)}
        self.terminal.line(SENTENCES[outcome].format(**times), "bold")
        self.result = 0

    def leave(self) -> None:
        """Stop the clock; whoever runs the interview says how to go on."""
        self.clock.stop()
        self.keep_time()
        self.status.clear()

    def hung_up(self) -> int:
        """Store the time; nothing can be printed any more.

        Raises
        ------
        HangUp
            Always: the interview ends, too.
        """
        self.keep_time()
        raise keyboard.HangUp

    def foot(self) -> None:
        """Show the clock, the time left for code, and the keys there are."""
        if self.asking:
            question, does, _ = CONFIRMED[self.asking]
            self.status.show(question, listing({self.asking: does, "any other": "stay"}))
        else:
            left = duration(max(0.0, self.limit - self.clock.seconds))
            self.status.show(f"{self.place}   {self._time()}   {left} for code", listing(KEYS))
