"""ls, stat, readlink and their like."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import FsError
from ...fs.entry import Kind
from ...union.overlay import Stat
from ..sh.flags import options
from ..sh.process import Process, reason
from .shown import blocks, exact_time, human, listed_time, named, names, permissions, quoted, shown_size

Row = tuple[str, Stat]


def ls(p: Process) -> int:
    """`ls [-1aAdFhiklnrRStX] [FILE…]`."""
    found = options(p, "1aAdFhiklnprRSsStX", ("all|a", "almost-all|A", "directory|d", "human-readable|h", "inode|i",
                                             "reverse|r", "recursive|R", "size|s", "color", "color="))
    long = found.any("l", "n")
    status, folders = 0, []
    rows: list[Row] = []
    for path in found.operands or ["."]:
        try:
            there = p.files.stat(p.at(path), follow=not long and "d" not in found or path.endswith("/"))
            if there.kind is Kind.SYMLINK and not long and "d" not in found:
                there = p.files.stat(p.at(path))
        except FsError as error:
            p.err(f"cannot access {quoted(path, True)}: {reason(error)}" if p.gnu else
                  f"{quoted(path, False)}: {reason(error)}")
            status = 2 if p.gnu else 1
            continue
        if there.kind is Kind.DIRECTORY and "d" not in found:
            folders.append(path)
        else:
            rows.append((path, there))
    show = _Listing(p, found.given, long)
    show.rows(show.ordered(rows), total=False)
    several = len(folders) + bool(rows) > 1 or "R" in found
    for number, path in enumerate(show.ordered_paths(folders)):
        if number or rows:
            p.out("\n")
        status = show.folder(path, several) or status
    return status


class _Listing:
    """What one `ls` prints."""

    def __init__(self, p: Process, given: dict[str, list[str]], long: bool) -> None:
        self.p, self.given, self.long = p, given, long
        self.users = {} if "n" in given else names(p.files, "/etc/passwd")
        self.groups = {} if "n" in given else names(p.files, "/etc/group")

    def ordered_paths(self, paths: list[str]) -> list[str]:
        return sorted(paths, reverse="r" in self.given)

    def ordered(self, rows: list[Row]) -> list[Row]:
        rows = sorted(rows, key=lambda row: row[0].encode("utf-8", "surrogateescape"))
        if "t" in self.given:
            rows.sort(key=lambda row: -row[1].mtime_ns)
        if "S" in self.given:
            rows.sort(key=lambda row: -row[1].size)
        return rows[::-1] if "r" in self.given else rows

    def folder(self, path: str, several: bool) -> int:
        p, status = self.p, 0
        todo = [path]
        first = True
        while todo:
            at = todo.pop(0)
            try:
                inside = [(name, p.files.stat(p.at(f"{at.rstrip('/') or ''}/{name}"), follow=False))
                          for name in p.files.readdir(p.at(at))]
                here = [(dots, p.files.stat(p.at(f"{at}/{dots}"))) for dots in (".", "..")]
            except FsError as error:
                verb = "cannot open directory" if p.gnu else "can't open"
                p.err(f"{verb} {quoted(at, True)}: {reason(error)}")
                status = 2 if p.gnu else 1
                continue
            if several:
                p.out(("" if first else "\n") + f"{at}:\n")
            first = False
            if not ("a" in self.given or "A" in self.given):
                inside = [row for row in inside if not row[0].startswith(".")]
            rows = self.ordered(inside + (here if "a" in self.given else []))
            self.rows(rows, total=True, folder=at)
            if "R" in self.given:
                below = [f"{at.rstrip('/')}/{name}" for name, found in self.ordered(inside)
                         if found.kind is Kind.DIRECTORY]
                todo = below + todo
        return status

    def rows(self, rows: Sequence[Row], total: bool, folder: str = "") -> None:
        p = self.p
        size = sum(blocks(found) for _, found in rows)
        if total and (self.long or "s" in self.given):
            p.line(f"total {human(size, not p.gnu) if 'h' in self.given else size // 1024}")
        if not rows:
            return
        if not self.long:
            self.short(rows)
            return
        cells = [self.cells(name, found, folder) for name, found in rows]
        widths = [max(len(row[column]) for row in cells) for column in range(6)]
        if not p.gnu:
            widths = [widths[0], max(widths[1] + 2, 5), 8, 8, 9, widths[5]]
        for mode, links, user, group, length, when, name in cells:
            p.line(f"{mode:<{widths[0]}} {links:>{widths[1]}} {user:<{widths[2]}} {group:<{widths[3]}} "
                   f"{length:>{widths[4]}} {when} {name}")

    def short(self, rows: Sequence[Row]) -> None:
        inode = max(len(str(found.ino)) for _, found in rows)
        for name, found in rows:
            before = f"{found.ino:>{inode}} " if "i" in self.given else ""
            if "s" in self.given:
                before += f"{blocks(found) // 1024} "
            self.p.line(before + self.marked(name, found))

    def marked(self, name: str, found: Stat) -> str:
        if "F" not in self.given and "p" not in self.given:
            return name
        if found.kind is Kind.DIRECTORY:
            return name + "/"
        if "F" not in self.given:
            return name
        return name + {Kind.SYMLINK: "@", Kind.FIFO: "|"}.get(found.kind, "*" if found.mode & 0o111 else "")

    def cells(self, name: str, found: Stat, folder: str) -> tuple[str, ...]:
        size = shown_size(found)
        length = human(size, not self.p.gnu) if "h" in self.given else str(size)
        if found.rdev is not None:
            length = f"{found.rdev[0]}, {found.rdev[1]:>3}"
        shown = name
        if found.kind is Kind.SYMLINK:
            at = f"{folder.rstrip('/')}/{name}" if folder else name
            shown = f"{name} -> {self.p.files.readlink(self.p.at(at))}"
        else:
            shown = self.marked(name, found)
        first = f"{found.ino} " if "i" in self.given else ""
        return (
            first + permissions(found), str(found.nlink), named(found.uid, self.users), named(found.gid, self.groups),
            length, listed_time(found.mtime_ns, self.p.files.now), shown,
        )


_KINDS = {Kind.FILE: "regular file", Kind.DIRECTORY: "directory", Kind.SYMLINK: "symbolic link", Kind.FIFO: "fifo",
          Kind.CHAR: "character special file", Kind.BLOCK: "block special file"}


def stat(p: Process) -> int:
    """`stat [-L] [-c FORMAT] FILE…`."""
    found = options(p, "Lc:f", ("format=|c", "dereference|L"))
    if not found.operands:
        return _missing(p)
    status = 0
    for path in found.operands:
        try:
            there = p.files.stat(p.at(path), follow="L" in found)
        except FsError as error:
            verb = "cannot statx" if p.gnu else "can't stat"
            status = p.err(f"{verb} {quoted(path, True)}: {reason(error)}")
            continue
        form = found.value("c")
        p.line(_formatted(p, path, there, form) if form else _whole(p, path, there))
    return status


def _facts(p: Process, path: str, found: Stat) -> dict[str, str]:
    shown = path
    kind = "regular empty file" if found.kind is Kind.FILE and not found.size else _KINDS.get(found.kind, "?")
    quoted_name = f"'{path}'"
    if found.kind is Kind.SYMLINK:
        quoted_name += f" -> '{p.files.readlink(p.at(path))}'"
    return {
        "n": shown, "N": quoted_name, "s": str(shown_size(found)), "b": str(blocks(found) // 512), "B": "512",
        "a": f"{found.mode:o}", "A": permissions(found), "f": f"{found.mode:x}", "F": kind, "u": str(found.uid),
        "g": str(found.gid), "U": names(p.files, "/etc/passwd").get(found.uid, "UNKNOWN"),
        "G": names(p.files, "/etc/group").get(found.gid, "UNKNOWN"), "i": str(found.ino), "h": str(found.nlink),
        "y": exact_time(found.mtime_ns), "Y": str(found.mtime_ns // 10**9), "z": exact_time(found.mtime_ns),
        "Z": str(found.mtime_ns // 10**9), "m": p.files.line(p.at(path)).target, "%": "%",
    }


def _formatted(p: Process, path: str, found: Stat, form: str) -> str:
    facts, made, at = _facts(p, path, found), [], 0
    while at < len(form):
        if form[at] == "%" and at + 1 < len(form):
            made.append(facts.get(form[at + 1], "?"))
            at += 2
        else:
            made.append(form[at])
            at += 1
    return "".join(made)


def _whole(p: Process, path: str, found: Stat) -> str:
    facts = _facts(p, path, found)
    name = facts["N"].replace("'", "") if found.kind is Kind.SYMLINK else path
    lines = [
        f"  File: {name}",
        f"  Size: {facts['s']:<10}\tBlocks: {facts['b']:<10} IO Block: {4096:<6} {facts['F']}",
        f"Device: 0,50\tInode: {facts['i']:<11} Links: {facts['h']}",
        f"Access: ({found.mode:04o}/{facts['A']})  Uid: ({found.uid:>5}/{facts['U']:>8})   "
        f"Gid: ({found.gid:>5}/{facts['G']:>8})",
        *(f"{word}: {exact_time(found.mtime_ns)}" for word in ("Access", "Modify", "Change")),
    ]
    return "\n".join(lines)


def _missing(p: Process) -> int:
    p.err("missing operand")
    if p.gnu:
        p.stderr.write(f"Try '{p.name} --help' for more information.\n".encode())
    return 1


def readlink(p: Process) -> int:
    """`readlink [-f] FILE…`."""
    found = options(p, "fenm")
    if not found.operands:
        return _missing(p)
    status = 0
    for path in found.operands:
        try:
            p.line(p.files.real(p.at(path)) if found.any("f", "e", "m") else p.files.readlink(p.at(path)))
        except FsError:
            status = 1
    return status


def realpath(p: Process) -> int:
    """`realpath FILE…`."""
    found = options(p, "ems")
    status = 0
    for path in found.operands:
        try:
            p.line(p.files.real(p.at(path)))
        except FsError as error:
            status = p.err(f"{path}: {reason(error)}")
    return status


def basename(p: Process) -> int:
    """`basename PATH [SUFFIX]`."""
    found = options(p, "a")
    if not found.operands:
        return _missing(p)
    name = found.operands[0].rstrip("/").rpartition("/")[2] or "/"
    suffix = found.operands[1] if len(found.operands) > 1 else ""
    p.line(name.removesuffix(suffix) if suffix and name != suffix else name)
    return 0


def dirname(p: Process) -> int:
    """`dirname PATH`."""
    found = options(p)
    if not found.operands:
        return _missing(p)
    above, slash, _ = found.operands[0].rstrip("/").rpartition("/")
    p.line(above.rstrip("/") or ("/" if slash or found.operands[0].startswith("/") else "."))
    return 0


LISTING = {
    "ls": ls, "dir": ls, "stat": stat, "readlink": readlink, "realpath": realpath, "basename": basename,
    "dirname": dirname,
}
