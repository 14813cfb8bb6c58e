"""The `review` command: an interviewer's questions one at a time, the answer on a key, then one's own mark."""

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from katagrad.clock import SYSTEM, Clock, local_day
from katagrad.katas.catalog import Catalog, Followup, Kata
from katagrad.practice import keys as keyboard
from katagrad.practice.keys import Keys
from katagrad.practice.status import Status, listing
from katagrad.record.history import History, add_mark
from katagrad.record.schedule import Item, Mark, Schedule, marks
from katagrad.terminal import Terminal, command

MARKS = {str(int(mark)): mark for mark in Mark}
ANSWER_KEYS = {"Enter": "show the answer", "q": "quit"}
MARK_KEYS = {**{key: mark.word for key, mark in MARKS.items()}, "q": "quit"}


# More new questions a day come back as more due ones than anybody answers.
NEW_A_DAY = 10


class Question(NamedTuple):
    """One question, with the kata that it follows."""

    kata: Kata
    asked: Followup

    @property
    def item(self) -> Item:
        """Return its key in the schedule."""
        return Item(self.kata.path, self.asked.question)


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Ask all questions of the named katas; without a name, the due ones and at most ten new ones a day."""
    terminal, history = Terminal(), History(catalog.root, clock)
    questions = [Question(kata, asked) for kata in catalog.select(options.names) for asked in kata.followups]
    try:
        with keyboard.hanging_up(), keyboard.listening() as keys:
            if not (keys.available and terminal.interactive):
                _print(terminal, questions)
                return 0
            wanted = in_order(Schedule(history), questions, named=bool(options.names))
            today = wanted if options.names else of_today(history, wanted)
            if wanted and not today:
                terminal.line(f"No question is due, and {NEW_A_DAY} new ones a day are enough.")
                terminal.line(f"For those of one kata: {command('review', 'KATA')}", "dim")
            else:
                _ask_all(terminal, history, keys, today)
    except keyboard.HangUp:
        return 1
    except KeyboardInterrupt:
        terminal.line()
    terminal.notices(history.notices)
    return 0


def in_order(schedule: Schedule, questions: Sequence[Question], *, named: bool) -> list[Question]:
    """Return the questions to ask: due ones, longest overdue first; new ones; if katas were named, the rest."""
    new = [question for question in questions if schedule.due_date(question.item) is None]
    known = [question for question in questions if schedule.due_date(question.item)]
    known.sort(key=lambda question: schedule.days[question.item])
    due = [question for question in known if schedule.is_due(question.item)]
    return [*due, *new, *(known[len(due) :] if named else [])]


def of_today(history: History, questions: Sequence[Question]) -> list[Question]:
    """Return the due questions, and as many new ones as a day still has, those of solved katas first."""
    given, today, solved = marks(history), history.clock.today(), history.solved()
    begun = sum(local_day(of_one[0][0]) == today for item, of_one in given.items() if item.question)
    due = [question for question in questions if question.item in given]
    new = [question for question in questions if question.item not in given]
    new.sort(key=lambda question: question.kata.path not in solved)
    return [*due, *new[: max(0, NEW_A_DAY - begun)]]


def _print(terminal: Terminal, questions: Sequence[Question]) -> None:
    """Print all questions and answers, where there are no keys to ask with."""
    path = ""
    for question in questions:
        if question.kata.path != path:
            path = question.kata.path
            terminal.line(path, "bold")
        terminal.line(question.asked.question, indent=2, label="? ")
        _answer(terminal, question.asked)


def _ask_all(terminal: Terminal, history: History, keys: Keys, questions: Sequence[Question]) -> None:
    """Ask the questions in turn, until the last one or until the person quits."""
    given: Counter[Mark] = Counter()
    for number, question in enumerate(questions, start=1):
        mark = _ask(terminal, keys, question, f"{number} of {len(questions)}")
        if mark is None:
            break
        with history.transaction() as connection:
            add_mark(connection, *question.item, history.now(), mark)
        given[mark] += 1
        terminal.line(f"{mark.word.capitalize()}: next review {Schedule(history).due_text(question.item)}", indent=5)
        terminal.line()
    _tell_end(terminal, history, questions, given)


def _ask(terminal: Terminal, keys: Keys, question: Question, place: str) -> Mark | None:
    """Ask one question and return the person's own mark; None if they quit."""
    status = Status(terminal)
    terminal.line(f"{question.kata.path}   {place}", "bold")
    terminal.line(question.asked.question, indent=2, label="?  ")
    status.ask(listing(ANSWER_KEYS))
    key = keys.wait_for((" ", "\r", "\n", *keyboard.QUIT))
    status.clear()
    if key in keyboard.QUIT:
        return None
    _answer(terminal, question.asked)
    status.ask("How well did you know it?  " + listing(MARK_KEYS))
    key = keys.wait_for((*MARKS, *keyboard.QUIT))
    status.clear()
    return MARKS.get(key)


def _answer(terminal: Terminal, asked: Followup) -> None:
    for point in asked.answer:
        terminal.line(point, "green", indent=5, label="- ")
    terminal.line(asked.source, "dim", indent=5, label="Source: ")


def _tell_end(terminal: Terminal, history: History, questions: Sequence[Question], given: Counter[Mark]) -> None:
    """Say what was marked, and when the next of these questions is due."""
    if not questions:
        terminal.line("No question is due, and none is new.")
    elif given:
        marks = ", ".join(f"{given[mark]} {mark.word}" for mark in Mark if given[mark])
        terminal.line(f"{given.total()} of {len(questions)} answered: {marks}", "bold")
    schedule = Schedule(history)
    days = [day for question in questions if (day := schedule.due_date(question.item))]
    if days:
        item = next(question.item for question in questions if schedule.due_date(question.item) == min(days))
        terminal.line(f"The next is due {schedule.due_in(item)}.")
