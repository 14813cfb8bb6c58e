"""The commands: their names, their options, and the function that runs each."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from katagrad.katas.catalog import Catalog, TableError, UnknownNameError


class Command(NamedTuple):
    """One command: its help, the options it adds, and the function that runs it, imported when needed."""

    help: str
    options: Callable[[argparse.ArgumentParser], None]
    function: str


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="a kata, topic/kata or topic; nothing for all")


def _one_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="?", metavar="NAME", help="a kata")


def _grade(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--solutions", action="store_true", help="grade the reference solutions instead")
    parser.add_argument(
        "--strict", action="store_true", help="ask for the rules that are stricter than an interview, too"
    )
    parser.add_argument("--case", metavar="WORD", help="only the rules with this word in their name")
    parser.add_argument("--seed", type=_whole, help="repeat the random cases of a run that showed this seed")
    parser.add_argument("--seeds", type=_whole, metavar="N", help="grade under each of N seeds")
    parser.add_argument("--all", action="store_true", dest="every", help="show every broken rule, not the first few")
    parser.add_argument("--pdb", action="store_true", help="stop in the debugger where a rule breaks")
    parser.add_argument("--json", metavar="FILE", help="write the verdicts as JSON; - for standard output")
    parser.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit XML")


def _compare(parser: argparse.ArgumentParser) -> None:
    _one_name(parser)
    parser.add_argument("--spoil", action="store_true", help="show the reference though the kata is not solved yet")
    parser.add_argument("--html", metavar="FILE", help="write it as one page with plots and the kata's picture")


def _show(parser: argparse.ArgumentParser) -> None:
    _one_name(parser)
    parser.add_argument("--html", metavar="FILE", help="write the page to this file")
    parser.add_argument("--seed", type=_whole, default=0, help="draw other random inputs than those of seed 0")
    parser.add_argument("--solutions", action="store_true", help="draw what the reference solution returns instead")


def _watch(parser: argparse.ArgumentParser) -> None:
    _one_name(parser)
    parser.set_defaults(run_command=main)  # its keys stand for other commands


def _practice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="a kata or a topic; nothing for what is due")


def _progress(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")
    parser.add_argument("--html", metavar="FILE", help="write it as one page with plots")


def _reset(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--undo", action="store_true", help="bring back the text before the last reset")


def _next(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--random", action="store_true", help="any unsolved kata instead of the next in study order")
    parser.add_argument("--hide-topic", action="store_true", help="do not say which topic it belongs to")


def _stubs(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a stub differs from its solution")
    parser.add_argument("--force", action="store_true", help="overwrite stubs that have been filled in, too")


def _strength(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--seeds", type=_whole, default=20, metavar="N", help="try each text under N seeds")
    parser.add_argument("--start", type=_whole, default=0, metavar="N", help="the first seed")
    parser.add_argument("--sample", type=_whole, metavar="N", help="only N mutants a kata, the same ones each time")
    parser.add_argument("--json", metavar="FILE", help="write the figures")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it is behind")


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="TOPIC/KATA", help="what it is to be called")
    parser.add_argument("signatures", nargs="+", metavar="SIGNATURE", help="'vif(X: np.ndarray) -> np.ndarray'")


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


COMMANDS = {
    "grade": Command("grade what you have filled in", _grade, "katagrad.commands.grade:run"),
    "watch": Command("grade a kata again at each save", _watch, "katagrad.commands.watch:run"),
    "practice": Command("a blank stub, a clock, grading at each save", _practice, "katagrad.commands.practice:run"),
    "hint": Command("one more hint each time", _one_name, "katagrad.commands.hint:run"),
    "next": Command("what to do now", _next, "katagrad.commands.next:run"),
    "compare": Command("your solution beside the reference", _compare, "katagrad.commands.compare:run"),
    "show": Command("a page with a picture of what your functions return", _show, "katagrad.commands.show:run"),
    "review": Command("an interviewer's follow-up questions", _names, "katagrad.commands.review:run"),
    "reset": Command("a blank stub again; the old text is kept", _reset, "katagrad.commands.reset:run"),
    "progress": Command("what is solved, how fast, and what is due", _progress, "katagrad.commands.progress:run"),
    "strength": Command(
        "measure the graders by mistakes and mutants", _strength, "katagrad.authoring.strength.command:run"
    ),
    "readme": Command("bring the README's lists up to date", _check, "katagrad.authoring.readme:run"),
    "new": Command("lay the files of a new kata", _new, "katagrad.authoring.new:run"),
    "check": Command("check all that one kata must pass", _names, "katagrad.authoring.check:run"),
    "stubs": Command("derive the exercises from the solutions", _stubs, "katagrad.authoring.stubs:run"),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    program = argparse.ArgumentParser(prog="katagrad", description="Graded katas for the machine-learning interview.")
    commands = program.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        command.options(commands.add_parser(name, help=command.help, description=command.help))
    return program


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 for success, 1 if not solved, 2 for a wrong command."""
    options = parser().parse_args(arguments)
    module, _, function = COMMANDS[options.command].function.partition(":")
    try:
        return getattr(importlib.import_module(module), function)(options, Catalog())
    except (UnknownNameError, TableError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt as stop:
        if type(stop) is not KeyboardInterrupt:
            raise  # the terminal was closed: for the command that runs this one
        sys.stderr.write("\nstopped\n")
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # what reads the output has gone; nobody is left to tell
        return 1
