"""Starts the command line: `python -m katagrad`, `python -I katagrad` from anywhere, or the command `katagrad`."""

import gc
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib comes later
ROOM = 2**24

# The first entry of the path is the working directory or this one: either would let a stray random.py there, or a
# module of ours, stand in for the standard library's. Ours is found last instead.
sys.path[:] = [*sys.path[1:], ROOT]

# One thread a process: katas are graded side by side, and threads would fight for the cores. Before NumPy is loaded.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(name, "1")

# Much is made while modules are loaded, and nothing of it is garbage: look for some less often than after 700 objects.
gc.set_threshold(20_000, 10, 10)

# On a full disk Python leaves half a file of bytecode, at which every later start would fail.
if hasattr(os, "statvfs"):
    _disk = os.statvfs(os.path.join(ROOT, "katagrad"))  # noqa: PTH118 - pathlib comes later
    sys.dont_write_bytecode |= _disk.f_bavail * _disk.f_frsize < ROOM


def main() -> int:
    """Carry out the command line of this process, and return its exit status.

    Where bytecode was cut short it is deleted, and the command starts again.
    """
    for stream in (sys.stdout, sys.stderr):
        # A submission may print, raise and return what the terminal has no letters for.
        stream.reconfigure(errors="backslashreplace")
    try:
        from katagrad import cli  # noqa: PLC0415 - found on the path as it is by now

        return cli.main(sys.argv[1:])
    except (EOFError, ValueError) as error:
        if "marshal data" not in str(error) or "KATAGRAD_AGAIN" in os.environ:
            raise
    import subprocess  # noqa: PLC0415 - only here
    from pathlib import Path  # noqa: PLC0415

    for path in Path(ROOT).glob("[!.]*/**/__pycache__/*.pyc"):
        path.unlink(missing_ok=True)
    environment = {**os.environ, "KATAGRAD_AGAIN": "1"}
    return subprocess.call([sys.executable, *sys.orig_argv[1:]], env=environment)  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())
