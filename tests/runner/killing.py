"""Kills the runner at random moments, again and again, and looks each time at what is left.

`python -I killing.py ROOT TURNS SEED` runs in a made-up checkout of two blank katas, `first` and `second`, and prints
one JSON object. Each turn forks this process, which has everything loaded, so that the moments fall into the work and
not into imports.
"""

import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

# Seconds in which a practice session has begun, or has resumed one and graded what is there: it ends when it is solved.
SITTING = 0.6


def main(root: Path, turns: int, seed: int) -> None:
    """Kill as often as asked, then say how it went."""
    sys.path.insert(0, str(root))
    import numpy as np  # noqa: F401, PLC0415 - loaded once, for all turns
    import pytest  # noqa: F401, PLC0415

    from katagrad.katas.catalog import Catalog  # noqa: PLC0415
    from katagrad.katas.stubs import derive  # noqa: PLC0415

    kata = Catalog(root).find("first")[0]
    chance = random.Random(seed)  # noqa: S311 - no secret
    found = Killer(root, kata.exercise, derive(kata), chance).kill(turns)
    sys.stdout.write(json.dumps(found))


class Killer:
    """The turns, and what was found so far."""

    def __init__(self, root: Path, exercise: Path, blank: str, chance: random.Random) -> None:
        self.root, self.exercise, self.blank, self.chance = root, exercise, blank, chance
        self.solution = (root / "solutions" / "rows" / "first.py").read_text()
        self.reported: set[str] = set()
        self.found = {"killed": 0, "done": 0, "reported": 0, "blanked": 0, "problems": []}

    def kill(self, turns: int) -> dict:
        """Take turns over the commands. To have another one killed, add it here and say what it leaves alone."""
        commands = [
            *(("grade", "first"), ("grade",), ("reset", "first"), ("reset", "first", "--undo")),
            *(("practice", "first"), ("review", "first")),
        ]
        spans = [SITTING if command[0] == "practice" else self.duration(command) for command in commands]
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
        log = self.root / "log"
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

    def look(self, command: tuple[str, ...], before: str, output: str) -> None:
        """Compare what is left with what was promised."""
        after = self.exercise.read_text()
        kept = [path.read_text() for path in (self.root / ".katagrad" / "kept").rglob("*.py")]
        if command[0] in ("grade", "review"):
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
        else:
            held = set()
        self.demand(self.reported <= held, command, "an attempt is lost")

    def demand(self, holds: bool, command: tuple[str, ...], problem: str) -> None:
        """Take down what does not hold."""
        if not holds:
            self.found["problems"].append(f"{' '.join(command)}: {problem}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
