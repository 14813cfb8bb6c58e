"""The installed program: it works in any folder, says its own name, and shells complete its words."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from katagrad import cli
from katagrad.commands.completion import SCRIPTS, candidates
from katagrad.katas.catalog import Catalog

POSIX = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
# What pip writes for an entry point.
SCRIPT = """#!{python}
import re
import sys
from {module} import {function}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({function}())
"""


@pytest.fixture
def program(checkout, tmp_path):
    """Give the path of a script such as `pip install -e .` makes of the checkout's pyproject.toml."""
    project = tomllib.loads((checkout.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["katagrad"].partition(":")
    path = tmp_path / "bin" / "katagrad"
    path.parent.mkdir()
    path.write_text(SCRIPT.format(python=sys.executable, module=module, function=function), encoding="utf-8")
    path.chmod(0o755)
    return path


def run(program, checkout, *arguments, folder=None):
    """Run the installed program in a folder."""
    return subprocess.run(
        [sys.executable, str(program), *arguments],
        cwd=folder or checkout.root,
        env={**os.environ, "PYTHONPATH": str(checkout.root), "PYTHONUTF8": "1", "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("folder", ["exercises/metrics", "..", "solutions"])
def test_any_folder(program, checkout, folder):
    """Wherever it is started it grades the checkout's exercises, keeps one history, and tells of itself by its name."""
    checkout.solve("vif", ("np.divide(1.0, unexplained", "np.divide(2.0, unexplained"))
    folder = checkout.root / folder
    # A stray module in the working directory must not stand in for one of ours, or of Python.
    (folder / "random.py").write_text("raise SystemExit('taken over')\n")
    result = run(program, checkout, "grade", "vif", folder=folder)
    assert result.returncode == 1, result.stderr
    assert "x diagnostics/vif" in result.stdout
    assert "debug:       katagrad grade vif --case " in result.stdout
    assert "stuck:       katagrad hint vif " in result.stdout
    assert (checkout.root / ".katagrad" / "history.db").exists()
    assert not (folder / ".katagrad").exists()


def test_each_way_to_start_has_its_name(program, checkout):
    """Advice names the program as it was started: installed, by Python, or by nox."""
    assert run(program, checkout, "hint").stderr == "Name one kata: katagrad hint roc_auc\n"
    assert checkout.run("hint").stderr == "Name one kata: python -m katagrad hint roc_auc\n"
    assert checkout.run("hint", KATAGRAD_NOX="1").stderr == "Name one kata: nox -s hint -- roc_auc\n"


def test_without_its_katas(program, tmp_path):
    """Copied away from its katas it says how to install it."""
    copy = tmp_path / "site"
    shutil.copytree(Path(cli.__file__).parent, copy / "katagrad", ignore=shutil.ignore_patterns("__pycache__"))
    result = subprocess.run(
        [sys.executable, str(program), "next"],
        env={**os.environ, "PYTHONPATH": str(copy)},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert result.returncode == 2
    assert "In a checkout of the repository: pip install -e . or uv tool install -e ." in result.stderr
    assert "Traceback" not in result.stderr


TOPICS = [topic.name for topic in Catalog().topics]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], list(cli.COMMANDS)),
        (["gr"], ["grade"]),
        (["grade", "best"], ["best_split"]),
        (["grade", "boo"], ["boosting"]),
        (["grade", "vif", "best"], ["best_split"]),
        (["grade", "diagnostics/v"], ["diagnostics/vif"]),
        (["hint", "boo"], []),
        (["hint", "best"], ["best_split"]),
        (["grade", "--se"], ["--seed", "--seeds"]),
        (["grade", "--seed", ""], []),
        (["grade", "--json", ""], []),
        (["grade", "--all", "best"], ["best_split"]),
        (["list", "--topic", "bo"], ["boosting"]),
        (["list", "--topic", "drift,bo"], ["drift,boosting"]),
        (["list", "--topic", ""], TOPICS),
        (["list", "--difficulty", "e"], ["easy"]),
        (["list", "--difficulty", "easy", "best"], ["best_split"]),
        (["plan", "--topics", "drift,bo"], ["drift,boosting"]),
        (["list", "--selection", "two"], ["two_weeks"]),
        (["completion", ""], list(SCRIPTS)),
        (["completion", "--"], ["--help"]),
        (["nothing", ""], []),
    ],
)
def test_candidates(words, found):
    """Commands, options, their values, katas and topics are completed; files are left to the shell."""
    assert candidates(cli.arguments_of(), Catalog(), words) == found


def test_a_shell_has_to_be_named(checkout):
    """Without a shell the command says which there are."""
    result = checkout.run("completion")
    assert result.returncode == 2
    assert "Name your shell, one of bash, zsh, fish: " in result.stderr


# What each shell does at a tab, as far as it does it outside of its line editor.
BASH = """eval "$(katagrad completion bash)"
COMP_WORDS=({words} "{last}")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_katagrad
printf "%s\\n" "${{COMPREPLY[@]}}"
"""
ZSH = """compdef() {{ :; }}
compadd() {{ print -l -- ${{(P)2}}; }}
_files() {{ :; }}
eval "$(katagrad completion zsh)"
words=({words} "{last}")
CURRENT=${{#words}}
_katagrad
"""
FISH = """katagrad completion fish | source
complete --do-complete '{words} {last}'
"""
COMPLETE = {"bash": (["--norc", "-c"], BASH), "zsh": (["-f", "-c"], ZSH), "fish": (["--no-config", "-c"], FISH)}


@POSIX
@pytest.mark.parametrize("shell", SCRIPTS)
@pytest.mark.parametrize(
    ("words", "last", "found"),
    [
        ("katagrad", "gr", ["grade"]),
        ("katagrad grade", "best", ["best_split"]),
        ("katagrad grade vif", "--se", ["--seed", "--seeds"]),
        ("katagrad list --topic", "bo", ["boosting"]),
        ("katagrad completion", "", sorted(SCRIPTS)),
    ],
)
def test_shells(program, checkout, shell, words, last, found):
    """Each shell, with its script, completes what the program says."""
    path = shutil.which(shell)
    if not path:
        pytest.skip(f"there is no {shell}")
    options, text = COMPLETE[shell]
    result = subprocess.run(
        [path, *options, text.format(words=words, last=last)],
        env={
            **os.environ,
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(checkout.root),
        },
        cwd=checkout.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert result.stderr == ""
    assert sorted(line.split("\t")[0] for line in result.stdout.splitlines()) == found
