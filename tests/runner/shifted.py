"""Runs a command of a checkout with clocks that a test moves: `shifted.py CHECKOUT CLOCK COMMAND ...`."""

import importlib
import json
import sys
from datetime import timedelta
from pathlib import Path

sys.path.append(sys.argv[1])

from katagrad import cli
from katagrad.clock import Clock
from katagrad.katas.catalog import Catalog


class Shifted(Clock):
    """The machine's clocks, off by what stands in a file."""

    def _off(self, unit):
        return json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))[unit]

    def now(self):
        """Return the date and time that somebody has set."""
        return super().now() + timedelta(days=self._off("days"))

    def monotonic(self):
        """Return the seconds of a machine on which time flies."""
        return super().monotonic() + self._off("seconds")


if __name__ == "__main__":
    options = cli.parser().parse_args(sys.argv[3:])
    module, _, function = cli.COMMANDS[options.command].function.partition(":")
    sys.exit(getattr(importlib.import_module(module), function)(options, Catalog(), Shifted()))
