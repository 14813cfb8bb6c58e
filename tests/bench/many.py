"""Commands among a thousand katas, beside the same commands among those that there are."""

import re
import shutil
from collections.abc import Iterator
from time import perf_counter

from katagrad.catalog import TABLE, Catalog, Kata, Topic
from tests.bench.clock import medians
from tests.bench.start import command, fresh_checkout
from tests.runner.conftest import Checkout

MANY = 1000
COMMANDS = (("grade", "vif"), ("next",), ("hint", "vif"))


def multiply(checkout: Checkout, total: int) -> int:
    """Add copies of all katas under other names until there are so many or more; return how many there are."""
    copies = range(1, -(-total // len(checkout.catalog.katas)))
    for topic in checkout.catalog.topics:
        path = checkout.root / "exercises" / topic.name / TABLE
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "".join(_renamed(topic, text, copy) for copy in copies), encoding="utf-8")
        for kata in topic.katas:
            for copy in copies:
                _copy_files(kata, Kata(kata.topic, _name(kata.name, copy), kata.root, ""))
    return len(Catalog(checkout.root).katas)


def _name(name: str, copy: int) -> str:
    return f"{name}_copy_{copy}"


def _renamed(topic: Topic, text: str, copy: int) -> str:
    """Return the tables of a topic's katas under their copies' names."""
    names = "|".join(kata.name for kata in topic.katas)
    tables = text[re.search(r"^\[", text, re.MULTILINE).start() :]
    return "\n" + re.sub(
        rf"^(\[+)({names})\b", lambda found: found[1] + _name(found[2], copy), tables, flags=re.MULTILINE
    )


def _copy_files(kata: Kata, copy: Kata) -> None:
    for path in ("exercise", "solution", "grader"):
        shutil.copy(getattr(kata, path), getattr(copy, path))


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
