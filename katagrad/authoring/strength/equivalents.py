"""The signed table: mutants that no grader can reject, since they are right by the statement, each with the reason.

A kata's table is `tests/strength/<topic>/<kata>.toml`:

    [[equivalents]]
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

from katagrad.authoring.strength.mutants import Mutant
from katagrad.katas.catalog import Kata


class SignatureTableError(ValueError):
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
    """Return the file that the signatures of a kata are in."""
    return kata.root / "tests" / "strength" / kata.topic / f"{kata.name}.toml"


def signatures(kata: Kata) -> tuple[Signature, ...]:
    """Return what is signed for a kata.

    Raises
    ------
    SignatureTableError
        If the file is no TOML, has another table, or an entry lacks a field or a reason.
    """
    path = table_of(kata)
    if not path.exists():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        signed = tuple(each for fields in table.get("equivalents", []) for each in _signatures(**fields))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise SignatureTableError(f"{path.relative_to(kata.root)}: {error}") from None
    strangers = table.keys() - {"equivalents"}
    if strangers:
        raise SignatureTableError(
            f"{path.relative_to(kata.root)} has a table {min(strangers)!r}; it is called equivalents"
        )
    return signed


def _signatures(function: str, before: str, after: str | list[str], reason: str) -> Iterator[Signature]:
    if not reason.strip():
        raise TypeError(f"no reason is given for {after!r}")
    yield from (Signature(function, before, line, reason) for line in ([after] if isinstance(after, str) else after))


def entry(mutant: Mutant) -> str:
    """Return what to put into a kata's table for a mutant, but for the reason."""
    fields = asdict(Signature(*mutant.signature, reason=""))
    return "\n".join(["[[equivalents]]", *(f"{name} = {_quoted(value)}" for name, value in fields.items())])


def _quoted(value: str) -> str:
    """Return a string as TOML writes it, without escapes where that is possible."""
    literal = '"' in value or "\\" in value
    return f"'{value}'" if literal and "'" not in value else json.dumps(value, ensure_ascii=False)


def unmatched(signed: Iterable[Signature], mutants: Iterable[Mutant]) -> Iterator[Signature]:
    """Yield the signatures that are about no mutant: the code has moved on from them."""
    known = {mutant.signature for mutant in mutants}
    yield from (each for each in signed if (each.function, each.before, each.after) not in known)
