"""The parts of the README that are made from the tree: the topics and their katas."""

import argparse
import re
from pathlib import Path

from katagrad.catalog import Catalog
from katagrad.terminal import Terminal


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Write the README's made parts, or check that they are up to date."""
    path = catalog.root / "README.md"
    before = path.read_text(encoding="utf-8")
    after = replaced(before, {"topics": topics(catalog)})
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
