"""seccomp: what the kernel refuses to a submission; nothing as yet."""


def restrict() -> bool:
    """Give up system calls for good; return whether the kernel took it."""
    return False
