"""seccomp: the Linux kernel refuses system calls that a submission has no use for. Elsewhere nothing happens here.

Landlock knows files, connections and signals; this knows other processes, and memory that no limit counts. Sources: the
kernel's documentation, userspace-api/seccomp_filter; the numbers, arch/x86/entry/syscalls and asm-generic/unistd.h.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

# By machine: what the kernel calls it, and the numbers of its system calls.
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COMMON = (
    {"pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427}
    | {"open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433}
    | {"pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442}
    | {"memfd_secret": 447}
)
_NUMBERS = {
    "x86_64": _COMMON
    | {"ioctl": 16, "shmget": 29, "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62}
    | {"semget": 64, "fcntl": 72}
    | {"msgget": 68, "ptrace": 101, "rt_sigqueueinfo": 129, "setpriority": 141, "sched_setparam": 142}
    | {"sched_setscheduler": 144, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163, "settimeofday": 164}
    | {"mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170}
    | {"setdomainname": 171, "init_module": 175, "delete_module": 176, "quotactl": 179, "tkill": 200}
    | {"sched_setaffinity": 203, "clock_settime": 227, "tgkill": 234, "mq_open": 240, "kexec_load": 246, "add_key": 248}
    | {"request_key": 249, "keyctl": 250, "ioprio_set": 251, "unshare": 272, "rt_tgsigqueueinfo": 297}
    | {"perf_event_open": 298, "fanotify_init": 300, "prlimit64": 302, "open_by_handle_at": 304, "clock_adjtime": 305}
    | {"setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313}
    | {"sched_setattr": 314, "memfd_create": 319, "bpf": 321, "execveat": 322, "userfaultfd": 323},
    "aarch64": _COMMON
    | {
        "fcntl": 25,
        "ioctl": 29,
        "ioprio_set": 30,
        "umount2": 39,
        "mount": 40,
        "pivot_root": 41,
        "chroot": 51,
        "quotactl": 60,
        "acct": 89,
    }
    | {"unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_settime": 112, "ptrace": 117}
    | {"sched_setparam": 118, "sched_setscheduler": 119, "sched_setaffinity": 122, "kill": 129, "tkill": 130}
    | {"tgkill": 131, "rt_sigqueueinfo": 138, "setpriority": 140, "reboot": 142, "sethostname": 161}
    | {"setdomainname": 162, "settimeofday": 170, "adjtimex": 171, "mq_open": 180, "msgget": 186, "semget": 190}
    | {"shmget": 194, "socket": 198, "add_key": 217, "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221}
    | {"swapon": 224, "swapoff": 225, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "prlimit64": 261}
    | {"fanotify_init": 262, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270}
    | {"process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "sched_setattr": 274, "memfd_create": 279}
    | {"bpf": 280, "execveat": 281, "userfaultfd": 282},
}
_CLONE_THREAD = 0x10000
_SET_OWNER = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX
_REACH_OUT = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP
# Instructions: load a word, jump if equal, if greater or equal, if any bit is set; return.
_LOAD, _EQUAL, _AT_LEAST, _ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW = 0x7FFF0000
_ERROR = 0x00050000
_REFUSE = _ERROR | errno.EACCES
# Where the words of a call lie: its number, the architecture, the lower halves of its arguments.
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2

Code = list[tuple[int, int, int, int]]


def restrict() -> bool:
    """Give up system calls for good, in this thread and those that it starts.

    Returns
    -------
    bool
        Whether the kernel took it; False leaves the process as it was.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    program = b"".join(struct.pack("<HBBI", *instruction) for instruction in _program(machine))
    memory = ctypes.create_string_buffer(program)
    form = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(memory))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return prctl(_PR_SET_SECCOMP, _FILTER, form, 0, 0) == 0


def _program(machine: str) -> Code:
    """Return the filter: what is told for a call's number, else that it is allowed."""
    numbers = dict(_NUMBERS[machine])
    code = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _ARCHITECTURES[machine]), _refuse()]
    code.append((_LOAD, 0, 0, _NUMBER))
    if machine == "x86_64":  # the calls of its variant with short pointers
        code += [(_AT_LEAST, 0, 1, 0x40000000), _refuse()]
    for name, rule in _rules(os.getpid()).items():
        code += [(_EQUAL, 0, len(rule), numbers.pop(name)), *rule]
    for number in numbers.values():
        code += [(_EQUAL, 0, 1, number), _refuse()]
    return [*code, (_RETURN, 0, 0, _ALLOW)]


def _rules(pid: int) -> dict[str, Code]:
    """Return what is to be done for calls that are refused for some arguments only."""
    own = _argument(0, 0)
    return {
        # Its arguments lie in memory, where no filter looks; the C library then takes the older one.
        "clone3": [(_RETURN, 0, 0, _ERROR | errno.ENOSYS)],
        "clone": [(_LOAD, 0, 0, _ARGUMENT), (_ANY, 1, 0, _CLONE_THREAD), _refuse(), _allow()],
        # Limits, affinity and priority of one's own process, the last downwards.
        "prlimit64": [*own, _allow()],
        "sched_setaffinity": [*own, _allow()],
        "setpriority": [
            *own,
            *_argument(1, 0),
            *_word(2),
            (_AT_LEAST, 0, 1, 1 << 31),
            _refuse(),
            _allow(),
        ],
        # A pipe may be told to signal another process, and a terminal to take what was typed.
        "fcntl": [*_none_of(1, _SET_OWNER), _allow()],
        "ioctl": [*_none_of(1, _REACH_OUT), _allow()],
        # Signals to oneself.
        "kill": [*_argument(0, pid), _allow()],
        "tgkill": [*_argument(0, pid), _allow()],
    }


def _word(place: int) -> Code:
    """Load an argument's lower half."""
    return [(_LOAD, 0, 0, _ARGUMENT + 8 * place)]


def _argument(place: int, value: int) -> Code:
    """Refuse the call unless an argument has a value."""
    return [*_word(place), (_EQUAL, 1, 0, value), _refuse()]


def _none_of(place: int, values: tuple[int, ...]) -> Code:
    """Refuse the call if an argument has one of some values."""
    return [*_word(place), *(step for value in values for step in ((_EQUAL, 0, 1, value), _refuse()))]


def _refuse() -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _REFUSE)


def _allow() -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ALLOW)
