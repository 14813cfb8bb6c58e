"""Starts the command line: `python -m katagrad`, `python -I katagrad` from anywhere, or the command `katagrad`."""

import gc
import os
import sys

# The first entry of the path is the working directory or this one: either would let a stray random.py there, or a
# module of ours, stand in for the standard library's. Ours is found last instead.
sys.path[:] = [*sys.path[1:], os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]  # noqa: PTH100, PTH120

# One thread a process: katas are graded side by side, and threads would fight for the cores. Before NumPy is loaded.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(name, "1")

# Much is made while modules are loaded, and nothing of it is garbage: look for some less often than after 700 objects.
gc.set_threshold(20_000, 10, 10)


def main() -> int:
    """Carry out the command line of this process, and return its exit status."""
    from katagrad import cli  # noqa: PLC0415 - found on the path as it is by now

    for stream in (sys.stdout, sys.stderr):
        # A submission may print, raise and return what the terminal has no letters for.
        stream.reconfigure(errors="backslashreplace")
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
