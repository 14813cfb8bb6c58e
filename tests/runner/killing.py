"""Kills the runner at random moments, again and again, and looks each time at what is left.

`python -I killing.py ROOT TURNS SEED [COMMAND]` runs in a made-up checkout of two blank katas, `first` and `second`,
and prints one JSON object. Each turn forks this process, which has everything loaded, so that the moments fall into
the work and not into imports.
"""

import json
import os
import pty
import random
import re
import select
import signal
import sqlite3
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

# Seconds in which a practice session has begun, or has resumed one and graded what is there: it ends when it is solved.
SITTING = 0.6
# Seconds in which an interview prints something, and in which it gets on from there.
STARTING, GETTING_ON = 2.0, 1.2
PLAN = ("plan", "--date", (date.today() + timedelta(days=30)).isoformat(), "--topics", "rows")  # noqa: DTZ011 - a person's
INTERVIEW = ("interview", "--topics", "rows", "--katas", "2", "--minutes", "30")
# What somebody presses in an interview: begin or resume, give up, answer, mark. No key takes a mark back.
KEYS = "\r\rrrggyyyn"


def main(root: Path, turns: int, seed: int, only: str = "") -> None:
    """Kill as often as asked, then say how it went."""
    sys.path.insert(0, str(root))
    import numpy as np  # noqa: F401, PLC0415 - loaded once, for all turns
    import pytest  # noqa: F401, PLC0415

    from katagrad.katas.catalog import Catalog  # noqa: PLC0415
    from katagrad.katas.stubs import derive  # noqa: PLC0415

    kata = Catalog(root).find("first")[0]
    chance = random.Random(seed)  # noqa: S311 - no secret
    found = Killer(root, kata.exercise, derive(kata), chance).kill(turns, only)
    sys.stdout.write(json.dumps(found))


