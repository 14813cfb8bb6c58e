"""Imports of the program go down only: a lower folder knows nothing of a higher one, nor of one beside it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from katagrad.katas.catalog import ROOT

# From top to bottom. Folders in one row may not import one another.
LEVELS = (
    {"__main__"},
    {"cli"},
    {"commands"},
    {"practice", "authoring"},
    {"grading", "page"},
    {"submission", "record"},
    {"katas"},
    {"terminal", "clock", "verdict", "testing", "picture"},
)
LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}
FILES_BESIDE_THE_FOLDERS = 8


def modules(root: Path) -> dict[str, Path]:
    """Return the program's modules by their dotted names."""
    found = {}
    for path in sorted((root / "katagrad").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, known: set[str]) -> Iterator[tuple[str, int]]:
    """Yield each of the program's modules that a file imports, inside functions too, and the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports by a relative name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "katagrad":
                # `from katagrad.clock import duration` names something within a module.
                yield name if name in known else name.rpartition(".")[0], node.lineno


def imports(root: Path) -> dict[tuple[str, str], str]:
    """Return every import between two modules of the program, and the place where it stands."""
    known = modules(root)
    return {
        (name, target): f"{path.relative_to(root).as_posix()}:{line}"
        for name, path in known.items()
        for target, line in imported(path, set(known))
    }


def folder(name: str) -> str:
    """Return the folder, or the file beside the folders, that a module belongs to."""
    return name.split(".")[1] if "." in name else ""


def upward(found: dict[tuple[str, str], str]) -> list[str]:
    """Return the imports that do not go down, from one folder to another."""
    return [
        f"{place} imports {target}"
        for (name, target), place in found.items()
        if folder(name) and folder(target) != folder(name) and LEVEL[folder(target)] <= LEVEL[folder(name)]
    ]


def cycle(found: dict[tuple[str, str], str]) -> list[str]:
    """Return modules that import one another in a circle; nothing if none do."""
    graph: dict[str, set[str]] = {}
    for name, target in found:
        graph.setdefault(name, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_every_folder_has_a_level():
    """A new folder is given its place here."""
    assert {folder(name) for name in modules(ROOT)} - {""} == set(LEVEL)


def test_imports_go_down():
    """No folder imports one above or beside it, and no modules import one another in a circle."""
    found = imports(ROOT)
    assert upward(found) == []
    assert cycle(found) == []


def test_few_files_beside_the_folders():
    """What is not in a folder is what everything needs, or what starts the program."""
    assert len(list((ROOT / "katagrad").glob("*.py"))) <= FILES_BESIDE_THE_FOLDERS


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("katas/low.py", "from katagrad.commands.high import run"),
        ("record/low.py", "import katagrad.submission.wall"),
        ("practice/low.py", "def late():\n    from katagrad import cli\n"),
    ],
)
def test_upward_imports_are_found(tmp_path, path, line):
    """An import of something above or beside is found, wherever in a file it stands."""
    for name in ("commands/high.py", "submission/wall.py", "cli.py"):
        (tmp_path / "katagrad" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "katagrad" / name).touch()
    low = tmp_path / "katagrad" / path
    low.parent.mkdir(exist_ok=True)
    low.write_text(line)
    assert [problem.split(":")[0] for problem in upward(imports(tmp_path))] == [f"katagrad/{path}"]


def test_circles_are_found(tmp_path):
    """Two modules of a folder that import one another are found."""
    (tmp_path / "katagrad" / "katas").mkdir(parents=True)
    (tmp_path / "katagrad" / "katas" / "first.py").write_text("from katagrad.katas import second")
    (tmp_path / "katagrad" / "katas" / "second.py").write_text("from katagrad.katas.first import anything")
    assert set(cycle(imports(tmp_path))) == {"katagrad.katas.first", "katagrad.katas.second"}


@pytest.mark.parametrize("arguments", [("next",), ("hint", "vif"), ("review", "vif"), ("reset", "vif", "--undo")])
def test_small_commands_start_quickly(checkout, arguments):
    """A command that grades nothing loads neither pytest nor NumPy, nor tables, lexers and the scheduler unused."""
    command = [sys.executable, "-I", "-X", "importtime", str(checkout.root / "katagrad"), *arguments]
    result = subprocess.run(command, cwd=checkout.root, capture_output=True, text=True, check=False, timeout=100)
    loaded = set(re.findall(r"\| +([\w.]+)\n", result.stderr))
    assert "rich.console" in loaded, result.stderr[-2000:]
    assert not loaded & {"pytest", "numpy", "fsrs", "rich.table", "rich.syntax", "katagrad.submission.proxy"}
