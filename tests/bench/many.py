"""Commands among a thousand katas, beside the same commands among those that there are.

`python -m tests.bench.many FOLDER 189` lays a whole copy of the repository with that many katas, to try authors'
sessions in.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from katagrad.authoring.check import oracle_of
from katagrad.authoring.speed import path_of as speed_of
from katagrad.authoring.strength.attempts import folder_of
from katagrad.authoring.strength.equivalents import table_of
from katagrad.authoring.strength.figures import path_of as figures_of
from katagrad.katas.catalog import CURRICULUM, ROOT, Catalog, Kata
from tests.bench.clock import medians
from tests.bench.start import command, fresh_checkout

MANY = 1000
COMMANDS = (("grade", "vif"), ("next",), ("hint", "vif"))


def multiply(catalog: Catalog, total: int) -> int:
    """Add copies of katas under other names until there are so many; return how many there are."""
    path = catalog.root / CURRICULUM
    text = path.read_text(encoding="utf-8")
    here = len(catalog.katas)
    for place, kata in enumerate(catalog.katas):
        names = [f"{kata.name}_copy_{copy}" for copy in range(1, 1 + (total - place - 1) // here)]
        text = text.replace(f'"{kata.name}"', ", ".join(f'"{name}"' for name in (kata.name, *names)))
        for name in names:
            _copy_files(kata, Kata(kata.topic, name, kata.root))
    path.write_text(text, encoding="utf-8")
    return len(Catalog(catalog.root).katas)


def _copy_files(kata: Kata, copy: Kata) -> None:
    for path in ("exercise", "solution", "grader", "table"):
        shutil.copy(getattr(kata, path), getattr(copy, path))
    for path in (oracle_of, table_of, figures_of, speed_of):
        if path(kata).is_file():  # which a checkout for learners' commands has not
            shutil.copy(path(kata), path(copy))
    if folder_of(kata).is_dir():
        shutil.copytree(folder_of(kata), folder_of(copy))


def measure(repeats: int = 9) -> Iterator[dict]:
    """Yield a row for each command: its seconds among few katas and among many, and their ratio."""
    with fresh_checkout() as few, fresh_checkout() as many:
        here, there = len(few.catalog.katas), multiply(many.catalog, MANY)
        for checkout in (few, many):
            checkout.solve("vif")
        for arguments in COMMANDS:
            found = medians(
                {"few": command(few, *arguments), "many": command(many, *arguments)},
                repeats,
                sample=0,
                clock=perf_counter,
            )
            yield _row(" ".join(arguments), found, here, there)
        found = medians({"few": command(few, "grade"), "many": command(many, "grade")}, 5, sample=0, clock=perf_counter)
        yield _row("grade, all of them", found, here, there)


def _row(what: str, found: dict[str, float], here: int, there: int) -> dict:
    return {
        "what": what,
        "katas": here,
        "seconds": found["few"],
        "many": there,
        "seconds_among_many": found["many"],
        "ratio": found["many"] / found["few"],
    }


def lay(folder: Path, total: int) -> int:
    """Copy the repository and multiply its katas; return how many there are."""
    leave_out = shutil.ignore_patterns(".git", ".nox", ".venv", ".katagrad", "__pycache__", ".ruff_cache")
    shutil.copytree(ROOT, folder, ignore=leave_out)
    return multiply(Catalog(folder), total)


if __name__ == "__main__":
    lay(Path(sys.argv[1]), int(sys.argv[2]))
