"""The `bench` session: measures, prints tables, and writes the same as JSON."""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from katagrad.authoring import speed
from katagrad.katas.catalog import ROOT, Catalog, Kata
from katagrad.terminal import Terminal
from tests.bench import growth, many, peers, start
from tests.bench.clock import duration, size

# One thread everywhere: PyTorch and XGBoost read the environment, which `nox -s bench` sets.
TABLES = ("start", "many", "peers", "growth")


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description="Speed, as ratios taken in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="katas or topics, for peers and growth; all for none")
    parser.add_argument("--table", action="append", choices=TABLES, help="only this table; may be repeated")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON, too")
    parser.add_argument("--keep", action="store_true", help="write the committed figures of what was measured")
    options = parser.parse_args(arguments)
    katas, terminal = Catalog().select(options.names), Terminal()
    report: dict = {"machine": f"{platform.platform()}, Python {platform.python_version()}"}
    for name in options.table or (TABLES[2:] if options.names else TABLES):
        begun = time.perf_counter()
        title, measured, form = _TABLES[name]
        report[name] = list(_shown(terminal, name, measured(katas)))
        terminal.line(title, "bold")
        terminal.columns(form(report[name]), indent=2)
        terminal.line(f"measured in {time.perf_counter() - begun:.0f} s", "dim", indent=2)
        terminal.line()
        if options.json:  # after each table: what has been measured is not lost
            Path(options.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        if options.keep:
            keep(name, report, katas, ROOT)
    return 0


def keep(name: str, report: dict, katas: Sequence[Kata], root: Path) -> None:
    """Write one table of a report into the committed figures: of each kata, or of starting up."""
    if name in ("start", "many"):
        path = root / speed.START
        speed.write_table(path, speed.read_table(path) | {"machine": report["machine"], name: report[name]})
        return
    for kata in katas:
        rows = [{key: row[key] for key in row if key != "kata"} for row in report[name] if row["kata"] == kata.path]
        before = {} if speed.is_stale(kata) else speed.read_table(speed.path_of(kata))
        table = before | {"digest": speed.digest(kata), "machine": report["machine"], name: rows}
        speed.write_table(speed.path_of(kata), table)


def _shown(terminal: Terminal, name: str, rows: Iterator[dict]) -> Iterator[dict]:
    """Pass rows on; on a terminal, show which one came last."""
    with terminal.console.status(f"measuring: {name}") as status:
        for row in rows:
            status.update(f"measuring: {name}, {row.get('kata', row.get('what'))}")
            yield row


def _start(rows: list[dict]) -> list[tuple[str, ...]]:
    table = [("", "time", "ratio", "a kata")]
    for row in rows:
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        each = duration(row["seconds_a_kata"]) if "seconds_a_kata" in row else ""
        table.append((row["what"], duration(row["seconds"]), ratio, each))
    return table


def _many(rows: list[dict]) -> list[tuple[str, ...]]:
    head = ("", f"{rows[0]['katas']} katas", f"{rows[0]['many']} katas", "ratio")
    return [head] + [
        (row["what"], duration(row["seconds"]), duration(row["seconds_among_many"]), f"{row['ratio']:.2f}")
        for row in rows
    ]


def _peers(rows: list[dict]) -> list[tuple[str, ...]]:
    table = [("kata", "what", "beside", "ours", "theirs", "ratio", "memory", "theirs", "")]
    for row in rows:
        if "ratio" not in row:
            table.append((row["kata"], "", row["library"], "", "", "", "", "", ""))
            continue
        figures = (duration(row["seconds"]), duration(row["library_seconds"]), f"{row['ratio']:.2f}")
        memory = (size(row["memory"]), size(row["library_memory"]))
        table.append((row["kata"], row["what"], row["library"], *figures, *memory, row["reason"]))
    return table


def _growth(rows: list[dict]) -> list[tuple[str, ...]]:
    table = [("kata", "n", "time", "grows like", "promised")]
    for row in rows:
        exponent = "hardly" if row["exponent"] is None else f"n^{row['exponent']:.2f}"
        table.append((row["kata"], f"{row['sizes'][-1]:,}", duration(row["seconds"][-1]), exponent, row["promise"]))
    return table


_Measure = Callable[[Sequence[Kata]], Iterator[dict]]
_TABLES: dict[str, tuple[str, _Measure, Callable[[list[dict]], list[tuple[str, ...]]]]] = {
    "start": (f"From a command to its verdict; ratios to {start.BASE}", lambda _: start.measure(), _start),
    "many": ("Among few katas and among many", lambda _: many.measure(), _many),
    "peers": ("References beside the field's own functions", peers.measure, _peers),
    "growth": ("How the references grow", growth.measure, _growth),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
