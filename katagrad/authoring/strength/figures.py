"""The committed figures of a kata: what its grader came to, on which texts, and which rule refused what.

They stand in `tests/strength/<topic>/<kata>.json`, a file a kata, and `strength` writes them:

    digest    of solution, grader and signatures; figures of others are stale
    measured  the digest of each attempt that was tried; one that is added later leaves the figures of the others
    figures   the numbers, by name
    attempts  how each way of making attempts did: accepted and tried of the right ones, refused and tried of the others
    mistakes  the rule that refused each mistake and wrong attempt last, by name
    mutants   the mutants that each rule refused last, by their short digests

The next run begins each grading with the rule that refused the text last.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from katagrad.authoring.strength.attempts import folder_of
from katagrad.authoring.strength.equivalents import table_of
from katagrad.authoring.strength.relevant import without_docstrings, without_picture
from katagrad.katas.catalog import Kata


@dataclass(frozen=True)
class Figures:
    """What a measurement came to."""

    digest: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)
    attempts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    killers: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, str] = field(default_factory=dict)


def path_of(kata: Kata) -> Path:
    """Return the file that a kata's figures are in."""
    return table_of(kata).with_suffix(".json")


def read_figures(kata: Kata) -> Figures | None:
    """Return the committed figures of a kata; None if it was never measured, or the file cannot be read."""
    try:
        found = json.loads(path_of(kata).read_text(encoding="utf-8"))
        killers = {each: rule for rule, names in found["mutants"].items() for each in names.split()}
        attempts = {made: tuple(counts) for made, counts in found["attempts"].items()}
        killers |= found["mistakes"]
        return Figures(found["digest"], found["figures"], attempts, killers, found["measured"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def write_figures(kata: Kata, figures: Figures, mutants: Iterable[str]) -> bool:
    """Write the figures of a kata; `mutants` says which of the killers are about mutants. Say if the file changed."""
    ids = set(mutants)
    by_rule: dict[str, list[str]] = {}
    for name in sorted(ids & figures.killers.keys()):
        by_rule.setdefault(figures.killers[name], []).append(name)
    table = {
        "digest": figures.digest,
        "measured": dict(sorted(figures.measured.items())),
        "figures": dict(figures.figures),
        "attempts": dict(sorted(figures.attempts.items())),
        "mistakes": {name: rule for name, rule in figures.killers.items() if name not in ids},
        "mutants": {rule: " ".join(by_rule[rule]) for rule in sorted(by_rule)},
    }
    text, path = json.dumps(table, indent=2, ensure_ascii=False) + "\n", path_of(kata)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def is_stale(kata: Kata) -> bool:
    """Say whether a kata has no figures, or those of other texts; attempts may have been added."""
    found = read_figures(kata)
    return found is None or found.digest != digest(kata) or not found.measured.items() <= attempt_digests(kata).items()


def added(kata: Kata) -> set[str]:
    """Return the attempts that a kata's figures are not about, by their paths."""
    found = read_figures(kata) or Figures()
    return {path for path, text in attempt_digests(kata).items() if found.measured.get(path) != text}


def digest(kata: Kata) -> str:
    """Return a digest of all texts that every measurement depends on, but for docstrings and the picture."""
    found = hashlib.sha256()
    for text in (_text(kata.solution), without_picture(_text(kata.grader))):
        found.update(without_docstrings(text).encode())
    found.update(_text(table_of(kata)).encode())
    return found.hexdigest()[:16]


def attempt_digests(kata: Kata) -> dict[str, str]:
    """Return a digest of each attempt, by its path in the repository."""
    return {
        path.relative_to(kata.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        for path in folder_of(kata).rglob("*.py")
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
