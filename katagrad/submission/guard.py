"""What a submission may reach: NumPy, the standard library and its scratch directory.

The audit hook gives a clear sentence; on Linux, Landlock makes it hold. Neither is a sandbox for strangers' code.
"""

import os
import sys
import sysconfig
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

from katagrad.submission import landlock

ORACLES = {
    "sklearn": "scikit-learn",
    "scipy": "SciPy",
    "statsmodels": "statsmodels",
    "xgboost": "XGBoost",
    "torch": "PyTorch",
    "pandas": "pandas",
}
OURS = {"solutions", "tests", "katagrad", "exercises"}
# Bytes; seconds of processor time, for what is left alone in a loop where nothing else ends it.
LIMITS = {"RLIMIT_AS": 3 * 2**30, "RLIMIT_FSIZE": 2**28, "RLIMIT_CORE": 0, "RLIMIT_CPU": 300}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Not all of sys.prefix: the checkout may lie below /usr, too.
_LIBRARIES = (sysconfig.get_path("stdlib"), *(path for path in sys.path if path.endswith("-packages")))
_PYTHON = tuple(os.path.realpath(path) + os.sep for path in _LIBRARIES)


class _Imports:
    """Answers an import of anything beyond NumPy and the standard library with a sentence."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """Find nothing; object to what a kata does without."""
        top = name.split(".", maxsplit=1)[0]
        if top == "numpy" or top in sys.stdlib_module_names:
            return None
        if top in OURS:
            raise ModuleNotFoundError(
                f"{top} is closed to a submission: graders and solutions are not for importing.", name=name
            )
        if top in ORACLES:
            raise ModuleNotFoundError(
                f"{ORACLES[top]} is not at hand: the kata is to do without it, in NumPy.", name=name
            )
        raise ModuleNotFoundError(f"No module named {top!r} here: only NumPy and the standard library.", name=name)


def close(root: str, scratch: str) -> None:
    """Give up, for good, whatever a submission has no need of.

    Parameters
    ----------
    root : the checkout, whose graders, solutions and history stay closed
    scratch : the only directory that may be written
    """
    _limit()
    system = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/etc", "/dev/urandom")
    landlock.restrict([*_PYTHON, f"{sys.base_prefix}/lib", *system], [scratch, os.devnull])
    sys.meta_path.insert(0, _Imports())
    sys.addaudithook(_Hook(os.path.realpath(root) + os.sep, os.path.realpath(scratch) + os.sep))


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    for name, value in LIMITS.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            continue  # the system knows no such limit, or a lower one is set already


# What a submission has no use for at all, by the event that announces it.
_REFUSED = {
    "A submission starts no other processes.": (
        *("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"),
        *("subprocess.Popen", "os.startfile", "_winapi.CreateProcess"),
    ),
    "A submission sends no signals.": ("os.kill", "os.killpg"),
    "A submission leaves other processes alone.": ("resource.prlimit",),
    "A submission opens no databases.": ("sqlite3.connect",),
    "A submission opens no connections.": ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"),
    "A submission loads no C libraries.": ("ctypes.dlopen", "ctypes.dlsym"),
}
_SENTENCES = {event: sentence for sentence, events in _REFUSED.items() for event in events}
_READS = {"os.listdir", "os.scandir", "os.chdir"}
_WRITES_ONE = {"os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "os.utime"}
_WRITES_TWO = {"os.rename", "os.link", "os.symlink"}


class _Hook:
    """An audit hook that refuses what reaches beyond the scratch directory."""

    def __init__(self, root: str, scratch: str) -> None:
        self.root, self.scratch = root, scratch

    def __call__(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path, _, flags = arguments
            (self.write if flags & _WRITES else self.read)(path)
        elif event in _READS:
            self.read(arguments[0])
        elif event in _WRITES_ONE:
            self.write(arguments[0])
        elif event in _WRITES_TWO:
            self.write(arguments[0])
            self.write(arguments[1])
        elif event in _SENTENCES:
            raise PermissionError(_SENTENCES[event])

    def read(self, path: object) -> None:
        """Refuse what lies in the checkout, and what the system tells of other processes."""
        if _is_path(path) and _inside(path, self.root, "/proc/") and not _inside(path, self.scratch, *_PYTHON):
            raise PermissionError(f"{os.fsdecode(path)} is closed to a submission.")

    def write(self, path: object) -> None:
        """Refuse whatever is not the submission's own."""
        if _is_path(path) and not _inside(path, self.scratch, os.devnull):
            raise PermissionError(f"{os.fsdecode(path)} is not for a submission to write: only its own directory is.")


def _is_path(path: object) -> bool:
    """Say whether an event names a file, not a descriptor that is open already."""
    return isinstance(path, str | bytes | os.PathLike)


def _inside(path: object, *folders: str) -> bool:
    return (os.path.realpath(os.fsdecode(path)) + os.sep).startswith(folders)
