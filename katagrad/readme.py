"""The parts of the README that are made: the topics from the tree, the graders' strength from the figures of a run."""

import argparse
import importlib.util
import json
import re
from pathlib import Path

from katagrad.catalog import Catalog
from katagrad.terminal import Terminal

FIGURES = "tests/strength/figures.json"
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
    after = replaced(before, {"topics": topics(catalog), "strength": strength(catalog)})
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
    katas = ", ".join(path.partition("/")[2] for path in figures["katas"])
    return f"Measured on {katas}:\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in table)


def submissions(catalog: Catalog) -> int:
    """Count the submissions of which the project's tests hold that each gets its right state."""
    spec = importlib.util.spec_from_file_location("submissions", catalog.root / "tests/runner/submissions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return len(module.ROWS)
