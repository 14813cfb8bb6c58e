"""Commands among a thousand katas, beside the same commands among those that there are."""

import shutil
from collections.abc import Iterator
from time import perf_counter

from katagrad.authoring.check import oracle_of
from katagrad.authoring.speed import path_of as speed_of
from katagrad.authoring.strength.equivalents import table_of
from katagrad.authoring.strength.figures import path_of as figures_of
from katagrad.katas.catalog import CURRICULUM, Catalog, Kata
from tests.bench.clock import medians
from tests.bench.start import command, fresh_checkout
from tests.runner.conftest import Checkout

MANY = 1000
COMMANDS = (("grade", "vif"), ("next",), ("hint", "vif"))


def multiply(checkout: Checkout, total: int) -> int:
    """Add copies of all katas under other names until there are so many or more; return how many there are."""
    copies = range(1, -(-total // len(checkout.catalog.katas)))
    path = checkout.root / CURRICULUM
    text = path.read_text(encoding="utf-8")
    for kata in checkout.catalog.katas:
        names = [f"{kata.name}_copy_{copy}" for copy in copies]
        text = text.replace(f'"{kata.name}"', ", ".join(f'"{name}"' for name in (kata.name, *names)))
        for name in names:
            _copy_files(kata, Kata(kata.topic, name, kata.root))
    path.write_text(text, encoding="utf-8")
    return len(Catalog(checkout.root).katas)


def _copy_files(kata: Kata, copy: Kata) -> None:
    for path in ("exercise", "solution", "grader", "table"):
        shutil.copy(getattr(kata, path), getattr(copy, path))
    for path in (oracle_of, table_of, figures_of, speed_of):
        if path(kata).is_file():  # which a checkout for learners' commands has not
            shutil.copy(path(kata), path(copy))


def measure(repeats: int = 9) -> Iterator[dict]:
    """Yield a row for each command: its seconds among few katas and among many, and their ratio."""
    with fresh_checkout() as few, fresh_checkout() as many:
        here, there = len(few.catalog.katas), multiply(many, MANY)
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
