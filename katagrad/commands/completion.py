"""The `completion` command: what a shell needs to complete commands, options, katas and topics.

The script that a shell reads asks this command at each key for what may stand next, so it never grows old.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence

from katagrad.katas.catalog import Catalog
from katagrad.terminal import command

# Each word is sent behind a mark, so that none looks like an option of this command.
MARK = "="
SCRIPTS = {
    "bash": """\
# To complete katagrad's words in bash, add to ~/.bashrc:  eval "$(katagrad completion bash)"
_katagrad() {
    local IFS=$'\\n' word typed=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do typed+=("=$word"); done
    COMPREPLY=($(katagrad completion --candidates "${typed[@]}" 2>/dev/null))
}
complete -o bashdefault -o default -F _katagrad katagrad
""",
    "zsh": """\
# To complete katagrad's words in zsh, add to ~/.zshrc, after compinit:  eval "$(katagrad completion zsh)"
_katagrad() {
    local -a found
    found=("${(@f)$(katagrad completion --candidates "${(@)words[2,CURRENT]/#/=}" 2>/dev/null)}")
    if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _katagrad katagrad
""",
    "fish": """\
# To complete katagrad's words in fish:  katagrad completion fish > ~/.config/fish/completions/katagrad.fish
function __katagrad_candidates
    set --local before (commandline --tokenize --cut-at-cursor --current-process)
    set --local last (commandline --current-token --cut-at-cursor)
    katagrad completion --candidates "="$before[2..] "=$last" 2>/dev/null
end
complete --command katagrad --no-files --arguments '(__katagrad_candidates)'
complete --command katagrad --condition '__fish_prev_arg_in --html --json --junit' --force-files
""",
}


def run(options: argparse.Namespace, catalog: Catalog) -> int:
    """Print the script for a shell, or what may stand where a person is typing."""
    if options.candidates is not None:
        words = [word.removeprefix(MARK) for word in options.candidates]
        found = candidates(options.arguments_of(), catalog, words)
        sys.stdout.writelines(f"{word}\n" for word in found)
    elif options.shell:
        sys.stdout.write(SCRIPTS[options.shell])
    else:
        sys.stderr.write(f"Name your shell, one of {', '.join(SCRIPTS)}: {command('completion', 'bash')}\n")
        return 2
    return 0


def candidates(arguments: Mapping[str, Sequence[argparse.Action]], catalog: Catalog, words: Sequence[str]) -> list[str]:
    """Return what the last of some words may become; nothing where a file or a number is wanted.

    Parameters
    ----------
    arguments : what each command takes
    words : all that was typed after the program's name, up to the cursor
    """
    *before, last = words or [""]
    if not before:
        return _begun(last, arguments)
    own = arguments.get(before[0], ())
    options = {name: option for option in own for name in option.option_strings}
    option = options.get(before[-1])
    if option and option.nargs != 0:  # its value, or the last one of several with commas between them
        front, comma, value = last.rpartition(",")
        return [f"{front}{comma}{found}" for found in _begun(value, _values(option, catalog))]
    if last.startswith("-"):
        return _begun(last, (name for name, option in options.items() if option.help != argparse.SUPPRESS))
    positional = next((argument for argument in own if not argument.option_strings), None)
    return _begun(last, _values(positional, catalog, paths="/" in last) if positional else ())


def _begun(word: str, known: Iterable[str]) -> list[str]:
    return [name for name in known if name.startswith(word)]


def _values(argument: argparse.Action, catalog: Catalog, *, paths: bool = False) -> Iterable[str]:
    """Return what an argument may be: katas by their names, or by their paths once there is a slash."""
    katas = [kata.path if paths else kata.name for kata in catalog.katas]
    topics = [topic.name for topic in catalog.topics]
    if argument.dest in ("names", "words"):
        return katas if argument.nargs == "?" else [*topics, *katas]
    if argument.dest in ("topic", "topics"):
        return topics
    if argument.dest == "selection":
        return [selection.name for selection in catalog.selections]
    return argument.choices or getattr(argument.type, "choices", ())