class Killer:
    """The turns, and what was found so far."""

    def __init__(self, root: Path, exercise: Path, blank: str, chance: random.Random) -> None:
        self.root, self.exercise, self.blank, self.chance = root, exercise, blank, chance
        self.solution = (root / "solutions" / "rows" / "first.py").read_text()
        self.reported: set[str] = set()
        self.interviews: dict[int, tuple] = {}
        self.found = {"killed": 0, "done": 0, "reported": 0, "blanked": 0, "problems": []}

    def kill(self, turns: int, only: str) -> dict:
        """Take turns over the commands. To have another one killed, add it here and say what it leaves alone.

        With `only`, one of them has all turns.
        """
        commands = [
            *(("grade", "first"), ("grade",), ("reset", "first"), ("reset", "first", "--undo")),
            *(("practice", "first"), ("review", "first"), ("update",), PLAN, INTERVIEW),
        ]
        commands = [command for command in commands if only in ("", command[0])]
        sittings = {"practice": SITTING, "interview": GETTING_ON}
        spans = [sittings.get(command[0]) or self.duration(command) for command in commands]
        for turn in range(turns):
            command, span = commands[turn % len(commands)], spans[turn % len(commands)]
            before = self.prepare(command, turn)
            output, finished = self.run(command, self.chance.uniform(0, 1.1 * span))
            self.found["done" if finished else "killed"] += 1
            self.look(command, before, output)
        self.found["reported"] = len(self.reported)
        return self.found

    def prepare(self, command: tuple[str, ...], turn: int) -> str:
        """Write a new text to be graded, or to be replaced."""
        if command[-1] == "--undo":
            return self.exercise.read_text()
        text = f"{self.solution}\n# {turn}\n"
        self.exercise.write_text(text)
        return text

    def duration(self, command: tuple[str, ...]) -> float:
        """Return how long a command takes if nobody kills it."""
        self.prepare(command, -1)
        start = time.perf_counter()
        self.run(command, 60)
        return time.perf_counter() - start

    def run(self, command: tuple[str, ...], seconds: float) -> tuple[str, bool]:
        """Run a command for some time at most; return what it printed, and whether it came to its end."""
        if command[0] == "interview":
            return self.run_at_terminal(command, seconds)
        log = self.root / "log"
        log.unlink(missing_ok=True)  # what the turn before printed is not of this one
        pid = os.fork()
        if pid == 0:
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            from katagrad.cli import main  # noqa: PLC0415

            main(command)
            sys.stdout.flush()
            os._exit(0)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return log.read_text(), True
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return log.read_text() if log.exists() else "", False

    def run_at_terminal(self, command: tuple[str, ...], seconds: float) -> tuple[str, bool]:
        """Run a command at which somebody presses any keys; return what it printed, and whether it came to its end."""
        pid, terminal = pty.fork()
        if pid == 0:
            from katagrad.cli import main  # noqa: PLC0415

            main(command)
            sys.stdout.flush()
            os._exit(0)
        # So that the moments fall into the interview on a slow machine, too.
        printed, finished = drained(terminal, STARTING), False
        end = time.monotonic() + seconds
        while time.monotonic() < end and not finished:
            finished = bool(os.waitpid(pid, os.WNOHANG)[0])
            os.write(terminal, self.chance.choice(KEYS).encode())
            printed += drained(terminal, 0.01)
        if not finished:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        printed += drained(terminal, 0)
        os.close(terminal)
        return printed.decode(errors="replace"), finished

    def look(self, command: tuple[str, ...], before: str, output: str) -> None:
        """Compare what is left with what was promised."""
        after = self.exercise.read_text()
        kept = [path.read_text() for path in (self.root / ".katagrad" / "kept").rglob("*.py")]
        if command[0] in ("grade", "review", "update", "plan"):
            self.demand(after == before, command, "the file was changed")
            if re.search(r"rows/first .* attempt \d", output):
                self.reported.add(sha256(before.encode()).hexdigest())
        elif command[-1] == "--undo":
            self.demand(
                after == before or (after in kept and before in kept), command, "the file is neither old nor new"
            )
        else:
            self.demand(after in (before, self.blank), command, "the file is neither old nor blank")
            self.demand(after == before or before in kept, command, "the old text is lost")
            self.found["blanked"] += after == self.blank
        path = self.root / ".katagrad" / "history.db"
        if path.exists():
            with closing(sqlite3.connect(path)) as base:
                self.demand(
                    base.execute("PRAGMA integrity_check").fetchone() == ("ok",), command, "the history is damaged"
                )
                tables = base.execute("SELECT name FROM sqlite_master WHERE name = 'attempts'").fetchall()
                held = {row[0] for row in base.execute("SELECT text_hash FROM attempts")} if tables else set()
                if tables:
                    self.look_at_interviews(base, command, output)
                    self.look_at_plans(base, command)
        else:
            held = set()
        self.demand(self.reported <= held, command, "an attempt is lost")

    def look_at_interviews(self, base: sqlite3.Connection, command: tuple[str, ...], output: str) -> None:
        """Demand that no interview has gone back, and that every mark that was told is stored."""
        stored = {row[0]: row[1:] for row in base.execute(INTERVIEWS)}
        for number, before in self.interviews.items():
            kept = number in stored and all(now >= then for now, then in zip(stored[number], before, strict=True))
            self.demand(kept, command, f"interview {number} went back from {before} to {stored.get(number)}")
        told = len(re.findall(r"^ +(?:made|missed)\r?$", output, re.MULTILINE))
        marks = sum(row[0] for row in stored.values()) - sum(row[0] for row in self.interviews.values())
        self.demand(told <= marks, command, f"{told} marks were told, {marks} are stored")
        under_way = base.execute("SELECT count(*) FROM interviews WHERE outcome = 'open'").fetchone()[0]
        self.demand(under_way <= 1, command, "several interviews are under way")
        self.interviews = stored
        self.found["marks"] = sum(row[0] for row in stored.values())
        self.found["interviews"] = len(stored)

    def look_at_plans(self, base: sqlite3.Connection, command: tuple[str, ...]) -> None:
        """Demand that there is one plan at most, with all of its days."""
        query = "SELECT (SELECT count(*) FROM plan_tasks WHERE plan = plans.id) FROM plans WHERE ended IS NULL"
        under_way = [row[0] for row in base.execute(query)]
        self.demand(len(under_way) <= 1, command, "several plans are under way")
        self.demand(all(under_way), command, "a plan without days was stored")

    def demand(self, holds: bool, command: tuple[str, ...], problem: str) -> None:
        """Take down what does not hold."""
        if not holds:
            self.found["problems"].append(f"{' '.join(command)}: {problem}")


# What only grows in each interview: marks, answers, katas that ended, interruptions, seconds, and being over.
INTERVIEWS = """
    SELECT id,
        (SELECT count(made) FROM interview_points AS point JOIN interview_questions AS asked
            ON point.question = asked.id WHERE asked.interview = interviews.id),
        (SELECT total(answered) FROM interview_questions WHERE interview = interviews.id),
        (SELECT count(ended) FROM sessions WHERE interview = interviews.id),
        interruptions,
        (SELECT total(seconds) FROM sessions WHERE interview = interviews.id)
            + (SELECT total(seconds) FROM interview_questions WHERE interview = interviews.id),
        outcome <> 'open'
    FROM interviews
"""


def drained(terminal: int, seconds: float) -> bytes:
    """Return what a terminal prints, once it prints something within some seconds."""
    printed = b""
    while select.select([terminal], [], [], seconds)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other side is gone
            break
        if not data:
            break
        printed, seconds = printed + data, 0
    return printed


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
