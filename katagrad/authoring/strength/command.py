"""The `strength` command: measures graders, prints a line for each and whatever is wrong."""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from katagrad.authoring.strength.account import Account
from katagrad.authoring.strength.differential import difference
from katagrad.authoring.strength.equivalents import entry
from katagrad.authoring.strength.figures import (
    Figures,
    added,
    attempt_digests,
    digest,
    is_stale,
    path_of,
    read_figures,
    write_figures,
)
from katagrad.authoring.strength.memory import Memory
from katagrad.authoring.strength.plan import plan, plan_without_mutants
from katagrad.authoring.strength.trials import MUTANT, Trial, run_trials
from katagrad.grading.pool import processes
from katagrad.katas.catalog import Catalog, Kata
from katagrad.terminal import Terminal

# A mistake has to be refused under each; a mutant that passes is tried again before it is called a survivor.
WRONG_SEEDS = tuple(range(5))
# Right solutions are accepted under as many before the figures are fit to be published.
SEEDS = 20
_STYLES = {"-": "red", "+": "green"}


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Measure the graders of what was named, all for no names."""
    json_path = Path(options.json) if options.json else None
    katas = catalog.select(options.names)
    if options.new:
        return measure_added(katas)
    return measure(katas, seeds=options.seeds, start=options.start, sample=options.sample, json_path=json_path)


def measure(
    katas: Sequence[Kata],
    *,
    seeds: int = SEEDS,
    start: int = 0,
    sample: int | None = None,
    json_path: Path | None = None,
    workers: int | None = None,
    terminal: Terminal | None = None,
) -> int:
    """Try all mistakes, mutants, right solutions and attempts of some katas on their graders, and tell what came out.

    The committed figures of a kata are written if all of it was tried.

    Parameters
    ----------
    katas : the katas whose graders are measured
    seeds : under how many seeds right texts have to pass, and mistakes to be refused, of which five are enough
    start : the first seed
    sample : how many mutants of each kata to try, the same ones each time; all of them if None
    json_path : where to write the figures
    workers : processes to use, one a core if None
    terminal : where to print

    Returns
    -------
    int
        1 if a mistake is accepted, a mutant survives unsigned, a right solution is rejected, or a kata's files do not
        allow the measurement; else 0.
    """
    terminal = terminal or Terminal()
    digests = _digests(katas)
    with processes(workers) as pool:
        plans = list(pool.map(plan, katas))
        accounts = [Account(each, each.sample(sample), seeds) for each in plans]
        _try_all(pool, accounts, start, terminal)
        _look_for_telling_inputs(pool, accounts)
    if sample is None and seeds >= SEEDS and not start:
        _keep(accounts, digests, terminal)
    if json_path:
        json_path.write_text(json.dumps(_figures(accounts), indent=2) + "\n", encoding="utf-8")
    return _report(accounts, terminal)


def measure_added(katas: Sequence[Kata], workers: int | None = None, terminal: Terminal | None = None) -> int:
    """Try the attempts that were added since figures were written, and add what came out to these figures.

    Katas without figures, or with stale ones, are left out: all of their texts have to be tried.

    Returns
    -------
    int
        1 if a right attempt is rejected, a wrong one accepted, or a file cannot be tried; else 0.
    """
    terminal = terminal or Terminal()
    digests, plans, named = _digests(katas), [], {}
    for kata in katas:
        names = added(kata)
        if names and not is_stale(kata):
            found = plan_without_mutants(kata)
            named[kata] = {each.name for each in found.candidates}
            plans.append(replace(found, candidates=tuple(each for each in found.candidates if each.name in names)))
    if not plans:
        _print(terminal, "No attempt was added since the figures were written; stale figures need a full run.")
        return 0
    accounts = [Account(each, (), SEEDS) for each in plans]
    with processes(workers) as pool:
        _try_all(pool, accounts, 0, terminal)
    for account in accounts:
        kata, new = account.plan.kata, account.figures
        old = read_figures(kata) or Figures()
        figures = {name: old.figures[name] + new[name] * (name != "seeds") for name in old.figures}
        attempts = {**old.attempts}
        for made, counts in account.attempts.items():
            attempts[made] = tuple(map(sum, zip(counts, attempts.get(made, (0, 0)), strict=True)))
        text, measured = digests[kata.path]
        merged = Figures(text, figures, attempts, {**old.killers, **account.killers}, measured)
        # What a rule refused and has no name is a mutant.
        _write(kata, merged, old.killers.keys() - named[kata], terminal)
    return _report(accounts, terminal)


def _digests(katas: Iterable[Kata]) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what figures say of their texts, by kata: taken before these are read, so that later changes are seen."""
    return {kata.path: (digest(kata), attempt_digests(kata)) for kata in katas}


