"""Where the history cannot be written, grading goes on, claims no attempt, and keeps those there are."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.runner.conftest import slowly
from tests.runner.matrix import Checkout
from tests.runner.submissions import RIGHT

MOUNT, UMOUNT = shutil.which("mount"), shutil.which("umount")
resource = pytest.importorskip("resource", reason="limits of POSIX")


@pytest.fixture
def checkout(tmp_path):
    """Give a checkout in which one kata is filled in."""
    return Checkout.filled(tmp_path / "checkout")


def no_room():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def test_no_room(checkout):
    """Where files may not grow the history gets a sentence, claims no attempt, and keeps those it has."""
    checkout.grade()
    checkout.fill("first", RIGHT + "\n")
    shown = checkout.grade(preexec_fn=no_room)
    assert "History cannot be written" in shown
    assert "this is not remembered" in shown
    assert "attempt" not in shown
    assert checkout.attempts() == 1
    assert "attempt 2" in checkout.grade()


@contextmanager
def mounted(*arguments):
    """Mount something for as long as the test needs it; skip the test where that is not allowed."""
    made = subprocess.run([MOUNT, *arguments], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"cannot mount: {made.stderr.decode()}")
    try:
        yield
    finally:
        subprocess.run([UMOUNT, "--lazy", arguments[-1]], check=True)


root_only = pytest.mark.skipif(getattr(os, "geteuid", int)() != 0 or not (MOUNT and UMOUNT), reason="mounts")


@root_only
@pytest.mark.parametrize("left", [4096, *slowly(0, 12_288, 40_960)])
def test_full_disk(checkout, left):
    """On a full disk grading goes on, also where the disk fills up only while the history is written."""
    folder = checkout.history.parent
    folder.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=200k", "none", str(folder)):
        checkout.grade()
        kept = checkout.attempts()
        checkout.fill("first", RIGHT + "\n")
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(free - left))
        shown = checkout.grade()
        written = checkout.attempts()
        assert ("attempt 2" in shown) == (written == kept + 1)
        assert ("History cannot be" in shown) == (written == kept)
        ballast.unlink()
        assert "attempt 2" in checkout.grade()


@root_only
def test_read_only_checkout(checkout):
    """In a checkout that cannot be written grading goes on, with what the history holds."""
    checkout.grade()
    checkout.fill("first", RIGHT + "\n")
    with mounted("--bind", "-o", "ro", str(checkout.root), str(checkout.root)):
        shown = checkout.grade()
        assert "History cannot be written" in shown
        assert "attempt 2" not in shown
        reset = checkout.run("reset", "first")
        assert reset.returncode == 1
        assert b"Nothing was lost" in reset.stderr
        practice = checkout.run("practice", "first")
        assert practice.returncode == 1
        assert b"Read-only file system" in practice.stdout
        assert b"another terminal" not in practice.stdout
    checkout.run("reset", "first")
    with mounted("--bind", "-o", "ro", str(checkout.root), str(checkout.root)):
        practice = checkout.run("practice", "first")
        assert practice.returncode == 1
        assert "first.py: the file cannot be written" in " ".join(practice.stdout.decode().split())


@root_only
def test_reset_on_a_full_disk(checkout):
    """A reset without room for the old text says so by the file's name and changes nothing."""
    path = checkout.folder / "first.py"
    before = path.read_text()
    folder = checkout.history.parent
    folder.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=100k", "none", str(folder)):
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        (folder / "ballast").write_bytes(bytes(free - 3 * 4096))
        (folder / "kept" / "rows" / "first").mkdir(parents=True)
        (folder / "more").write_bytes(bytes(os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize))
        result = checkout.run("reset", "first")
        assert result.returncode == 1
        assert f"{folder / 'kept' / 'rows' / 'first'}" in result.stderr.decode()
        assert "No space left on device" in result.stderr.decode()
    assert path.read_text() == before


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="permissions do not bind root")
def test_folder_without_permission(checkout):
    """Where the history's folder may not be written grading goes on."""
    checkout.grade()
    checkout.fill("first", RIGHT + "\n")
    checkout.history.chmod(0o444)
    checkout.history.parent.chmod(0o555)
    try:
        assert "History cannot be written" in checkout.grade()
    finally:
        checkout.history.parent.chmod(0o755)


def cut_short(root):
    """Cut the bytecode of every module short, as a full disk does; what starts them all has room in one block."""
    paths = [path for path in (root / "katagrad").rglob("*.pyc") if not path.name.startswith("__main__")]
    for path in paths:
        path.write_bytes(path.read_bytes()[:100])
    return len(paths)


def grade_as_a_person_does(checkout):
    """Grade the first kata by the program's own start."""
    command = [sys.executable, "-I", str(checkout.root / "katagrad"), "grade", "first"]
    result = subprocess.run(command, cwd=checkout.root, capture_output=True, timeout=100, check=False)
    assert (result.returncode, result.stderr) == (0, b""), result.stdout + result.stderr


def test_bytecode_that_was_cut_short(checkout):
    """Bytecode that a full disk has cut short is made anew."""
    grade_as_a_person_does(checkout)
    assert cut_short(checkout.root) > 10
    grade_as_a_person_does(checkout)
    grade_as_a_person_does(checkout)


@root_only
def test_no_bytecode_without_room(checkout):
    """Where the disk has no room no bytecode is written."""
    folder = checkout.root / "katagrad"
    shutil.copytree(folder, checkout.root / "copy")
    with mounted("-t", "tmpfs", "-o", "size=4m", "none", str(folder)):
        shutil.copytree(checkout.root / "copy", folder, dirs_exist_ok=True)
        grade_as_a_person_does(checkout)
        assert {path.name.partition(".")[0] for path in folder.rglob("*.pyc")} <= {"__main__"}
