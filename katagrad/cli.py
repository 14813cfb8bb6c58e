"""The commands: their names, their options, and the function that runs each."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from katagrad.katas.catalog import Catalog, TableError, UnknownNameError
from katagrad.katas.kata import LEVELS


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
    parser.add_argument(
        "--html", nargs="?", const="", metavar="FILE", help="write it as one page with plots and the kata's picture"
    )


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


def _interview(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=_whole, default=45, metavar="N", help="how long it takes (45)")
    parser.add_argument("--katas", type=_count, metavar="N", help="how many katas (one for every 20 minutes)")
    parser.add_argument("--topics", type=_Several(), default=[], metavar="A,B", help="only katas of these topics")
    parser.add_argument("--selection", metavar="NAME", help="only katas of a ready-made selection")
    parser.add_argument("--difficulty", "--level", choices=LEVELS, help="only katas that are so difficult")
    parser.add_argument("--seed", type=_whole, metavar="N", help="choose as the interview that showed this seed")
    parser.add_argument("--html", metavar="FILE", help="write the score card as a page, too")
    parser.add_argument("--new", action="store_true", help="begin a new one, though another is under way")
    parser.add_argument("--last", action="store_true", help="only show the score card of the last one again")


def _progress(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")
    parser.add_argument("--html", metavar="FILE", help="write it as one page with plots")


def _reset(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--undo", action="store_true", help="bring back the text before the last reset")
    parser.add_argument("--all", action="store_true", dest="every", help="every file of a topic that was named")


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="only katas on this, the best matches first")
    parser.add_argument("--topic", type=_Several(), action="extend", metavar="TOPIC", help="of this topic")
    parser.add_argument(
        "--difficulty", "--level", type=_Several(*LEVELS), action="extend", metavar="LEVEL", help=", ".join(LEVELS)
    )
    parser.add_argument("--max-minutes", type=_whole, metavar="N", help="with a par time of at most N minutes")
    states = ("new", "started", "unsolved", "solved", "strict", "due")
    parser.add_argument("--state", type=_Several(*states), action="extend", metavar="STATE", help=", ".join(states))
    parser.add_argument("--selection", metavar="NAME", help="the katas of a ready-made selection, in its order")
    parser.add_argument("--selections", action="store_true", help="the ready-made selections")
    parser.add_argument("--all", action="store_true", dest="every", help="also katas that only mention the words")
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def _next(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--random", action="store_true", help="any unsolved kata instead of the next in study order")
    parser.add_argument("--hide-topic", action="store_true", help="do not say which topic it belongs to")


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--date", metavar="DATE", help="the day of the interview, as in 2027-01-20")
    parser.add_argument("--minutes", type=_whole, metavar="N", help="minutes of practice a day; 60 if nothing is said")
    parser.add_argument("--days", metavar="DAYS", help="on which days, as in mon,tue,thu; every day if nothing is said")
    parser.add_argument(
        "--topics", type=_Several(), default=[], metavar="A,B", help="of which topics or katas; all if not said"
    )
    parser.add_argument("--selection", metavar="NAME", help="the katas of a ready-made selection")
    parser.add_argument("--all", action="store_true", dest="every", help="tell every day ahead, not a week")
    parser.add_argument("--off", action="store_true", help="forget the plan")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", nargs="?", choices=("bash", "zsh", "fish"), help="prints what this shell has to read")
    parser.add_argument("--candidates", nargs="*", help=argparse.SUPPRESS)  # what the shell asks
    parser.set_defaults(arguments_of=arguments_of)


def _stubs(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a stub differs from its solution")
    parser.add_argument("--force", action="store_true", help="overwrite stubs that have been filled in, too")


def _strength(parser: argparse.ArgumentParser) -> None:
    _names(parser)
    parser.add_argument("--seeds", type=_whole, default=20, metavar="N", help="try each text under N seeds")
    parser.add_argument("--start", type=_whole, default=0, metavar="N", help="the first seed")
    parser.add_argument("--sample", type=_whole, metavar="N", help="only N mutants a kata, the same ones each time")
    parser.add_argument("--new", action="store_true", help="only attempts that were added since figures were written")
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


class _Several:
    """Reads values with commas between them, each one of the choices if there are any."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def __call__(self, text: str) -> list[str]:
        """Return the values."""
        values = [value.strip().lower() for value in text.split(",") if value.strip()]
        wrong = [value for value in values if self.choices and value not in self.choices]
        if wrong:
            raise argparse.ArgumentTypeError(f"{wrong[0]!r} is none of {', '.join(self.choices)}")
        if not values:
            raise argparse.ArgumentTypeError(f"{text!r} names nothing")
        return values


