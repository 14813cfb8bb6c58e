"""What an interview is: its katas, their questions and points, and how far it is.

The clock of an interview is the sum of the clocks of its sessions and its questions, and its next step is the first one
that is not done, so nothing has to be kept in step.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from katagrad.record.schedule import Mark
from katagrad.record.sessions import Ending, Session

# The time for the answer to one question.
QUESTION_SECONDS = 180.0
# A kata is not begun with less time than this.
LEAST_SECONDS = 60.0
# A process that stands still for so long is interrupted: by Ctrl-Z, or asleep with the machine.
STANDSTILL = 10.0
# How a kata ended after which its questions are asked.
_ASKED_AFTER = {Ending.SOLVED, Ending.GAVE_UP, Ending.TIME_UP}


class Outcome(StrEnum):
    """What became of an interview; an open one may be resumed."""

    OPEN = "open"
    FINISHED = "finished"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Point:
    """A point of a good answer; `made` is None until the person has marked it."""

    place: int
    text: str
    made: bool | None


@dataclass(frozen=True)
class Question:
    """A question of an interview: the time that its answer took, what was written, and its points."""

    id: int
    kata: str
    text: str
    source: str
    seconds: float
    written: str
    answered: bool
    points: tuple[Point, ...]

    @property
    def is_open(self) -> bool:
        """Return whether it still has to be answered or marked."""
        return not self.answered or any(point.made is None for point in self.points)

    @property
    def made(self) -> int:
        """Count the points that were made."""
        return sum(bool(point.made) for point in self.points)


@dataclass(frozen=True)
class Part:
    """One kata of an interview with its questions; `session` is None until it is begun.

    Attributes
    ----------
    attempts : the number of texts that were graded
    held, total, strict : what the last of them came to
    """

    kata: str
    par: float
    session: Session | None
    attempts: int
    held: int
    total: int
    strict: bool
    questions: tuple[Question, ...]

    @property
    def is_solved(self) -> bool:
        """Return whether the kata was solved."""
        return self.session is not None and self.session.outcome is Ending.SOLVED

    @property
    def asked(self) -> tuple[Question, ...]:
        """Return the questions that are asked: none if the kata was left or never begun."""
        return self.questions if self.session and self.session.outcome in _ASKED_AFTER else ()


@dataclass(frozen=True)
class Interview:
    """One interview; `interruptions` counts how often it was resumed, or stood still."""

    id: int
    begun: datetime | None
    ended: datetime | None
    outcome: Outcome
    minutes: int
    seed: int
    interruptions: int
    parts: tuple[Part, ...]

    @property
    def seconds(self) -> float:
        """Return what stands on its clock."""
        coding = sum(part.session.seconds for part in self.parts if part.session)
        return coding + sum(question.seconds for part in self.parts for question in part.questions)

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.0, 60.0 * self.minutes - self.seconds)

    def coding_left(self, part: Part) -> float:
        """Return the seconds that are left for code from a part on: the answers to its questions have theirs."""
        ahead = self.parts[self.parts.index(part) :]
        return max(0.0, self.left - QUESTION_SECONDS * sum(len(each.questions) for each in ahead))

    def next_step(self) -> tuple[Part, Question | None] | None:
        """Return the kata to begin or to go on with, or its question to ask; None if all is done."""
        for part in self.parts:
            if part.session is None:
                if self.coding_left(part) >= LEAST_SECONDS:
                    return part, None
            elif part.session.outcome is Ending.OPEN:
                return part, None
            for question in part.asked:
                if question.is_open:
                    return part, question
        return None

    @property
    def solved(self) -> int:
        """Count the katas that were solved."""
        return sum(part.is_solved for part in self.parts)

    @property
    def strict(self) -> int:
        """Count the katas that met both bars."""
        return sum(part.strict for part in self.parts)

    @property
    def hints(self) -> int:
        """Count the hints that were shown."""
        return sum(part.session.hints for part in self.parts if part.session)

    @property
    def points(self) -> tuple[int, int]:
        """Return how many points were made, and of how many: those of the questions that were asked."""
        asked = [question for part in self.parts for question in part.asked]
        return sum(question.made for question in asked), sum(len(question.points) for question in asked)


def mark_of_points(made: int, points: int) -> Mark:
    """Return the mark that an answer comes to: easy for all of its points, good, hard, and again for under a third."""
    if made == points:
        return Mark.EASY
    return Mark.GOOD if 3 * made >= 2 * points else Mark.HARD if 3 * made >= points else Mark.AGAIN
