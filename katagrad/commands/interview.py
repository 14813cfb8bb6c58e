"""The `interview` command: katas and questions on one clock, and a score card at the end."""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from katagrad.clock import SYSTEM, Clock, duration
from katagrad.grading.warm import Grader
from katagrad.katas.catalog import Catalog, Kata
from katagrad.page.card import page
from katagrad.page.document import NotWrittenError, check_target, write
from katagrad.practice import keys as keyboard
from katagrad.practice.blank import check_writable
from katagrad.practice.card import tell_card
from katagrad.practice.choice import ASKING, QUESTIONS, NothingFitsError, Wish, choose, choose_up_to
from katagrad.practice.draft import ENTER
from katagrad.practice.interviewing import Interviewing
from katagrad.practice.keys import Keys
from katagrad.practice.status import Status, listing
from katagrad.record import backups, interviews, locks
from katagrad.record.history import FOLDER, History
from katagrad.record.interview import QUESTION_SECONDS, Interview
from katagrad.record.scorecard import card
from katagrad.terminal import Terminal, command

OFFER = {"r": "resume", "n": "abandon it and begin a new one", "q": "leave it"}
# A kata for every so many minutes, where nobody says how many.
MINUTES_PER_KATA = 20


def run(options: argparse.Namespace, catalog: Catalog, clock: Clock = SYSTEM) -> int:
    """Hold an interview, or go on with the one that is under way; with --last, show the last card again."""
    terminal = Terminal()
    try:
        if options.html:
            check_target(Path(options.html))  # before an interview is held for it
    except NotWrittenError as error:
        terminal.line(str(error), "red")
        return 2
    if options.last:
        return _show_last(terminal, History(catalog.root, clock), options)
    katas = _katas(options, catalog)  # a wrong name ends here, before anything is begun
    with locks.exclusive(catalog.root / FOLDER / "practice.lock") as free, keyboard.hanging_up():
        if not free:
            terminal.line("Practice, or an interview, is under way in another terminal.")
            return 2
        history = History(catalog.root, clock)
        with keyboard.listening() as keys:
            if not (keys.available and terminal.interactive):
                terminal.line("An interview asks questions and takes keys: start it in a terminal, without a pipe.")
                return 2
            return _Host(terminal, history, keys, catalog, options).hold(katas)


