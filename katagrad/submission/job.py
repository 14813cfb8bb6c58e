"""Windows: a job object, which limits a process's memory, and ends it and what it started with the runner.

Source: Microsoft's documentation of `JOBOBJECT_EXTENDED_LIMIT_INFORMATION`.
"""

import contextlib
import ctypes
import sys

_EXTENDED_LIMITS = 9
_PROCESS_MEMORY, _DIE_ON_ERROR, _KILL_ON_CLOSE = 0x100, 0x400, 0x2000


class _Basic(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _Extended(ctypes.Structure):
    _fields_ = (
        ("basic", _Basic),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def hold(process: int, memory: int) -> int | None:
    """Put a process into a job of its own; return the job's handle, None where there is no such thing.

    Parameters
    ----------
    process : its handle
    memory : bytes that it may take
    """
    if sys.platform != "win32":
        return None
    with contextlib.suppress(OSError, AttributeError):
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
        job = kernel.CreateJobObjectW(None, None)
        limits = _Extended(process_memory=memory)
        limits.basic.flags = _PROCESS_MEMORY | _DIE_ON_ERROR | _KILL_ON_CLOSE
        size = ctypes.sizeof(limits)
        kernel.SetInformationJobObject(ctypes.c_void_p(job), _EXTENDED_LIMITS, ctypes.byref(limits), size)
        kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(process))
        return job
    return None


def let_go(job: int | None) -> None:
    """Close a job, which ends what is still in it."""
    if job:
        ctypes.WinDLL("kernel32").CloseHandle(ctypes.c_void_p(job))
