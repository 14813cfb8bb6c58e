"""The parts of the README that are made: the topics from the tree, strength and speed from the figures of a run."""

import argparse
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from katagrad.katas.catalog import Catalog
from katagrad.katas.loading import load_module
from katagrad.terminal import Terminal

FIGURES = "tests/strength/figures.json"
SPEED = "tests/bench/figures.json"
# Measured on the projects themselves; an empty cell was not measured.
PEERS = {
    "TorchCode": ("80 %", "10.6 %", "60 %", "2 of 24", "56 of 95"),
    "Deep-ML": ("83 %", "6.1 %", "33 %", "6 to 56 of 139", ""),
}
ROWS = (
    "generated mutants of the reference rejected",
    "truly wrong mutants accepted",
    "mistakes that people really make, accepted",
    "right solutions rejected",
    "broken and hostile submissions survived",
)


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Write the README's made parts, or check that they are up to date."""
    path = catalog.root / "README.md"
    before = path.read_text(encoding="utf-8")
    parts = {"topics": topics(catalog), "strength": strength(catalog), "speed": speed(catalog)}
    after = replaced(before, parts)
    if options.check:
        if after != before:
            Terminal().line("README.md is behind the tree: python -m katagrad readme", "red")
        return int(after != before)
    Path(path).write_text(after, encoding="utf-8")
    return 0


def replaced(text: str, parts: dict[str, str]) -> str:
    """Return a text with what stands between each pair of markers replaced."""
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {name}: made [^\n]*-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, part=part: found[1] + part + found[2], text)
    return text


def topics(catalog: Catalog) -> str:
    """Return the list of topics, with the katas of each."""
    lines = [f"{len(catalog.katas)} katas in {len(catalog.topics)} topics, in study order:\n\n"]
    for topic in catalog.topics:
        katas = ", ".join(f"[{kata.name}](exercises/{kata.path}.py)" for kata in topic.katas)
        lines.append(f"- **{topic.title}.** {topic.about} {katas}\n")
    return "".join(lines)


def strength(catalog: Catalog) -> str:
    """Return the table of the graders' strength, ours from the last run whose figures were kept, beside the peers'."""
    figures = json.loads((catalog.root / FIGURES).read_text(encoding="utf-8"))
    total = figures["total"]
    wrong = total["mutants"] - total["signed"]
    survived = submissions(catalog)
    ours = (
        f"{total['killed'] / total['mutants']:.1%}",
        f"{total['survivors'] / wrong:.1%}; {total['signed']} of {total['mutants']:,} are signed as equivalent",
        f"{1 - total['mistakes_rejected'] / total['mistakes']:.0%} of {total['mistakes']}",
        f"{total['right'] - total['right_accepted']} of {total['right']}, each under {total['seeds']} seeds",
        f"{survived} of {survived}",
    )
    cells = zip(ROWS, ours, *PEERS.values(), strict=True)
    head = ["", "katagrad", *PEERS]
    table = [head, ["---"] * len(head), *cells]
    katas = figures["katas"].keys()
    which = f"all {len(katas)} katas" if katas == {kata.path for kata in catalog.katas} else ", ".join(sorted(katas))
    return f"Measured on {which}:\n\n{_table(table)}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def speed(catalog: Catalog) -> str:
    """Return what the last bench whose figures were kept came to: ratios, since seconds are the machine's."""
    figures = json.loads((catalog.root / SPEED).read_text(encoding="utf-8"))
    start = [
        (f"`{row['what']}`" if "," not in row["what"] else row["what"], _seconds(row["seconds"]), _ratio(row))
        for row in figures["start"]
    ]
    many = [f"`{row['what']}` {row['ratio']:.2f} times" for row in figures["many"] if "all" not in row["what"]]
    compared = [row for row in figures["peers"] if "ratio" in row]
    slower: dict[str, list[str]] = {}
    for row in compared:
        if row["ratio"] > 1:
            name, reason = row["kata"].partition("/")[2], row["reason"] or "No reason is known"
            slower.setdefault(reason, []).append(f"{name} ({row['what']}) {row['ratio']:.1f}")
    reasons = "".join(f"- {reason.removesuffix('.')}: {', '.join(jobs)}.\n" for reason, jobs in slower.items())
    head = [("", "time", "ratio"), ("---", "---", "---")]
    return (
        f"{_table([*head, *start])}\n"
        f"Among {figures['many'][0]['many']:,} katas instead of {figures['many'][0]['katas']}, "
        f"{', '.join(many)} as long.\n\n"
        f"Of {len(compared)} jobs that a library of the field does too, the references take no longer in "
        f"{sum(row['ratio'] <= 1 for row in compared)}. Where they do, by this factor and for this reason:\n\n{reasons}"
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.0f} ms"


def _ratio(row: dict) -> str:
    return f"{row['ratio']:.1f}" if "ratio" in row else ""


def submissions(catalog: Catalog) -> int:
    """Count the submissions of which the project's tests hold that each gets its right state."""
    return len(load_module(catalog.root / "tests/runner/submissions.py").ROWS)
