"""An audit hook that refuses, in a sentence, what reaches beyond a submission's own process and directory.

It is no wall: what runs in the same process can get round it. On Linux, Landlock and seccomp hold what it says.
"""

import os
import sys
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from types import ModuleType, SimpleNamespace
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What a submission has no use for at all, by the event that announces it.
_REFUSED = {
    "A submission starts no other processes.": (
        *("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"),
        *("subprocess.Popen", "os.startfile", "os.startfile/2", "_winapi.CreateProcess"),
    ),
    "A submission sends no signals.": ("os.kill", "os.killpg"),
    "A submission leaves other processes alone.": ("resource.prlimit",),
    "A submission opens no databases.": ("sqlite3.connect",),
    "A submission opens no connections.": ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"),
    "A submission loads no C libraries.": ("ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle"),
    "A submission looks for no objects but its own.": (
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys._current_frames", "sys._current_exceptions"),
    ),
    "A submission keeps its audit hooks.": ("sys.addaudithook",),
}
_SENTENCES = {event: sentence for sentence, events in _REFUSED.items() for event in events}
_READS = {"os.listdir", "os.scandir", "os.chdir", "os.listxattr", "os.getxattr", "os.walk", "os.fwalk"}
# Events whose first argument, or first two, are written; the last one is a directory that they are relative to.
_WRITES_ONE = {
    *("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.chflags"),
    *("os.setxattr", "os.removexattr", "os.lchmod", "os.lockf"),
}
_WRITES_TWO = {"os.rename", "os.link"}

_SET_OWNER = {6} if sys.platform == "darwin" else {8, 10, 15}  # F_SETOWN, F_SETSIG, F_SETOWN_EX
Check = Callable[..., None]


def _copy(module: ModuleType) -> ModuleType:
    """Return a second copy of a module of the standard library, which no submission can reach and change."""
    spec = find_spec(module.__name__)
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    copy.os = SimpleNamespace(**vars(os))
    return copy


_paths = _copy(os.path)
_real_path, _is_directory, _join, _parent = _paths.realpath, _paths.isdir, _paths.join, _paths.dirname
_of_object, _encoding, _errors = os.fspath, sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
# Not all of sys.prefix: the checkout may lie below /usr, too.
_LIBRARIES = (sysconfig.get_path("stdlib"), *(path for path in sys.path if path.endswith("-packages")))
PYTHON = tuple(os.path.realpath(path) + os.sep for path in _LIBRARIES)


def make_hook(root: str, scratch: str) -> Callable[[str, tuple], None]:
    """Return the hook: a closure, since a class could be found, and its methods replaced.

    Parameters
    ----------
    root : the checkout, which may not be read
    scratch : the directory that may be written
    """
    closed = tuple(map(_folded, (os.path.realpath(root) + os.sep, "/proc/")))
    own = (os.path.realpath(scratch) + os.sep, os.devnull)
    read, write = _readable(closed, (own[0], *PYTHON)), _writable(own)

    def write_two(path: Any, other: Any, *_: Any) -> None:
        write(path)
        write(other)

    def link(target: Any, path: Any, *_: Any) -> None:
        # A target is relative to the link's own directory.
        write_two(_join(_parent(_name(path)), _name(target)), path)

    checks = {"open": _opener(read, write, own[0]), "os.symlink": link, "fcntl.fcntl": _refuse_owner}
    for check, events in ((read, _READS), (write, _WRITES_ONE), (write_two, _WRITES_TWO)):
        checks |= dict.fromkeys(events, check)
    sentences, no_check = dict(_SENTENCES), _nothing

    def hook(event: str, arguments: tuple) -> None:
        if event in sentences:
            raise PermissionError(sentences[event])
        checks.get(event, no_check)(*arguments)

    return hook


def _readable(closed: tuple[str, ...], readable: tuple[str, ...]) -> Check:
    """Return what refuses to read a path that is closed, unless it is below what may be read."""

    def read(path: Any, *_: Any) -> None:
        if _is_path(path) and not _inside(path, readable) and _is_closed(path, closed):
            raise PermissionError(f"{_name(path)} is closed to a submission.")

    return read


def _writable(own: tuple[str, ...]) -> Check:
    """Return what refuses to write a path that is not the submission's own."""

    def write(path: Any, *_: Any) -> None:
        if _is_path(path) and not _inside(path, own):
            raise PermissionError(f"{_name(path)} is not for a submission to write: only its own directory is.")

    return write


def _opener(read: Check, write: Check, scratch: str) -> Check:
    """Return what refuses to open a file, or a directory from which files could be named in a way that is not told."""
    readable = (scratch, *PYTHON)

    def open_(path: Any, mode: Any, flags: int) -> None:
        (write if flags & _WRITES else read)(path)
        if mode is None and _is_path(path) and not _inside(path, readable) and _is_directory(path):
            raise PermissionError(f"{_name(path)} is a directory that is closed to a submission.")

    return open_


def _refuse_owner(_: Any, command: int, *__: Any) -> None:
    """Refuse to have a pipe's signals sent to another process."""
    if command in _SET_OWNER:
        raise PermissionError("A submission sends no signals.")


def _name(path: Any) -> str:
    """Return a path as text."""
    path = _of_object(path)
    return path if isinstance(path, str) else path.decode(_encoding, _errors)


def _nothing(*_: Any) -> None:
    """Let an event pass."""


def _is_path(path: Any) -> bool:
    """Say whether an event names a file, not a descriptor that is open already."""
    return isinstance(path, str | bytes | os.PathLike)


def _inside(path: Any, folders: tuple[str, ...]) -> bool:
    return (_plain(_real_path(_name(path))) + os.sep).startswith(folders)


def _is_closed(path: Any, closed: tuple[str, ...]) -> bool:
    """Say whether a path is closed: one in the checkout, one that tells of other processes, one with an odd prefix."""
    real = _plain(_real_path(_name(path)))
    return (_folded(real) + os.sep).startswith(closed) or (os.name == "nt" and real.startswith("\\\\"))


def _plain(path: str) -> str:
    r"""Return a path of Windows without the prefix `\\?\`, which leaves it the same file; any other as it is."""
    return path[4:] if os.name == "nt" and path.startswith("\\\\?\\") and path[5:6] == ":" else path


def _folded(path: str) -> str:
    """Return a path in one case where file systems take any."""
    return path.casefold() if sys.platform in ("win32", "darwin") else path
