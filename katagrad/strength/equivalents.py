"""The signed table: mutants that no grader can reject, since they are right by the statement, each with the reason.

A topic's table stands beside its graders, `tests/graders/<topic>/equivalents.toml`, an array of tables for each kata:

    [[batch_norm]]
    function = "batch_norm_forward_via_welford"
    before = "mean, squares = np.zeros(x.shape[1]), np.zeros(x.shape[1])"
    after = "mean, squares = np.ones(x.shape[1]), np.zeros(x.shape[1])"
    reason = "The first sample sets the mean, whatever it was."

Where a reason holds for several mutants of a line, `after` is a list.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from katagrad.catalog import Kata
from katagrad.strength.mutants import Mutant


class TableError(ValueError):
    """A table of equivalents cannot be read as one."""


@dataclass(frozen=True)
class Signature:
    """A mutant signed: its function, the line before and after (stripped, several joined by a space), the reason."""

    function: str
    before: str
    after: str
    reason: str

    def matches(self, mutant: Mutant) -> bool:
        """Say whether this is about a mutant."""
        return (self.function, self.before, self.after) == mutant.signature

    def __str__(self) -> str:
        """Return what a message calls it."""
        return f"{self.function}: {self.before} -> {self.after}"


def table_of(kata: Kata) -> Path:
    """Return the file that the signatures of a kata's topic are in."""
    return kata.grader.parent / "equivalents.toml"


def signatures(kata: Kata) -> tuple[Signature, ...]:
    """Return what is signed for a kata.

    Raises
    ------
    TableError
        If the file is no TOML, names a kata that is not there, or an entry lacks a field or a reason.
    """
    path = table_of(kata)
    if not path.exists():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        signed = tuple(each for fields in table.get(kata.name, []) for each in _signatures(**fields))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise TableError(f"{path.relative_to(kata.root)}: {error}") from None
    strangers = [name for name in table if not (path.parent / f"test_{name}.py").exists()]
    if strangers:
        raise TableError(f"{path.relative_to(kata.root)} signs mutants of {strangers[0]}, and there is no such kata")
    return signed


def _signatures(function: str, before: str, after: str | list[str], reason: str) -> Iterator[Signature]:
    if not reason.strip():
        raise TypeError(f"no reason is given for {after!r}")
    yield from (Signature(function, before, line, reason) for line in ([after] if isinstance(after, str) else after))


def entry(kata: Kata, mutant: Mutant) -> str:
    """Return what to put into the table for a mutant, but for the reason."""
    fields = asdict(Signature(*mutant.signature, reason=""))
    return "\n".join([f"[[{kata.name}]]", *(f"{name} = {_quoted(value)}" for name, value in fields.items())])


def _quoted(value: str) -> str:
    """Return a string as TOML writes it, without escapes where that is possible."""
    literal = '"' in value or "\\" in value
    return f"'{value}'" if literal and "'" not in value else json.dumps(value, ensure_ascii=False)


def unmatched(signed: Iterable[Signature], mutants: Iterable[Mutant]) -> Iterator[Signature]:
    """Yield the signatures that are about no mutant: the code has moved on from them."""
    known = {mutant.signature for mutant in mutants}
    yield from (each for each in signed if (each.function, each.before, each.after) not in known)
