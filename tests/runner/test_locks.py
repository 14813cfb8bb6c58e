"""A lock is one process's at a time, is free again when that dies, and stops nobody where nothing can be locked."""

import os
import subprocess
import sys

import pytest

from katagrad.katas.catalog import ROOT
from katagrad.record.locks import exclusive

HOLD = """
import sys, time
from pathlib import Path
from katagrad.record.locks import exclusive
with exclusive(Path(sys.argv[1])) as free:
    print(free, flush=True)
    time.sleep(100)
"""


def held(path):
    with exclusive(path) as free:
        return not free


def test_held_until_the_process_dies(tmp_path):
    """Another process's lock is seen, from several sides, until that process is killed."""
    path = tmp_path / "folder" / "one.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "True\n"
        assert held(path)
        assert held(path)
        assert not held(path.with_name("another.lock"))
        other.kill()
        other.wait()
    assert not held(path)


def test_free_after_use(tmp_path):
    """A lock is free again after its block, also one that an error ended."""
    with exclusive(tmp_path / "lock") as free:
        assert free
        assert held(tmp_path / "lock")
    with pytest.raises(OSError, match="full"), exclusive(tmp_path / "lock"):
        raise OSError("full")
    assert not held(tmp_path / "lock")


def test_where_nothing_can_be_locked(tmp_path):
    """A folder that cannot be made, or a file that is no lock, does not count as held by somebody."""
    (tmp_path / "file").write_text("no folder")
    assert not held(tmp_path / "file" / "lock")
    (tmp_path / "lock").write_text("not a database" * 100)
    assert not held(tmp_path / "lock")


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="permissions do not bind root")
def test_folder_without_permission(tmp_path):
    """A folder that may not be written does not count as locked by somebody."""
    tmp_path.chmod(0o555)
    assert not held(tmp_path / "lock")