@dataclass
class _Host:
    """Receives the person at a terminal: offers what is under way, begins what is new, and tells the card."""

    terminal: Terminal
    history: History
    keys: Keys
    catalog: Catalog
    options: argparse.Namespace

    def hold(self, katas: Sequence[Kata]) -> int:
        """Hold the interview that is under way, or a new one, and return the exit status."""
        try:
            return self._hold(katas)
        except NothingFitsError as error:
            self.terminal.line(str(error))
            return 2
        except OSError as error:
            self.terminal.line(backups.problem(error), "red")
            return 1
        except keyboard.HangUp:
            return 1

    def _hold(self, katas: Sequence[Kata]) -> int:
        grader = Grader()
        self.terminal.notices(self.history.notices)
        interview = self._left_or_new(katas)
        self.terminal.notices(self.history.notices)
        if interview is None:
            return 1
        interviewing = Interviewing(self.terminal, self.history, grader, self.keys, self.catalog, interview.id)
        return interviewing.run() or _tell(self.terminal, self.history, self.options, interview.id)

    def _left_or_new(self, katas: Sequence[Kata]) -> Interview | None:
        """Return the interview that is under way if the person goes on with it, or a new one; None for neither."""
        left = interviews.open_interview(self.history)
        if left is None:
            return self._begin(katas)
        if left.next_step() is None:
            return left  # all is done but the card
        choice = "n" if self.options.new else self._offer(left)
        if choice == "r":
            return self._resumed(left)
        return self._begin(katas, left) if choice == "n" else None

    def _offer(self, left: Interview) -> str:
        """Ask what to do with the interview that is under way."""
        part, question = left.next_step()
        now = f"a question about {part.kata}" if question else f"{part.kata}"
        self.terminal.line(
            f"An interview of {left.minutes} minutes is under way: {duration(left.left)} left. It is at {now}.", "bold"
        )
        return self._wait_for(OFFER)

    def _resumed(self, left: Interview) -> Interview | None:
        """Count the interruption and return the interview; None if one of its katas is no longer there."""
        here = {kata.path for kata in self.catalog.katas}
        missing = [part.kata for part in left.parts if part.kata not in here]
        if missing:
            anew = command("interview", "--new")
            self.terminal.line(f"{missing[0]}, a kata of this interview, is no longer there. To begin another: {anew}")
            return None
        interviews.count_interruption(self.history, left.id)
        return left

    def _begin(self, katas: Sequence[Kata], left: Interview | None = None) -> Interview | None:
        """Choose katas, abandon the interview that is under way, and store a new one once the person is ready."""
        options = self.options
        seed = random.randrange(10**6) if options.seed is None else options.seed  # noqa: S311 - no secret
        most = options.katas or max(1, options.minutes // MINUTES_PER_KATA)
        wish = Wish(options.minutes, most, seed, options.difficulty)
        chosen = (choose if options.katas else choose_up_to)(self.history, katas, wish)
        for kata, _ in chosen:
            check_writable(kata)
        if left:
            self._tell_abandoned(left)
        self._introduce(len(chosen), seed)
        if self._wait_for({"Enter": "begin", "q": "not now"}) in keyboard.QUIT:
            return None
        if left:
            interviews.drop(self.history, left)
        return interviews.begin(self.history, options.minutes, seed, chosen)

    def _tell_abandoned(self, left: Interview) -> None:
        """Say what becomes of the interview that is under way."""
        words = f"A new interview abandons the one under way, which has {duration(left.left)} left and gets no card."
        self.terminal.line(words, "bold")
        self.terminal.line("Its attempts, times and marks stay in your history, and your texts stay or are kept.")
        self.terminal.line()

    def _introduce(self, count: int, seed: int) -> None:
        """Say what is to come, and by what rules."""
        minutes = self.options.minutes
        katas = f"{count} katas, {QUESTIONS} questions about each" if count > 1 else f"1 kata, {QUESTIONS} questions"
        self.terminal.line(f"An interview of {minutes} minutes: {katas}", "bold")
        answer = duration(QUESTION_SECONDS)
        for line in (
            f"{minutes - ASKING * count:.0f} minutes are for code, and {answer} for each answer.",
            "Every save is graded, and the last one counts. There is no pause: the clock",
            "stands only while you mark your answers. Interruptions and hints are counted.",
            "g gives a kata up and goes on to its questions; n leaves it without them.",
            f"With the same katas solved, --seed {seed} chooses the same again.",
        ):
            self.terminal.line(line, indent=2)

    def _wait_for(self, offered: dict[str, str]) -> str:
        """Show which keys there are, and return the one that is pressed."""
        status = Status(self.terminal)
        status.ask(listing(offered))
        wanted = [key for name in offered for key in (ENTER if name == "Enter" else (name,))]
        key = self.keys.wait_for((*wanted, *keyboard.QUIT))
        status.clear()
        return key


def _show_last(terminal: Terminal, history: History, options: argparse.Namespace) -> int:
    """Show the card of the last interview that came to its end."""
    done = interviews.finished(history)
    if not done:
        terminal.line(f"No interview has come to its end yet. To begin one: {command('interview')}")
        terminal.notices(history.notices)
        return 1
    return _tell(terminal, history, options, done[-1].id)


def _tell(terminal: Terminal, history: History, options: argparse.Namespace, number: int) -> int:
    """Print the card of an interview, and write it as a page where that is asked for."""
    found = card(history, number)
    if found is None:
        terminal.notices(history.notices)
        terminal.line("The score card cannot be read.", "red")
        return 1
    tell_card(terminal, found)
    status = 0
    if options.html:
        try:
            write(Path(options.html), page(found))
            terminal.line(options.html, "dim", label="written: ", wrap=False)
        except NotWrittenError as error:
            again = command("interview", "--last", "--html", "FILE")
            terminal.line(f"{error} Try again: {again}", "red")
            status = 1
    else:
        terminal.line(command("interview", "--last", "--html", "card.html"), "dim", label="as a page: ", wrap=False)
    terminal.notices(history.notices)
    return status


def _katas(options: argparse.Namespace, catalog: Catalog) -> Sequence[Kata]:
    """Return the katas of the selection and of the topics that were named, in study order; all if nothing was."""
    katas = catalog.select(options.topics)
    if not options.selection:
        return katas
    selected = catalog.selection(options.selection).katas
    return [kata for kata in katas if kata in selected]
