"""What a submission may reach: NumPy, the standard library and its scratch directory.

The audit hook gives a clear sentence; on Linux, Landlock makes it hold. Neither is a sandbox for strangers' code.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec

from katagrad import landlock

ORACLES = {
    "sklearn": "scikit-learn",
    "scipy": "SciPy",
    "statsmodels": "statsmodels",
    "xgboost": "XGBoost",
    "torch": "PyTorch",
    "pandas": "pandas",
}
OURS = {"solutions", "tests", "katagrad", "exercises"}
MEMORY = 3 * 2**30
FILE_SIZE = 2**28
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PYTHON = tuple({os.path.realpath(path) + os.sep for path in (sys.prefix, sys.base_prefix)})


class _Imports:
    """Answers an import of anything beyond NumPy and the standard library with a sentence."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """Find nothing; object to what a kata does without."""
        top = name.split(".")[0]
        if top == "numpy" or top in sys.stdlib_module_names:
            return None
        if top in OURS:
            raise ModuleNotFoundError(f"{top} is closed to a submission: graders and solutions are not for importing.", name=name)
        if top in ORACLES:
            raise ModuleNotFoundError(f"{ORACLES[top]} is not at hand: the kata is to do without it, in NumPy.", name=name)
        raise ModuleNotFoundError(f"No module named {top!r} here: only NumPy and the standard library.", name=name)


def close(root: str, scratch: str) -> None:
    """Give up, for good, whatever a submission has no need of.

    Parameters
    ----------
    root : the checkout, whose graders, solutions and history stay closed
    scratch : the only directory that may be written
    """
    _limit()
    python = [*_PYTHON, os.path.dirname(os.__file__), *(path for path in sys.path if "site-packages" in path)]
    landlock.restrict([*python, "/usr", "/lib", "/lib64", "/etc", "/dev/urandom"], [scratch, "/dev/null"])
    sys.meta_path.insert(0, _Imports())
    sys.addaudithook(_hook(os.path.realpath(root) + os.sep, os.path.realpath(scratch) + os.sep))


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    for name, value in (("RLIMIT_AS", MEMORY), ("RLIMIT_FSIZE", FILE_SIZE), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            continue  # a lower limit is set already, or the system knows no such limit


def _hook(root: str, scratch: str) -> Callable[[str, tuple], None]:
    """Return an audit hook that refuses what reaches beyond the scratch directory."""

    def inside(path: object, *folders: str) -> bool:
        return (os.path.realpath(os.fsdecode(path)) + os.sep).startswith(folders)

    def read(path: object, *_: object) -> None:
        if isinstance(path, str | bytes | os.PathLike) and inside(path, root) and not inside(path, scratch, *_PYTHON):
            raise PermissionError(f"{os.fsdecode(path)} is closed to a submission.")

    def write(path: object, *_: object) -> None:
        if isinstance(path, str | bytes | os.PathLike) and not inside(path, scratch, os.devnull):
            raise PermissionError(f"{os.fsdecode(path)} is not for a submission to write: only its own directory is.")

    def opened(path: object, mode: str | None, flags: int) -> None:
        (write if flags & _WRITES else read)(path)

    def moved(source: object, target: object, *_: object) -> None:
        write(source)
        write(target)

    def process(*_: object) -> None:
        raise PermissionError("A submission starts no other processes.")

    def signal(*_: object) -> None:
        raise PermissionError("A submission sends no signals.")

    def network(*_: object) -> None:
        raise PermissionError("A submission opens no connections.")

    def library(*_: object) -> None:
        raise PermissionError("A submission loads no C libraries.")

    refusals = {
        "open": opened,
        **dict.fromkeys(("os.listdir", "os.scandir", "os.chdir"), read),
        **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "os.utime"), write),
        **dict.fromkeys(("os.rename", "os.link", "os.symlink"), moved),
        **dict.fromkeys(("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"), process),
        **dict.fromkeys(("subprocess.Popen", "os.startfile", "_winapi.CreateProcess"), process),
        **dict.fromkeys(("os.kill", "os.killpg"), signal),
        **dict.fromkeys(("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"), network),
        **dict.fromkeys(("ctypes.dlopen", "ctypes.dlsym"), library),
    }

    def hook(event: str, arguments: tuple) -> None:
        refuse = refusals.get(event)
        if refuse is not None:
            refuse(*arguments)

    return hook
