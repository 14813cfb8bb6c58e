"""The `hint` command: one more hint each time."""

import argparse

from katagrad.commands.named import resolve_kata
from katagrad.katas.catalog import Catalog
from katagrad.practice.hints import show_hint
from katagrad.record.history import History
from katagrad.terminal import Terminal


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Show one more hint, below those shown before."""
    kata = resolve_kata(options, catalog)
    terminal, history = Terminal(), History(catalog.root)
    show_hint(terminal, history, kata)
    terminal.notices(history.notices)
    return 0
