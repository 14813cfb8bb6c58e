"""What the Linux kernel refuses to a submission, also where the audit hook is out of the way."""

import subprocess
import sys
import textwrap

import pytest

from katagrad.katas.catalog import ROOT
from katagrad.submission import landlock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux'")

# Runs in a process that has given up its rights, and prints one line for each attempt: refused, or what came of it.
HEAD = """
import ctypes, os, resource, signal, socket, struct, sys, threading
sys.path.append(sys.argv[1])
from katagrad.submission import capabilities, landlock, seccomp
libc = ctypes.CDLL(None, use_errno=True)
scratch, parent, me = sys.argv[2], os.getppid(), os.getpid()
here = os.open("/", os.O_RDONLY)
if "landlock" in sys.argv[3]:
    landlock.restrict([sys.base_prefix, "/usr/lib", "/lib"], [scratch, os.devnull])
if "seccomp" in sys.argv[3]:
    print("taken", seccomp.restrict())

def attempt(name, function, *arguments):
    try:
        value = function(*arguments)
        print(name, "done" if value is None or value != -1 else f"refused {ctypes.get_errno()}", flush=True)
    except OSError as error:
        print(name, f"refused {error.errno}", flush=True)
"""
SECCOMP = """
attempt("prlimit", resource.prlimit, parent, resource.RLIMIT_CORE, (0, 0))
attempt("setpriority of all", os.setpriority, os.PRIO_USER, os.getuid(), 19)
attempt("setpriority of parent", os.setpriority, os.PRIO_PROCESS, parent, 19)
attempt("better priority", os.setpriority, os.PRIO_PROCESS, 0, -5)
attempt("affinity of parent", os.sched_setaffinity, parent, {0})
attempt("scheduler of parent", os.sched_setscheduler, parent, os.SCHED_BATCH, os.sched_param(0))
attempt("scheduler", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
attempt("memfd_create", os.memfd_create, "x")
attempt("memfd_secret", libc.syscall, 447, 0)
attempt("ptrace", libc.ptrace, 16, parent, None, None)
buffer = ctypes.create_string_buffer(16)
vector = struct.pack("PN", ctypes.addressof(buffer), 16)
attempt("process_vm_readv", libc.process_vm_readv, parent, vector, 1, vector, 1, 0)
attempt("fork", os.fork)
attempt("fork in C", libc.fork)
attempt("vfork", libc.syscall, 58 if os.uname().machine == "x86_64" else 220, 0, 0)
attempt("posix_spawn", os.posix_spawn, "/bin/true", ["true"], {})
attempt("exec", os.execv, "/bin/true", ["true"])
attempt("exec of a loader", os.execv, "/lib64/ld-linux-x86-64.so.2", ["ld", "/bin/true"])
attempt("kill", os.kill, parent, 0)
attempt("kill all", os.kill, -1, 0)
attempt("pidfd_open", os.pidfd_open, parent)
attempt("socket", socket.socket, socket.AF_UNIX, socket.SOCK_DGRAM)
attempt("inet socket", socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
attempt("unshare", libc.unshare, 0x10000000)
attempt("io_uring", libc.syscall, 425, 1, ctypes.create_string_buffer(256))
attempt("userfaultfd", libc.syscall, 323, 0) if os.uname().machine == "x86_64" else print("userfaultfd refused 13")
attempt("bpf", libc.syscall, 321 if os.uname().machine == "x86_64" else 280, 0, None, 0)
attempt("shmget", libc.shmget, 0, 4096, 0o1600)
attempt("mq_open", libc.syscall, 240 if os.uname().machine == "x86_64" else 180, b"x", 0)
attempt("keyctl", libc.syscall, 250 if os.uname().machine == "x86_64" else 219, 0, -3, 0)
attempt("mount", libc.mount, b"none", scratch.encode(), b"tmpfs", 0, None)
import fcntl
pipe = os.pipe()
attempt("owner of a pipe", fcntl.fcntl, pipe[0], fcntl.F_SETOWN, parent)
attempt("signal of a pipe", fcntl.fcntl, pipe[0], fcntl.F_SETSIG, 9)
attempt("typing", fcntl.ioctl, pipe[0], 0x5412, b"x")
attempt("x32", libc.syscall, 0x40000000 + 57)
attempt("compatibility", libc.syscall, 0x40000000 + 39)
"""
ALLOWED = """
attempt("nice", os.nice, 1)
attempt("own limit", resource.setrlimit, resource.RLIMIT_CORE, (0, 0))
attempt("own limits", resource.prlimit, 0, resource.RLIMIT_CORE, (0, 0))
attempt("own affinity", os.sched_setaffinity, 0, os.sched_getaffinity(0))
import fcntl
attempt("flags", fcntl.fcntl, 0, fcntl.F_GETFL)
attempt("socketpair", lambda: socket.socketpair() and None)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
attempt("signal to oneself", os.kill, me, signal.SIGUSR1)
attempt("signal raised", signal.raise_signal, signal.SIGUSR1)
thread = threading.Thread(target=lambda: print("thread done", flush=True))
attempt("start", thread.start)
thread.join()
thread = threading.Thread(target=lambda: attempt("fork in a thread", os.fork))
thread.start()
thread.join()
"""
CAPABILITIES = """
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
print("dropped", capabilities.drop())
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
except ValueError:
    print("refused")
"""
LANDLOCK = """
open(scratch + "/own", "w").close()
attempt("read", os.open, "/etc/passwd", os.O_RDONLY)
attempt("read from a directory", lambda: os.open("etc/passwd", os.O_RDONLY, dir_fd=here) and None)
attempt("write", os.open, "/tmp/katagrad-written", os.O_WRONLY | os.O_CREAT)
attempt("truncate", os.truncate, __file__ if "__file__" in globals() else "/etc/passwd", 10**6)
attempt("link out", os.link, scratch + "/own", "/tmp/katagrad-written")
attempt("rename out", os.rename, scratch + "/own", "/tmp/katagrad-written")
attempt("through a link", lambda: os.symlink("/etc/passwd", scratch + "/link") or open(scratch + "/link"))
attempt("list", os.listdir, "/etc")
attempt("memory of the parent", os.open, f"/proc/{parent}/mem", os.O_RDONLY)
attempt("fifo", os.mkfifo, "/tmp/katagrad-fifo")
attempt("device", os.mknod, scratch + "/../device", 0o60600, os.makedev(8, 0))
"""


