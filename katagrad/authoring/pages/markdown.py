"""Pieces of Markdown that the pages share."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def coverage(measured: int, stale: Sequence[str], total: int) -> str:
    """Return on how many katas figures were measured, and which of them have changed since."""
    said = f"Measured on {measured} of {total} katas."
    if not stale:
        return f"{said}\n"
    changed = "1 has" if len(stale) == 1 else f"{len(stale)} have"
    return f"{said} Of these, {changed} changed since and {'is' if len(stale) == 1 else 'are'} marked *.\n"
