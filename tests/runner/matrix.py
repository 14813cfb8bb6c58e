"""A made-up checkout with one kata for each row, a right and a wrong one between any two, graded in one run."""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from katagrad.katas import stubs
from katagrad.katas.catalog import ROOT, Catalog
from tests.runner.submissions import GRADER, RIGHT, SOLUTION, WRONG, Row

TOPIC = "rows"
LIMIT = 900  # seconds for all rows: a minute where nothing else runs
KATA = """
about = "Whatever a submission does"
aliases = []
minutes = 5
difficulty = "easy"
requires = []
hints = ["one", "two"]

[[followups]]
question = "Why?"
answer = ["one", "two", "three"]
source = "a book"
"""
# What starts the program in the place of `katagrad/__main__.py`, with other limits: that much processor time is plenty
# for adding up seven numbers, where the machine is busy too, and the loops would take minutes otherwise.
START = """
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / @NAME))
path = [*sys.path]
import katagrad.__main__

sys.path[:] = path
from katagrad.submission import landlock, limits, seccomp

limits.LIMITS = limits.Limits(call=0.8, load=2.0)
if @BARE:
    landlock.version = lambda: 0
    seccomp.restrict = lambda: False
@SETTINGS
if __name__ == "__main__":
    from katagrad.cli import main

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
"""


class Checkout:
    """The runner as it is, with made-up katas."""

    def __init__(self, root: Path, settings: str = "", *, bare: bool = False) -> None:
        self.root, self.folder = root, root / "exercises" / TOPIC
        self.scratch = root.parent / "scratch"
        self.mark = uuid.uuid4().hex
        shutil.copytree(ROOT / "katagrad", root / "katagrad", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "tests/graders/conftest.py"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        start = START.replace("@NAME", repr(root.name)).replace("@SETTINGS", settings).replace("@BARE", str(bare))
        (root.parent / "start.py").write_text(start, encoding="utf-8")
        for folder in (self.folder, root / "solutions" / TOPIC, root / "tests" / "graders" / TOPIC, self.scratch):
            folder.mkdir(parents=True)
        self.names: list[str] = []

    @classmethod
    def filled(cls, root: Path, settings: str = "") -> "Checkout":
        """Return a checkout of one kata, `first`, with a right solution in its place."""
        checkout = cls(root, settings)
        checkout.add("first")
        checkout.fill("first", RIGHT)
        return checkout

    def add(self, *names: str) -> None:
        """Add a kata for each name, its stub blank."""
        self.names += names
        curriculum = (
            f'[[topics]]\nname = "{TOPIC}"\ntitle = "Rows"\nabout = "Rows."\nkatas = {json.dumps(self.names)}\n'
        )
        (self.root / "solutions" / "curriculum.toml").write_text(curriculum)
        for name in names:
            (self.root / "solutions" / TOPIC / f"{name}.toml").write_text(KATA)
            (self.root / "solutions" / TOPIC / f"{name}.py").write_text(SOLUTION)
            (self.root / "tests" / "graders" / TOPIC / f"test_{name}.py").write_text(GRADER)
        for name in names:
            kata = Catalog(self.root).find(name)[0]
            kata.exercise.write_text(stubs.derive(kata))

    def fill(self, name: str, submission: object) -> None:
        """Lay a submission in a kata's place: a text, bytes, or what a function makes of the path."""
        path = self.folder / f"{name}.py"
        if submission == "STUB":
            return
        path.unlink(missing_ok=True)
        if isinstance(submission, str):
            submission = self.text(name, submission).encode()
        path.write_bytes(submission) if isinstance(submission, bytes) else submission(path)

    def text(self, name: str, text: str) -> str:
        """Return a text with the names that it speaks of."""
        return text.replace("@ROOT", str(self.root)).replace("@TOPIC", TOPIC).replace("@NAME", name)

    def command(self, *arguments: str, **environment: str) -> dict:
        """Return what `subprocess` takes to run a command as `python -I katagrad ...` does."""
        marked = {"TMPDIR": str(self.scratch), "KATAGRAD_TEST": self.mark, "PYTHONUTF8": "1", "COLUMNS": "80"}
        return {
            "args": [sys.executable, "-I", str(self.root.parent / "start.py"), *arguments],
            "cwd": self.root,
            "env": {**os.environ, **marked, **environment},
            "stdin": subprocess.DEVNULL,
        }

    def run(self, *arguments: str, limit: float = 100, **environment: str) -> subprocess.CompletedProcess:
        """Run a command and return its output as bytes."""
        return subprocess.run(
            **self.command(*arguments, **environment), capture_output=True, timeout=limit, check=False
        )

    def processes(self, patience: float = 10) -> list[int]:
        """Return which processes of this checkout's commands are left, after some time to go."""
        end = time.monotonic() + patience
        while (found := list(self._marked())) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _marked(self) -> list[int]:
        mark = f"KATAGRAD_TEST={self.mark}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (folder / "environ").read_bytes():
                    yield int(folder.name)

    @property
    def history(self) -> Path:
        """Return where the history is."""
        return self.root / ".katagrad" / "history.db"

    def attempts(self) -> int:
        """Return how many attempts the history holds."""
        with contextlib.closing(sqlite3.connect(self.history)) as base:
            return base.execute("SELECT count(*) FROM attempts").fetchone()[0]

    def grade(self, **more: object) -> str:
        """Grade the first kata, which is right whatever the history does, and return the printed words."""
        result = subprocess.run(**self.command("grade", "first"), capture_output=True, timeout=100, check=False, **more)
        words = " ".join(result.stdout.decode().split())
        assert (result.returncode, result.stderr) == (0, b""), words + result.stderr.decode()
        assert "solved: all 7 rules hold" in words
        return words

    def tree(self) -> dict[str, str]:
        """Return what every file is, those apart that a run may write."""
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            if path.is_file()
            else "other"
            for path in self.root.rglob("*")
            if not {".katagrad", "__pycache__"} & set(path.parts)
        }


