"""Linux: a clean process, NumPy loaded and no grader, that forks one process for each submission.

It is forked from the runner before any grader or reference is in memory, which makes the start of a submission cost
milliseconds. Being the parent of all submissions, it also adopts and ends whatever they leave behind.
"""

import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FunctionType, ModuleType

from katagrad.submission import wire

DESCRIPTORS = 4  # requests, replies, printed output and where it is when it is stopped
SUPPORTED = sys.platform == "linux" and os.environ.get("KATAGRAD_START", "fork") == "fork"
_NEEDED = {
    f"katagrad.submission.{name}"
    for name in (
        *("apart", "audit", "capabilities", "child", "digest", "guard", "heap", "imports", "landlock", "packing"),
        *("plain", "seccomp", "unpacking", "whereabouts", "wire", "zygote"),
    )
}


def serve(control: socket.socket) -> None:
    """Fork and end submissions until the runner goes."""
    live: set[int] = set()
    try:
        # Here, and not in the runner, which has other things to load meanwhile. `np.unique` loads masked arrays.
        import numpy.ma  # noqa: F401, PLC0415

        from katagrad.submission import child, landlock  # noqa: PLC0415

        _forget_the_runner()
        _let_go(control)
        landlock.adopt_orphans()
        for interrupt in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(interrupt, signal.SIG_IGN)
        while True:
            data, descriptors, *_ = socket.recv_fds(control, 64, DESCRIPTORS)
            if not data:
                _sweep(set())
                break
            if data == b"start":
                pid = _start(child.main, control, descriptors)
                live.add(pid)
                control.send(str(pid).encode())
            else:
                live.discard(int(data))
                control.send(str(_end(int(data), live)).encode())
    except OSError:
        pass  # the runner has gone
    finally:
        os._exit(0)


def _forget_the_runner() -> None:
    """Empty those of the runner's modules that name what answers for a file: any code can find a class of theirs.

    A class leads to its methods, they to the names of their module, and these on to others.
    """
    for name, module in [*sys.modules.items()]:
        if not name.startswith("katagrad.") or name in _NEEDED:
            continue
        named = {getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in _values(module)}
        if named & _NEEDED:
            vars(module).clear()


def _values(module: ModuleType) -> list:
    return [value for value in vars(module).values() if isinstance(value, ModuleType | FunctionType | type)]


def _let_go(control: socket.socket) -> None:
    """Put the null device in the place of all that the runner had open, so that no submission can write into it.

    Nothing is closed: something inherited may close its number later, which must not be that of something new by then.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - no pathlib in here
        if descriptor > 2 and descriptor not in {null, control.fileno()}:
            with contextlib.suppress(OSError):
                os.fstat(descriptor)  # the one that listed them is closed already
                os.dup2(null, descriptor)


def _start(main: Callable[..., None], control: socket.socket, descriptors: list[int]) -> int:
    """Return the number of a new process, or what was wrong, as a negative one."""
    try:
        # The kernel leaves out descriptors for which there is no room.
        return _fork(main, control, descriptors) if len(descriptors) == DESCRIPTORS else -errno.EMFILE
    except OSError as error:
        return -error.errno
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _fork(main: Callable[..., None], control: socket.socket, descriptors: list[int]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            control.close()
            os.setsid()
            for interrupt in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
                signal.signal(interrupt, signal.default_int_handler if interrupt == signal.SIGINT else signal.SIG_DFL)
            main(*descriptors)
        except OSError:
            os._exit(wire.NO_ROOM)
        finally:
            os._exit(1)
    return pid


def _end(pid: int, live: set[int]) -> int:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    _sweep(live)
    return status


def _sweep(live: set[int]) -> None:
    """End every descendant that outlived its parent: each becomes a child of this process when that happens."""
    while True:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as children:  # noqa: PTH123 - no pathlib in here
                orphans = {int(word) for word in children.read().split()} - live
        except OSError:
            return
        if not orphans:
            return
        for orphan in orphans:
            with contextlib.suppress(OSError):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
