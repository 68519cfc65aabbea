"""find, du, df, mount: whole trees and whole file systems."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import translate

from ...errors import FsError
from ...fs.entry import Kind
from ...union.overlay import Stat
from ..mounts import Mounted
from ..sh.flags import Usage, number, options
from ..sh.process import Process, reason
from .shown import blocks, human, quoted

DISK = 100 << 30
"""Bytes of the disk that all containers of a host share; modelled."""
USED = 12 << 30
_LETTERS = {"f": Kind.FILE, "d": Kind.DIRECTORY, "l": Kind.SYMLINK, "p": Kind.FIFO, "c": Kind.CHAR, "b": Kind.BLOCK}
Test = Callable[[str, Stat], bool]


@dataclass(slots=True)
class _Search:
    """What one `find` looks for."""

    tests: list[list[Test]] = field(default_factory=lambda: [[]])
    lowest: int = 0
    deepest: int = 1 << 30
    xdev: bool = False
    act: str = "print"
    command: list[str] = field(default_factory=list)


def find(p: Process) -> int:
    """`find [PATH…] [-name|-iname|-path|-type|-size|-perm|-newer|-empty|-user …] [-o] [!] [-exec|-delete|-print0]`."""
    args = list(p.args)
    paths = []
    while args and not args[0].startswith(("-", "!", "(")):
        paths.append(args.pop(0))
    search = _expression(p, args)
    status = 0
    for path in paths or ["."]:
        try:
            status = _searched(p, path, search) or status
        except FsError as error:
            status = p.err(f"{_curly(p, error.path.removeprefix(p.at('')) or path)}: {reason(error)}")
    return status


def _curly(p: Process, path: str) -> str:
    return f"‘{path}’" if p.gnu else path


def _expression(p: Process, args: list[str]) -> _Search:
    search, negated = _Search(), False
    while args:
        word = args.pop(0)
        if word in ("!", "-not"):
            negated = not negated
            continue
        if word in ("-o", "-or"):
            search.tests.append([])
            continue
        if word in ("-a", "-and", "(", ")", "-print", "-depth"):
            continue
        if word in ("-xdev", "-mount"):
            search.xdev = True
            continue
        if word in ("-delete", "-print0"):
            search.act = word[1:]
            continue
        if word == "-exec":
            end = next((at for at, one in enumerate(args) if one in (";", "+")), None)
            if end is None:
                raise Usage("missing argument to `-exec'")
            search.act, search.command = ("exec+" if args[end] == "+" else "exec"), args[:end]
            del args[: end + 1]
            continue
        test = _test(p, word, args, search)
        if test is not None:
            search.tests[-1].append(_not(test) if negated else test)
            negated = False
    return search


def _not(test: Test) -> Test:
    return lambda path, found: not test(path, found)


def _test(p: Process, word: str, args: list[str], search: _Search) -> Test | None:
    if word == "-empty":
        return lambda path, found: found.size == 0 if found.kind is not Kind.DIRECTORY else not p.files.readdir(path)
    known = {"-name", "-iname", "-path", "-wholename", "-type", "-size", "-perm", "-maxdepth", "-mindepth", "-newer",
             "-user", "-group", "-links", "-inum"}
    if word not in known:
        raise Usage(f"unknown predicate `{word[:40]}' (or one that is not simulated)")
    if not args:
        raise Usage(f"missing argument to `{word}'")
    value = args.pop(0)
    if word in ("-maxdepth", "-mindepth"):
        depth = number(value, f"Expected a positive decimal integer argument to {word}, but got")
        search.deepest, search.lowest = (depth, search.lowest) if word == "-maxdepth" else (search.deepest, depth)
        return None
    if word in ("-name", "-iname", "-path", "-wholename"):
        wanted = re.compile(translate(value), re.IGNORECASE if word == "-iname" else 0)
        whole = word in ("-path", "-wholename")
        return lambda path, found: bool(wanted.match(path if whole else path.rstrip("/").rpartition("/")[2] or "/"))
    if word == "-type":
        kinds = [_LETTERS.get(letter) for letter in value.split(",")]
        if None in kinds:
            raise Usage(f"Unknown argument to -type: {value}")
        return lambda path, found: found.kind in kinds
    return _measured(p, word, value)


def _measured(p: Process, word: str, value: str) -> Test:
    if word == "-newer":
        than = p.files.stat(p.at(value)).mtime_ns
        return lambda path, found: found.mtime_ns > than
    if word in ("-user", "-group"):
        wanted = number(value, "invalid number") if value.isdecimal() else 0 if value == "root" else -1
        return lambda path, found: (found.uid if word == "-user" else found.gid) == wanted
    if word == "-perm":
        bits = int(value.lstrip("-/"), 8) if re.fullmatch(r"[-/]?[0-7]{1,4}", value) else -1
        if bits < 0:
            raise Usage(f"invalid mode {value!r}")
        if value[0] == "-":
            return lambda path, found: found.mode & bits == bits
        return lambda path, found: bool(found.mode & bits) if value[0] == "/" else found.mode == bits
    sign, digits = (value[0], value[1:]) if value[:1] in ("+", "-") else ("", value)
    if word == "-size":
        units = {"c": 1, "w": 2, "b": 512, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
        unit = units.get(digits[-1:], 512)
        count = number(digits[:-1] if digits[-1:] in units else digits, f"Invalid argument `{value}' to -size")
        return lambda path, found: _compared(sign, -(-found.size // unit), count)
    count = number(digits, f"Invalid argument `{value}' to {word}")
    return lambda path, found: _compared(sign, found.nlink if word == "-links" else found.ino, count)


def _compared(sign: str, have: int, count: int) -> bool:
    return have > count if sign == "+" else have < count if sign == "-" else have == count


def _searched(p: Process, path: str, search: _Search) -> int:
    top = p.at(path)
    place = p.files.line(top).target if search.xdev else ""
    hits: list[tuple[str, Stat]] = []
    base = top.rstrip("/").count("/")
    for at, found in p.files.walk(top):
        depth = at.rstrip("/").count("/") - base if at != top else 0
        if not search.lowest <= depth <= search.deepest or (search.xdev and p.files.line(at).target != place):
            continue
        shown = path if at == top else path.rstrip("/") + at[len(top.rstrip("/")):]
        if any(all(test(at if test is not None else at, found) for test in tests) for tests in search.tests):
            hits.append((shown, found))
    return _acted(p, hits, search)


def _acted(p: Process, hits: list[tuple[str, Stat]], search: _Search) -> int:
    status = 0
    if search.act == "exec+" and hits:
        argv = [one for word in search.command for one in ([path for path, _ in hits] if word == "{}" else [word])]
        return p.shell.call(argv, p.shell.streams, {})
    for path, found in reversed(hits) if search.act == "delete" else hits:
        if search.act == "print":
            p.line(path)
        elif search.act == "print0":
            p.out(path + "\0")
        elif search.act == "exec":
            p.shell.call([word.replace("{}", path) for word in search.command], p.shell.streams, {})
        else:
            try:
                (p.files.rmdir if found.kind is Kind.DIRECTORY else p.files.unlink)(p.at(path))
            except FsError as error:
                status = p.err(f"cannot delete {_curly(p, path)}: {reason(error)}")
    return status


def du(p: Process) -> int:
    """`du [-abchksxm] [-d N] [FILE…]`."""
    found = options(p, "abchksxmd:S", ("all|a", "bytes|b", "human-readable|h", "summarize|s", "total|c",
                                       "max-depth=|d", "apparent-size"))
    deepest = 0 if "s" in found else number(found.value("d", default="1000000"), "invalid maximum depth")
    status = grand = 0
    for path in found.operands or ["."]:
        try:
            grand += _du(p, path, found.given, deepest)
        except FsError as error:
            shown = quoted(path, True) if p.gnu else path
            status = p.err(f"cannot access {shown}: {reason(error)}" if p.gnu else f"{path}: {reason(error)}")
    if "c" in found:
        p.line(f"{_du_size(grand, found.given, p.gnu)}\ttotal")
    return status


def _du_size(size: int, given: dict[str, list[str]], gnu: bool) -> str:
    if "b" in given:
        return str(size)
    return human(size, not gnu) if "h" in given else str(-(-size // (1 << 20 if "m" in given else 1 << 10)))


def _du(p: Process, path: str, given: dict[str, list[str]], deepest: int) -> int:
    top, seen = p.at(path), set[int]()
    real = "b" in given or "apparent-size" in given
    rows = []
    for at, found in p.files.walk(top):
        size = 0 if found.kind is not Kind.DIRECTORY and found.nlink > 1 and found.ino in seen else (
            (4096 if found.kind is Kind.DIRECTORY else found.size) if real else blocks(found))
        seen.add(found.ino)
        rows.append((at, found, size))
    totals: dict[str, int] = {}
    for at, _, size in reversed(rows):
        totals[at] = totals.get(at, 0) + size
        if at != top:
            above = at.rpartition("/")[0] or "/"
            totals[above] = totals.get(above, 0) + totals[at]
    base = top.rstrip("/").count("/")
    for at, found, _ in reversed(rows):
        depth = 0 if at == top else at.count("/") - base
        if depth <= deepest and (at == top or found.kind is Kind.DIRECTORY or "a" in given):
            shown = path if at == top else path.rstrip("/") + at[len(top.rstrip("/")):]
            p.line(f"{_du_size(totals[at], given, p.gnu)}\t{shown}")
    return totals[top]


def df(p: Process) -> int:
    """`df [-hkT] [FILE…]`: every container shows the disk of its host."""
    found = options(p, "ahkTP", ("human-readable|h", "print-type|T"))
    lines = list(p.files.table)
    status = 0
    if found.operands:
        lines = []
        for path in found.operands:
            try:
                p.files.stat(p.at(path))
                lines.append(p.files.line(p.at(path)))
            except FsError as error:
                status = p.err(f"{path}: {reason(error)}" if p.gnu else f"{path}: can't find mount point")
    rows = [_df_row(p, line, found.given) for line in lines if line.kind not in ("proc", "sysfs", "devpts", "mqueue")]
    size = "Size" if "h" in found else "1K-blocks"
    head = ["Filesystem", *(["Type"] if "T" in found else []), size, "Used", "Avail" if "h" in found else "Available",
            "Use%", "Mounted on"]
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    texts = 2 if "T" in found else 1
    for row in table if rows else []:
        cells = [f"{cell:<{max(width, 14)}}" if column == 0 else f"{cell:<{width}}" if column < texts or cell == row[-1]
                 else f"{cell:>{max(width, 5 if 'h' in found and not cell.endswith('%') else width)}}"
                 for column, (cell, width) in enumerate(zip(row, widths, strict=True))]
        p.line(" ".join(cells).rstrip())
    return status


def _df_row(p: Process, line: Mounted, given: dict[str, list[str]]) -> list[str]:
    memory = line.kind in ("tmpfs", "devtmpfs")
    used = 0 if memory else USED + (p.files.fs(line.key).space.used if line.kind == "overlay" else 0)
    total = 64 << 20 if memory else DISK
    sizes = [human(size) if "h" in given else str(size // 1024) for size in (total, used, total - used)]
    percent = f"{-(-used * 100 // total)}%"
    return [line.source, *([line.kind] if "T" in given else []), *sizes, percent, line.target]


def mount(p: Process) -> int:
    """`mount`: the mount table. A container may not mount anything."""
    if p.args and p.args != ["-l"]:
        p.err("permission denied." if p.gnu else "permission denied (are you root?)")
        return 32 if p.gnu else 1
    for line in p.files.table:
        p.line(f"{line.source} on {line.target} type {line.kind} ({line.options})")
    return 0


STATING = {"find": find, "du": du, "df": df, "mount": mount}