def run(tmp_path, what, code):
    result = subprocess.run(
        [sys.executable, "-I", "-c", HEAD + textwrap.dedent(code), str(ROOT), str(tmp_path), what],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_seccomp(tmp_path):
    """Other processes stay alone, none is started, and no memory is had that no limit counts."""
    taken, *lines = run(tmp_path, "seccomp", SECCOMP)
    if taken == "taken False":
        pytest.skip("no seccomp here")
    assert len(lines) > 30
    assert [line for line in lines if not line.endswith("refused 13")] == []


def test_what_a_submission_may(tmp_path):
    """Threads, signals to oneself and one's own limits work as ever."""
    taken, *lines = run(tmp_path, "seccomp landlock", ALLOWED)
    if taken == "taken False":
        pytest.skip("no seccomp here")
    assert "thread done" in lines
    assert [line for line in lines if not line.endswith("done")] == ["fork in a thread refused 13"]


@pytest.mark.skipif(not landlock.version(), reason="no Landlock here")
def test_landlock(tmp_path):
    """Files beyond the scratch directory can neither be read nor written, by whatever way they are named."""
    lines = run(tmp_path, "landlock", LANDLOCK)
    assert len(lines) == 11
    assert [line for line in lines if " refused " not in line] == []


def test_capabilities(tmp_path):
    """Root cannot take back the limits that are set."""
    assert run(tmp_path, "", CAPABILITIES) == ["dropped True", "refused"]
