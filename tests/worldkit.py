"""A world to type into, and the smallest of shells, so that docker's side is tested apart from the real one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from sim.engine import command
from sim.engine.command import Call, Outcome, Ran, err, out
from sim.engine.docker import docker
from sim.engine.internet import new_world
from sim.engine.vfs import Files
from sim.engine.world import World
from sim.errors import FsError

HOST = "cyo57"


def tiny(call: Call) -> Ran:
    """Run echo, cat, ls, rm, mkdir, sleep, true, false, env and chmod, alone or joined by && in ``sh -c``."""
    files = Files(list(call.table), dict(call.held), now=call.now)
    argv = list(call.argv)
    shell = argv[0].rpartition("/")[2] in ("sh", "bash")
    if shell and len(argv) == 1:
        lines = (call.stdin or b"").decode().splitlines()
        return _done(files, lines, call) if lines or not call.tty else Ran(files.frozen(), interactive=True)
    lines = argv[2].split(" && ") if shell and argv[1] == "-c" else [shlex.join(argv)]
    return _done(files, lines, call)


def _done(files: Files, lines: list[str], call: Call) -> Ran:
    said, code, lasts = [], 0, None
    for line in lines:
        try:
            text, code, lasts = _one(files, shlex.split(line), call)
        except FsError as error:
            said.append(err(f"{error.what}\n"))
            code = 1
        else:
            said += [out(text)] if text else []
        if code:
            break
    return Ran(files.frozen(), code, tuple(said), lasts_ns=lasts)


def _one(files: Files, argv: list[str], call: Call) -> tuple[str, int, int | None]:
    target = ""
    if len(argv) > 2 and argv[-2] in (">", ">>"):
        target, append = argv[-1], argv[-2] == ">>"
        argv = argv[:-2]
    match argv:
        case ["echo", *words]:
            text = " ".join(words) + "\n"
            if target:
                files.write(target, text.encode(), append)
                return "", 0, None
            return text, 0, None
        case ["cat", *paths]:
            return "".join(files.read(path).decode() for path in paths), 0, None
        case ["ls", path]:
            return "".join(f"{name}\n" for name in files.readdir(path)), 0, None
        case ["rm", path]:
            files.unlink(path)
        case ["mkdir", "-p", path]:
            if not files.is_dir(path):
                files.mkdir(path)
        case ["mkdir", path]:
            files.mkdir(path)
        case ["chmod", mode, path]:
            files.chmod(path, int(mode, 8))
        case ["sleep", seconds]:
            return "", 0, int(seconds) * 10**9
        case ["env"]:
            return "".join(f"{key}={value}\n" for key, value in call.env.items()), 0, None
        case ["pwd"]:
            return f"{call.cwd}\n", 0, None
        case ["false"]:
            return "", 1, None
    return "", 0, None


class Typist:
    """Types commands at a host of a world, one after another.

    Examples
    --------
    >>> typist = Typist()
    >>> typist("docker pull busybox").exit
    0
    """

    def __init__(self, world: World | None = None) -> None:
        self.world = new_world() if world is None else world

    def __call__(self, line: str, *, host: str = HOST, tty: bool = False, stdin: bytes = b"") -> Outcome:
        """Run a line; the world goes on."""
        done = docker(self.world, host, shlex.split(line)[1:], tty=tty, stdin=stdin)
        self.world = done.world
        return done

    def ok(self, line: str, **options: object) -> str:
        """Run a line that must succeed; return what it printed."""
        done = self(line, **options)  # type: ignore[arg-type]
        assert done.exit == 0, f"{line}\n{done.text}"
        return done.text

    def all(self, script: str) -> list[Outcome]:
        """Run several lines."""
        return [self(line) for line in script.strip().splitlines()]


def with_tiny_shell() -> Iterator[None]:
    """Let the tiny shell run programs, for as long as a test lasts."""
    before = list(command._registered)
    command.register_inside(tiny)
    yield
    command._registered[:] = before