@dataclass
class Outcome:
    """What came of a run over rows."""

    checkout: Checkout
    result: subprocess.CompletedProcess
    before: dict[str, str]

    @cached_property
    def verdicts(self) -> dict[str, dict]:
        """Return the verdicts by the kata's name."""
        path = self.checkout.root.parent / "verdicts.json"
        assert path.exists(), self.result.stdout.decode()[-2000:] + self.result.stderr.decode()[-2000:]
        return {verdict["kata"].partition("/")[2]: verdict for verdict in json.loads(path.read_text())["katas"]}


def grade_rows(folder: Path, rows: list[Row], *, bare: bool, **environment: str) -> Outcome:
    """Grade all rows in one run; `bare` without what the kernel holds a submission back with."""
    checkout = Checkout(folder / "Prüfung mit Leerzeichen 合", bare=bare)
    # A right and a wrong one in turn, so that each row has one of both beside it.
    others = {
        f"{('right', 'wrong')[number % 2]}_{number}": (RIGHT, WRONG)[number % 2] for number in range(len(rows) + 1)
    }
    graded = {row.name: row.submission for row in rows}
    between = itertools.chain(*zip(others, [*graded, None], strict=True))
    checkout.add(*filter(None, between))
    for name, submission in (others | graded).items():
        checkout.fill(name, submission)
    before = checkout.tree()
    arguments = ("--all", "--json", str(folder / "verdicts.json"), "--junit", str(folder / "verdicts.xml"))
    try:
        result = checkout.run("grade", *arguments, limit=LIMIT, **environment)
    except subprocess.TimeoutExpired as late:  # a hang is every row's failure, and told once
        result = subprocess.CompletedProcess(late.cmd, None, late.stdout or b"", late.stderr or b"")
    return Outcome(checkout, result, before)
