"""An interview in one process: its katas and questions one after the other, from wherever it was left."""

from dataclasses import dataclass
from pathlib import Path

from katagrad.clock import duration
from katagrad.grading import report
from katagrad.grading.warm import Grader
from katagrad.katas.catalog import Catalog, Kata
from katagrad.practice import keys as keyboard
from katagrad.practice.blank import check_writable, make_blank
from katagrad.practice.coding import Coding
from katagrad.practice.keys import Keys
from katagrad.practice.questions import Asking, LeftError
from katagrad.practice.watcher import Saves
from katagrad.record import backups, interviews, sessions
from katagrad.record.history import History
from katagrad.record.interview import Interview, Part, Question
from katagrad.terminal import Terminal, command


@dataclass
class Interviewing:
    """An interview at a terminal; what is done is in the history, and the next step follows from it."""

    terminal: Terminal
    history: History
    grader: Grader
    keys: Keys
    catalog: Catalog
    number: int

    def run(self) -> int:
        """Take one step after the other; return 0 once all are done."""
        try:
            return self._take_steps()
        except LeftError:
            return self._tell_interrupted(1)
        except keyboard.HangUp:
            return 1
        except KeyboardInterrupt:
            return self._tell_interrupted(130)
        except OSError as error:
            self.terminal.line(backups.problem(error), "red")
            return self._tell_interrupted(1)

    def _take_steps(self) -> int:
        katas = {kata.path: kata for kata in self.catalog.katas}
        done: set[tuple[str, str]] = set()
        while interview := interviews.interview(self.history, self.number):
            step = interview.next_step()
            if step is None:
                for part in interview.parts:
                    if part.session is None:
                        self.terminal.line(f"{part.kata} was not begun: no time was left for it.", "bold")
                interviews.finish(self.history, interview)
                return 0
            part, question = step
            name = part.kata, question.text if question else ""
            if name in done:
                break  # it could not be stored
            done.add(name)
            status = self._ask(interview, part, question) if question else self._code(interview, part, katas[part.kata])
            if status:
                return self._tell_interrupted(status)
        return self._tell_not_stored()

    def _code(self, interview: Interview, part: Part, kata: Kata) -> int:
        """Have a kata coded: begin it, or go on with it."""
        number, parts = interview.parts.index(part) + 1, len(interview.parts)
        if part.session:
            check_writable(kata)
            session, copy = part.session, None
        else:
            copy = make_blank(kata)
            session = sessions.begin(self.history, kata, self.number)
            if not session.id:
                return self._tell_not_stored()
        limit = session.seconds + interview.coding_left(part)
        saves, lines = Saves(self.catalog), _introduction(kata, f"kata {number} of {parts}", copy)
        self.terminal.ring()
        place = f"{number}/{parts}"
        return Coding(
            self.terminal, self.history, self.grader, self.keys, saves, kata, session, lines, limit=limit, place=place
        ).run()

    def _ask(self, interview: Interview, part: Part, question: Question) -> int:
        """Ask a question, and have the answer marked."""
        place = f"question {part.questions.index(question) + 1} of {len(part.questions)}"
        self.terminal.ring()
        Asking(self.terminal, self.history, self.keys, interview.id, question, place).run()
        return 0

    def _tell_not_stored(self) -> int:
        self.terminal.notices(self.history.notices)
        self.terminal.line("What cannot be stored would be lost, so the interview stops here.", "red")
        return 1

    def _tell_interrupted(self, status: int) -> int:
        """Say how much time is left, and how to go on."""
        interview = interviews.interview(self.history, self.number)
        left = f" with {duration(interview.left)} left" if interview else ""
        self.terminal.line()
        self.terminal.line(f"Interrupted{left}; the card will count it. To go on: {command('interview')}")
        self.terminal.notices(self.history.notices)
        return status


def _introduction(kata: Kata, place: str, copy: Path | None) -> list[str]:
    return [
        f"{place}: {kata.path}   {kata.difficulty}, par {duration(60 * kata.minutes)}",
        f"  {report.start_of(kata)}",
        *([f"  your text before is kept: {copy.relative_to(kata.root).as_posix()}"] if copy else []),
    ]