def _count(text: str) -> int:
    if not _whole(text):
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return _whole(text)


COMMANDS = {
    "grade": Command("grade what you have filled in", _grade, "katagrad.commands.grade:run"),
    "watch": Command("grade a kata again at each save", _watch, "katagrad.commands.watch:run"),
    "practice": Command("a blank stub, a clock, grading at each save", _practice, "katagrad.commands.practice:run"),
    "interview": Command(
        "katas and questions on one clock, and a score card", _interview, "katagrad.commands.interview:run"
    ),
    "hint": Command("one more hint each time", _one_name, "katagrad.commands.hint:run"),
    "list": Command("find katas: by words, topic, difficulty, time or state", _list, "katagrad.commands.list:run"),
    "next": Command("what to do now", _next, "katagrad.commands.next:run"),
    "plan": Command("what to do on each day until an interview", _plan, "katagrad.commands.plan:run"),
    "compare": Command("your solution beside the reference", _compare, "katagrad.commands.compare:run"),
    "show": Command("a page with a picture of what your functions return", _show, "katagrad.commands.show:run"),
    "review": Command("an interviewer's follow-up questions", _names, "katagrad.commands.review:run"),
    "reset": Command("a blank stub again; the old text is kept", _reset, "katagrad.commands.reset:run"),
    "update": Command("after a pull: new and changed stubs, yours kept", _names, "katagrad.commands.update:run"),
    "progress": Command("what is solved, how fast, and what is due", _progress, "katagrad.commands.progress:run"),
    "completion": Command("complete words in your shell", _completion, "katagrad.commands.completion:run"),
    "strength": Command(
        "measure the graders by mistakes and mutants", _strength, "katagrad.authoring.strength.command:run"
    ),
    "readme": Command("bring the README's lists up to date", _check, "katagrad.authoring.readme:run"),
    "new": Command("lay the files of a new kata", _new, "katagrad.authoring.new:run"),
    "check": Command("check all that one kata must pass", _names, "katagrad.authoring.check:run"),
    "stubs": Command("derive the exercises from the solutions", _stubs, "katagrad.authoring.stubs:run"),
}


class _Parser(argparse.ArgumentParser):
    """A parser that can be asked for its arguments."""

    def __init__(self, **options: Any) -> None:
        self.arguments: list[argparse.Action] = []
        super().__init__(**options)

    def add_argument(self, *names: str, **options: Any) -> argparse.Action:
        """Add an argument, and remember it."""
        self.arguments.append(super().add_argument(*names, **options))
        return self.arguments[-1]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    program = argparse.ArgumentParser(prog="katagrad", description="Graded katas for the machine-learning interview.")
    commands = program.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        command.options(commands.add_parser(name, help=command.help, description=command.help))
    return program


def arguments_of() -> dict[str, list[argparse.Action]]:
    """Return what each command takes."""
    parsers = {name: _Parser() for name in COMMANDS}
    for name, command in COMMANDS.items():
        command.options(parsers[name])
    return {name: parser.arguments for name, parser in parsers.items()}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 for success, 1 if not solved, 2 for a wrong command."""
    options = parser().parse_args(arguments)
    module, _, function = COMMANDS[options.command].function.partition(":")
    try:
        return getattr(importlib.import_module(module), function)(options, Catalog())
    except (UnknownNameError, TableError) as error:
        from katagrad.terminal import Terminal  # noqa: PLC0415 - completion, which waits for nothing, prints none

        terminal = Terminal(stderr=True)
        terminal.line(str(error), wrap=terminal.interactive)
        return 2
    except KeyboardInterrupt as stop:
        if type(stop) is not KeyboardInterrupt:
            raise  # the terminal was closed: for the command that runs this one
        sys.stderr.write("\nstopped\n")
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # what reads the output has gone; nobody is left to tell
        return 1
