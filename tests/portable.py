"""A script, no test: import every floor of the model and put it to use, in whatever Python this is.

tests/test_house.py runs it where the names of one system are taken away, tests/peers/test_pyodide.py in a browser's
Python. It prints one JSON object, which is the same everywhere.

    python portable.py CLONE [without]
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
import os
import pkgutil
import signal
import subprocess  # noqa: F401  (the standard library itself may use the names that are about to go)
import sys
import tempfile
from pathlib import Path

FLOORS = ("errors", "content", "fs", "image", "union", "boot", "engine", "dedup", "source", "cli")

#: What Windows, macOS or a browser does not have.
NOT_EVERYWHERE = {
    os: """
        chown chroot copy_file_range fchdir fchmod fchown fdatasync fork forkpty fstatvfs getegid geteuid getgid
        getgroups getloadavg getuid getxattr killpg lchown listxattr major makedev memfd_create minor mkfifo mknod nice
        posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev removexattr sched_getaffinity
        sched_yield sendfile setsid setxattr splice statvfs sync ttyname uname wait3 wait4 waitid
        O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_NOATIME O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC O_TMPFILE""",
    signal: "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH alarm pause setitimer",
}  # fmt: skip
MODULES = "curses fcntl grp msvcrt posixshmem pty pwd readline resource syslog termios tty winreg"


def take_away() -> None:
    for module, names in NOT_EVERYWHERE.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    for name in MODULES.split():
        sys.modules[name] = None  # type: ignore[assignment]


def import_all() -> list[str]:
    import sim

    found = []
    for module in pkgutil.walk_packages(sim.__path__, "sim."):
        floor = module.name.split(".")[1]
        if floor in FLOORS:
            importlib.import_module(module.name)
            found.append(module.name)
    return sorted(found)


def run(*arguments: str) -> str:
    from sim.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(arguments))
    if code != 0:
        raise SystemExit(f"sim {' '.join(arguments)}: exit {code}: {err.getvalue()}")
    return out.getvalue()


def exercise(folder: Path) -> dict[str, object]:
    """Make, write, read, compare and explain an image, through the command line."""
    archive, layout, back = (str(folder / name) for name in ("a.tar", "layout", "b.tar"))
    run("convert", "sample:busybox", archive, "--to", "docker")
    run("convert", archive, layout, "--to", "oci-dir", "--compression", "gzip")
    run("convert", layout, back, "--to", "docker")
    same = run("ls", "-R", archive, "--json") == run("ls", "-R", layout, "--json")
    reason = json.loads(run("why", layout, "/bin/sh", "--json"))
    return {
        "archive": hashlib.sha256(Path(archive).read_bytes()).hexdigest(),
        "again": hashlib.sha256(Path(back).read_bytes()).hexdigest(),
        "same": same,
        "diffs": [layer["diffID"] for layer in json.loads(run("inspect", layout, "--json"))["layers"]],
        "valid": json.loads(run("validate", layout, "--json"))["ok"],
        "why": [reason["found"], reason["layer"]],
    }


def main(clone: str, *without: str) -> None:
    sys.path.insert(0, clone)
    if without:
        take_away()
    modules = import_all()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"modules": modules, "results": exercise(Path(folder))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
