"""The committed figures of speed: a file a kata, `tests/bench/<topic>/<kata>.json`, and one for starting up."""

import hashlib
import json
from pathlib import Path

from katagrad.katas.catalog import Kata

START = "tests/bench/start.json"


def path_of(kata: Kata) -> Path:
    """Return the file that a kata's figures are in."""
    return kata.root / "tests" / "bench" / kata.topic / f"{kata.name}.json"


def read_table(path: Path) -> dict:
    """Return what a file of figures holds; nothing if there is none, or it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_table(path: Path, table: dict) -> None:
    """Write a file of figures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8", newline="\n")


def digest(kata: Kata) -> str:
    """Return a digest of what is timed: the reference, and what it is compared with."""
    found = hashlib.sha256()
    for path in (kata.solution, kata.root / "tests" / "oracles" / kata.topic / f"test_{kata.name}.py"):
        found.update(path.read_text(encoding="utf-8").encode() if path.is_file() else b"")
    return found.hexdigest()[:16]


def is_stale(kata: Kata) -> bool:
    """Say whether a kata's figures are about other texts, or missing."""
    return read_table(path_of(kata)).get("digest") != digest(kata)
