"""What a submission may reach: NumPy, the standard library and its scratch directory.

The audit hook gives a clear sentence; on Linux, Landlock and seccomp make it hold. It is no sandbox for strangers.
"""

import contextlib
import os
import sys
from types import SimpleNamespace

from katagrad.submission import audit, capabilities, imports, landlock, seccomp

_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/etc", "/dev/urandom")
_RESOURCES = {
    "RLIMIT_AS": "memory",
    "RLIMIT_FSIZE": "file",
    "RLIMIT_CPU": "cpu",
    "RLIMIT_NOFILE": "descriptors",
}


def close(root: str, scratch: str, limits: dict[str, float]) -> None:
    """Give up, for good, whatever a submission has no need of. It binds this thread and those that it starts.

    Parameters
    ----------
    root : the checkout, whose graders, solutions and history stay closed
    scratch : the only directory that may be written
    limits : the fields of `Limits`
    """
    _limit(limits)
    landlock.restrict([*audit.PYTHON, f"{sys.base_prefix}/lib", *_SYSTEM], [scratch, os.devnull])
    seccomp.restrict()
    capabilities.drop()
    sys.meta_path.insert(0, SimpleNamespace(find_spec=imports.find_spec))
    sys.addaudithook(audit.make_hook(root, scratch))


def _limit(limits: dict[str, float]) -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    asked = {name: int(limits[field]) for name, field in _RESOURCES.items()} | {"RLIMIT_CORE": 0}
    for name, value in asked.items():
        # The system may know no such limit, or have set a lower one already.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (value, value))
