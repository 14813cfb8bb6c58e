"""The `readme` command: writes the pages and parts of pages that are made, or checks that they are up to date."""

import argparse
import re
from collections.abc import Callable, Mapping

from katagrad.authoring.pages import katas, speed, strength, transcript
from katagrad.katas.catalog import Catalog
from katagrad.terminal import Terminal, command

# The parts of each page that are made, by the name that their markers have.
PARTS: Mapping[str, Mapping[str, Callable[[Catalog], str]]] = {
    "README.md": {
        "transcript": transcript.transcript,
        "katas": katas.count,
        "strength": strength.line,
        "speed": speed.line,
    },
    "tests/strength/README.md": {
        "peers": strength.peers,
        "attempts": strength.attempts,
        "katas": strength.katas,
    },
    "tests/bench/README.md": {"start": speed.start, "peers": speed.peers},
}
# The pages that are made as a whole.
PAGES: Mapping[str, Callable[[Catalog], str]] = {"exercises/README.md": katas.page}


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Write what is made, or check that it is up to date."""
    terminal, behind = Terminal(), 0
    for name, text in made(catalog).items():
        path = catalog.root / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        behind += 1
        if options.check:
            terminal.line(f"{name} is behind the tree: {command('readme')}", "red")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            terminal.line(f"written: {name}")
    return int(bool(behind and options.check))


def made(catalog: Catalog) -> dict[str, str]:
    """Return each page as it should be."""
    pages = {name: page(catalog) for name, page in PAGES.items()}
    for name, parts in PARTS.items():
        text = (catalog.root / name).read_text(encoding="utf-8")
        pages[name] = replaced(text, {part: function(catalog) for part, function in parts.items()})
    return pages


def replaced(text: str, parts: Mapping[str, str]) -> str:
    """Return a text with what stands between each pair of markers replaced."""
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {name}: made [^\n]*-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, part=part: found[1] + part + found[2], text)
    return text
