"""How strong and how fair the graders are, from the committed figures of each kata, beside two peers."""

from collections import Counter
from typing import NamedTuple

from katagrad.authoring.pages.markdown import coverage, table
from katagrad.authoring.strength.figures import Figures, added, is_stale, read_figures
from katagrad.authoring.strength.trials import ATTEMPTS
from katagrad.katas.catalog import Catalog, Kata
from katagrad.katas.loading import load_module

# Measured on the projects themselves; an empty cell was not measured.
PEERS = {
    "TorchCode": ("60 %", "80 %", "10.6 %", "2 of 24", "56 of 95"),
    "Deep-ML": ("33 %", "83 %", "6.1 %", "6 to 56 of 139", ""),
}
ROWS = (
    "mistakes that we listed, accepted",
    "generated mutants of the reference, refused",
    "truly wrong mutants, accepted",
    "right solutions, refused",
    "broken and hostile submissions, survived",
)
_WRONG = {kind.name for kind in ATTEMPTS if not kind.right}


class Measured(NamedTuple):
    """A kata with its figures; `stale` says that they are about other texts, or not about all attempts."""

    kata: Kata
    figures: Figures
    stale: bool


def measured(catalog: Catalog) -> list[Measured]:
    """Return the katas that have figures."""
    found = ((kata, read_figures(kata)) for kata in catalog.katas)
    return [Measured(kata, figures, is_stale(kata) or bool(added(kata))) for kata, figures in found if figures]


def line(catalog: Catalog) -> str:
    """Return the README's line."""
    found = measured(catalog)
    total = _total(found)
    return (
        f"On {len(found)} of {len(catalog.katas)} katas, the graders refuse {total['mistakes_rejected']:,} of "
        f"{total['mistakes']:,} mistakes that we listed and accept {total['right_accepted']:,} of {total['right']:,} "
        "right solutions: [how that was measured](tests/strength/README.md).\n"
    )


def _total(found: list[Measured]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in found:
        total.update(each.figures.figures)
    return total


def peers(catalog: Catalog) -> str:
    """Return the table of our figures beside the peers'."""
    found = measured(catalog)
    total = _total(found)
    survived = submissions(catalog)
    ours = (
        _share(total["mistakes"] - total["mistakes_rejected"], total["mistakes"], "{:.0%} of {:,}"),
        _share(total["killed"], total["mutants"], "{:.1%} of {:,}"),
        _share(total["survivors"], total["mutants"] - total["signed"], "{:.1%}")
        + f"; {total['signed']:,} were checked by hand: they behave the same",
        f"{total['right'] - total['right_accepted']} of {total['right']:,}, each under {_seeds(found)} seeds",
        f"{survived} of {survived}",
    )
    said = coverage(len(found), [each.kata.path for each in found if each.stale], len(catalog.katas))
    return f"{said}\n" + table(("", "katagrad", *PEERS), zip(ROWS, ours, *PEERS.values(), strict=True))


def _share(part: int, whole: int, form: str) -> str:
    return form.format(part / whole, whole) if whole else "not measured"


def _seeds(found: list[Measured]) -> int:
    return min((each.figures.figures["seeds"] for each in found), default=0)


def attempts(catalog: Catalog) -> str:
    """Return what became of the attempts that are kept, by how they were made."""
    counts: dict[str, tuple[int, int]] = {}
    for each in measured(catalog):
        for made, (well, tried) in each.figures.attempts.items():
            way = made.partition(";")[0]
            before = counts.get(way, (0, 0))
            counts[way] = before[0] + well, before[1] + tried
    if not counts:
        return "None is kept yet.\n"
    rows = [
        (made, f"{well} of {tried} {'refused' if made in _WRONG else 'accepted'}")
        for made, (well, tried) in sorted(counts.items(), key=lambda pair: (pair[0] in _WRONG, pair[0]))
    ]
    return table(("how it was made", "result"), rows)


def katas(catalog: Catalog) -> str:
    """Return the figures of each kata."""
    head = ("kata", "mistakes refused", "mutants refused", "the same", "right accepted", "attempts")
    return table(head, map(_row, measured(catalog)))


def _row(each: Measured) -> tuple[str, ...]:
    found = each.figures.figures
    tried = found["right_attempts"] + found["wrong_attempts"]
    well = found["right_attempts_accepted"] + found["wrong_attempts_refused"]
    return (
        each.kata.path + (" *" if each.stale else ""),
        f"{found['mistakes_rejected']} of {found['mistakes']}",
        f"{found['killed']} of {found['mutants']}",
        str(found["signed"]),
        f"{found['right_accepted']} of {found['right']}",
        f"{well} of {tried}" if tried else "",
    )


def submissions(catalog: Catalog) -> int:
    """Count the submissions of which the project's tests hold that each gets its right state."""
    return len(load_module(catalog.root / "tests/runner/submissions.py").ROWS)
