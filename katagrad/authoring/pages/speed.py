"""How fast grading and the references are: ratios, since seconds are the machine's."""

from katagrad.authoring.pages.markdown import coverage, table
from katagrad.authoring.speed import START, is_stale, path_of, read_table
from katagrad.katas.catalog import Catalog, Kata


def line(catalog: Catalog) -> str:
    """Return the README's line."""
    rows = {row["what"]: row for row in _start(catalog)}
    row = rows.get("nox -s grade -- roc_auc")
    if not row:
        return "How long grading takes: [speed](tests/bench/README.md).\n"
    return (
        f"`nox -s grade -- roc_auc` takes {row['ratio']:.1f} times as long as Python with NumPy and pytest takes to "
        "start: [speed](tests/bench/README.md).\n"
    )


def _start(catalog: Catalog) -> list[dict]:
    return read_table(catalog.root / START).get("start", [])


def start(catalog: Catalog) -> str:
    """Return how long it takes from a command to its verdict, and among many katas."""
    found = read_table(catalog.root / START)
    rows = [(_what(row), _seconds(row["seconds"]), _ratio(row)) for row in found.get("start", [])]
    text = table(("", "time", "ratio"), rows)
    many = found.get("many", [])
    if many:
        longer = ", ".join(f"`{row['what']}` {row['ratio']:.2f} times" for row in many if "all" not in row["what"])
        text += f"\nAmong {many[0]['many']:,} katas instead of {many[0]['katas']}, {longer} as long.\n"
    return text


def _what(row: dict) -> str:
    return row["what"] if "," in row["what"] else f"`{row['what']}`"


def peers(catalog: Catalog) -> str:
    """Return how the references stand beside the field's own functions."""
    found = [(kata, read_table(path_of(kata))) for kata in catalog.katas]
    found = [(kata, figures) for kata, figures in found if figures]
    stale = [kata.path for kata, _ in found if is_stale(kata)]
    compared = [(kata, row) for kata, figures in found for row in figures.get("peers", []) if "ratio" in row]
    slower: dict[str, list[str]] = {}
    for kata, row in compared:
        if row["ratio"] > 1:
            slower.setdefault(row["reason"] or "No reason is known", []).append(_job(kata, row, stale))
    reasons = "".join(f"- {reason.removesuffix('.')}: {', '.join(jobs)}.\n" for reason, jobs in slower.items())
    faster = sum(row["ratio"] <= 1 for _, row in compared)
    return (
        f"{coverage(len(found), stale, len(catalog.katas))}\n"
        f"Of {len(compared)} jobs that a library of the field does too, the references take no longer in {faster}. "
        f"Where they do, by this factor and for this reason:\n\n{reasons}"
    )


def _job(kata: Kata, row: dict, stale: list[str]) -> str:
    return f"{kata.name}{' *' if kata.path in stale else ''} ({row['what']}) {row['ratio']:.1f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.0f} ms"


def _ratio(row: dict) -> str:
    return f"{row['ratio']:.1f}" if "ratio" in row else ""
