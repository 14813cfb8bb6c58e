"""A checkout of one kata, in which an author writes another."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from katagrad.katas import stubs
from katagrad.katas.catalog import ROOT, Catalog

PARTS = (
    *("katagrad", "pyproject.toml", "README.md", "exercises/README.md", "tests/conftest.py", "tests/katas"),
    *("tests/graders/conftest.py", "tests/oracles/conftest.py", "tests/bench", "tests/runner/submissions.py"),
    *("tests/runner/conftest.py", "tests/strength/README.md", "tests/attempts/metrics/roc_auc"),
)
# Seconds in which a command ends on a busy machine, too: the longest takes a twentieth of it where nothing else runs.
LIMIT = 180
KATAS = ("metrics/roc_auc", "regression/least_squares")
CURRICULUM = """# The order of study.

[[topics]]
name = "metrics" # how good a model is
title = "Metrics"
about = "What a score says."
katas = ["roc_auc"] # one is enough

[[topics]]
name = "regression"
title = "Regression"
about = "What can go wrong."
katas = [
    # the first
    "least_squares", # collinearity
]
"""


def tell_where(group: int) -> None:
    """Have each process of a group write where it is, which ends it: one after the other, the youngest first."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    for pid in sorted(pids, reverse=True):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(pid) == group:
                os.kill(pid, signal.SIGABRT)
                time.sleep(0.2)


class AuthorsCheckout:
    """A checkout of two katas, with all that `new` and `check` need."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for part in PARTS:
            self._copy(part)
        for path in KATAS:
            topic, _, name = path.partition("/")
            for part in (f"solutions/{path}.py", f"solutions/{path}.toml", f"tests/graders/{topic}/test_{name}.py"):
                self._copy(part)
            self._copy(f"tests/oracles/{topic}/test_{name}.py")
        self.write("solutions/curriculum.toml", CURRICULUM)
        for kata in Catalog(root).katas:
            self.write(kata.exercise.relative_to(root), stubs.derive(kata))

    def _copy(self, part: str) -> None:
        target = self.root / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            figures = shutil.ignore_patterns("__pycache__", "*.json")
            shutil.copytree(ROOT / part, target, ignore=figures)
        else:
            shutil.copy(ROOT / part, target)

    def write(self, path: str | Path, text: str) -> None:
        """Write one of its files."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8", newline="\n")

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a command of the program without nox, its output captured as text.

        Of one that does not end, all its processes write where they are, and the test fails with that.
        """
        command = [sys.executable, "-I", "-X", "faulthandler", str(self.root / "katagrad"), *arguments]
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env={**os.environ, "COLUMNS": "120", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            tell_where(process.pid)
            process.kill()
            printed, _ = process.communicate()
            pytest.fail(f"{arguments} did not end within {LIMIT} s:\n{printed}", pytrace=False)
        finally:
            process.kill()  # a test that is interrupted leaves none behind
        return subprocess.CompletedProcess(command, process.returncode, printed)

    def texts(self) -> dict[str, bytes]:
        """Return every file but those that Git ignores."""
        ignored = {".katagrad", "__pycache__", ".ruff_cache", ".pytest_cache"}
        paths = (path for path in self.root.rglob("*") if path.is_file() and not ignored & set(path.parts))
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def checkout(tmp_path: Path) -> AuthorsCheckout:
    """Give a test a checkout of two katas."""
    return AuthorsCheckout(tmp_path / "checkout")
