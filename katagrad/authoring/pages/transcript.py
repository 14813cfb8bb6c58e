"""What the README shows of a first run: the command, on a text with the usual mistake, and what it prints."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from katagrad.katas import stubs
from katagrad.katas.catalog import CURRICULUM, Catalog, Kata

KATA = "roc_auc"
ATTEMPT = "tests/attempts/metrics/roc_auc/wrong/one_point_a_row.py"
SEED = 7
_PARTS = ("katagrad", CURRICULUM, "tests/graders/conftest.py", "pyproject.toml")


def transcript(catalog: Catalog) -> str:
    """Return the command and what it prints; times are rounded to what they usually are."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "katagrad"
        (kata,) = catalog.find(KATA)
        files = (path.relative_to(catalog.root).as_posix() for path in (kata.solution, kata.table, kata.grader))
        for part in (*_PARTS, *files):
            _copy(catalog.root / part, root / part)
        (kata,) = Catalog(root).find(KATA)
        kata.exercise.parent.mkdir(parents=True)
        kata.exercise.write_text(filled_in(kata, (catalog.root / ATTEMPT).read_text(encoding="utf-8")), "utf-8")
        printed = _printed(root)
    timed = re.sub(r"\b\d+\.\d s\b", "0.2 s", printed)
    return f"```console\n$ nox -s grade -- {KATA}\n{timed.rstrip()}\n```\n"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def filled_in(kata: Kata, answer: str) -> str:
    """Return a kata's stub with the bodies of an answer's functions in it."""
    bodies = {node.name: _body(node, answer) for node in ast.parse(answer).body if isinstance(node, ast.FunctionDef)}
    text = stubs.derive(kata)
    unwritten = "    raise NotImplementedError\n"
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            text = text.replace(unwritten, bodies[node.name], 1)
    return text


def _body(function: ast.FunctionDef, text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[function.body[0].lineno - 1 : function.end_lineno])


def _printed(root: Path) -> str:
    """Return what the command prints in a checkout, on a terminal of 80 columns."""
    result = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", str(root / "katagrad"), "grade", KATA, "--seed", str(SEED)],
        cwd=root,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1", "KATAGRAD_NOX": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode != 1:
        raise RuntimeError(f"grading the README's text ended with {result.returncode}: {result.stderr}")
    return result.stdout