def _trials(account: Account, start: int) -> Iterator[Trial]:
    kata = account.plan.kata
    committed = read_figures(kata) or Figures()
    for each in account.plan.candidates:
        seeds = _from(start, range(account.seeds) if each.kind.right else WRONG_SEEDS[: account.seeds])
        first = committed.killers.get(each.name, "")
        turns = [(seed,) for seed in seeds] if each.kind.right else [seeds]
        yield from (Trial(kata, each.kind, each.name, each.text, turn, first) for turn in turns)
    for mutant in account.mutants:
        first = committed.killers.get(mutant.id, "")
        yield Trial(kata, MUTANT, mutant.text, mutant.text, _from(start, WRONG_SEEDS), first)


def _from(start: int, seeds: Iterable[int]) -> tuple[int, ...]:
    return tuple(start + seed for seed in seeds)


def _try_all(pool: ProcessPoolExecutor, accounts: list[Account], start: int, terminal: Terminal) -> None:
    """Run every trial and hand each to the account of its kata."""
    by_kata = {account.plan.kata.path: account for account in accounts}
    memory = {path: Memory(account.plan.kata) for path, account in by_kata.items()}
    trials = [trial for account in accounts for trial in _trials(account, start)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal.console, transient=True, disable=not terminal.interactive) as progress:
        task = progress.add_task("", total=len(trials))
        for trial, outcomes in run_trials(pool, trials, memory):
            by_kata[trial.kata.path].add(trial, outcomes)
            progress.update(task, advance=1, description=trial.kata.path)


def _look_for_telling_inputs(pool: ProcessPoolExecutor, accounts: list[Account]) -> None:
    """Add to each survivor an input that gives it away; where none is found, what to sign it with."""
    searches = [
        (account, mutant, pool.submit(difference, account.plan.kata, account.plan.text, mutant.text))
        for account in accounts
        for mutant in account.survivors
    ]
    for account, mutant, search in searches:
        found = search.result()
        account.telling[mutant.text] = (
            found
            or "No draw of the workload tells it from the reference. If it is right by the statement, sign it:\n"
            + entry(mutant)
        )


def _keep(accounts: list[Account], digests: dict[str, tuple[str, dict[str, str]]], terminal: Terminal) -> None:
    """Write the committed figures of what could be measured."""
    for account in accounts:
        kata = account.plan.kata
        if not account.plan.text:
            continue
        text, measured = digests[kata.path]
        figures = Figures(text, account.figures, account.attempts, account.killers, measured)
        _write(kata, figures, [mutant.id for mutant in account.mutants], terminal)


def _write(kata: Kata, figures: Figures, mutants: Iterable[str], terminal: Terminal) -> None:
    if write_figures(kata, figures, mutants):
        _print(terminal, f"written: {path_of(kata).relative_to(kata.root).as_posix()}", "dim")


def _report(accounts: list[Account], terminal: Terminal) -> int:
    """Print what came out; return the exit status."""
    problems = 0
    for account in accounts:
        _print(terminal, f"{account.plan.kata.path:34} {_line(account.figures)}")
        for problem in account.problems():
            problems += 1
            for line in f"x {problem}".split("\n"):
                _print(terminal, ("  " if line.startswith("x ") else "      ") + line, _STYLES.get(line[:1], ""))
    _print(terminal, f"{'total':34} {_line(_figures(accounts)['total'])}")
    return int(bool(problems))


def _figures(accounts: list[Account]) -> dict[str, dict]:
    """Return the figures of each kata, and their sums."""
    total: Counter[str] = Counter()
    for account in accounts:
        total.update(account.figures)
    total["seeds"] = max((account.seeds for account in accounts), default=0)
    return {"total": dict(total), "katas": {account.plan.kata.path: account.figures for account in accounts}}


def _line(figures: dict[str, int]) -> str:
    """Return the figures of a kata, or of all, as one line."""
    strict = f" (strict {figures['strict_mistakes']})" if figures["strict_mistakes"] else ""
    unsigned = f", {figures['survivors']} unsigned" if figures["survivors"] else ""
    right, wrong = figures["right_attempts"], figures["wrong_attempts"]
    attempts = (
        f"attempts: {figures['right_attempts_accepted']}/{right} right accepted, "
        f"{figures['wrong_attempts_refused']}/{wrong} wrong refused"
    )
    if not figures["right"]:
        return f"{attempts}, {figures['seeds']} seeds"  # nothing else was tried
    return (
        f"{figures['mistakes_rejected']}/{figures['mistakes']} mistakes rejected{strict}  "
        f"{figures['mutants']} mutants: {figures['killed']} killed, {figures['signed']} equivalent{unsigned}  "
        f"{figures['right_accepted']}/{figures['right']} right accepted, {figures['seeds']} seeds"
        f"{f'  {attempts}' if right or wrong else ''}"
    )


def _print(terminal: Terminal, text: str, style: str = "") -> None:
    # Not wrapped: the lines are for copying.
    terminal.console.print(Text(text, style), soft_wrap=True)
