"""COPY and ADD: files of the context, or of an earlier stage, laid into a new layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..content.compression import decompressed
from ..errors import BadInput, FsError
from ..fs.entry import Entry, Kind
from ..fs.tar import read_layer
from ..union.overlay import OverlayMount
from .changes import joined, json_list
from .context import Context, below, chosen, fingerprint, owned
from .dockerfile import Instruction
from .job import Fail, refused
from .mounts import Mounted
from .vfs import Files

Sources = list[tuple[str, dict[str, Entry]]]
"""The last part of each source's name, and what lies there by relative path."""


def operands(step: Instruction, rest: str) -> tuple[list[str], str]:
    """Return the sources and the destination of COPY or ADD."""
    words = list(json_list(rest) or rest.split())
    if len(words) < 2:
        raise refused(f"dockerfile parse error line {step.line}: {step.word} requires at least two arguments, but only "
                      f"one was provided. Destination could not be determined.")
    return words[:-1], words[-1]


def plan(context: Context, step: Instruction, rest: str) -> tuple[Sources, str, str]:
    """Find what is to be copied.

    Returns
    -------
    sources : Sources
    destination : str
        As it was written.
    name : str
        ``file:…``, ``dir:…`` or ``multi:…``: what the history shows, and the cache goes by.
    """
    sources, destination = operands(step, rest)
    found: Sources = []
    for source in sources:
        if source.startswith(("http://", "https://", "git@")):
            raise Fail(f"{step.word} of a URL is not simulated: fetch it into the context first\n")
        for path in chosen(context, source, step.word):
            found.append((path.rpartition("/")[2], below(context, path)))
    if len(found) > 1 and not destination.endswith("/"):
        raise refused(f"When using {step.word} with more than one source file, the destination must be a directory and "
                      "end with a /")
    if len(found) == 1:
        kind = "dir" if found[0][1][""].is_dir else "file"
        return found, destination, f"{kind}:{fingerprint(found[0][1])}"
    whole = {f"{number}/{name}/{path}": entry for number, (name, tree) in enumerate(found)
             for path, entry in tree.items()}
    return found, destination, f"multi:{fingerprint(whole)}"


def lay(
    files: Files, sources: Sources, destination: str, workdir: str, step: Instruction
) -> None:
    """Write what was found into a root; `Fail` where that cannot be."""
    uid, gid = _owner(files, step.flag("chown"))
    mode = _mode(step.flag("chmod"))
    if mode is not None:
        sources = [(name, _moded(tree, mode)) for name, tree in sources]
    place = joined(workdir, destination)
    folder = destination.endswith(("/", "/.")) or destination == "."
    try:
        for name, tree in sources:
            unpacked = _unpacked(tree) if step.word == "ADD" else None
            if unpacked is not None:
                _folder(files, place)
                _write(files, place, unpacked, None)
            elif tree[""].is_dir:
                _folder(files, place)
                _write(files, place, {path: entry for path, entry in tree.items() if path}, (uid, gid))
            else:
                target = f"{place.rstrip('/')}/{name}" if folder or files.is_dir(place) else place
                _folder(files, target.rpartition("/")[0])
                _write(files, target, tree, (uid, gid))
    except FsError as error:
        raise Fail(f"{step.word} failed: {error.what}\n") from None


def _owner(files: Files, text: str) -> tuple[int, int]:
    user, _, group = text.partition(":")
    uid = _number(files, "/etc/passwd", user)
    return uid, _number(files, "/etc/group", group) if group else (uid if user.isdecimal() else 0)


def _mode(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch("[0-7]{1,4}", text):
        raise Fail(f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777\n")
    return int(text, 8)


def _moded(tree: Mapping[str, Entry], mode: int) -> dict[str, Entry]:
    return {path: entry if entry.kind is Kind.SYMLINK else replace(entry, mode=mode) for path, entry in tree.items()}


def _number(files: Files, table: str, name: str) -> int:
    if not name or name.isdecimal():
        return int(name or 0)
    try:
        for line in files.read(table).decode("utf-8", "replace").splitlines():
            fields = line.split(":")
            if fields[0] == name and len(fields) > 2:
                return int(fields[2])
    except (FsError, ValueError):
        pass
    raise Fail(f"unable to convert uid/gid chown string to host mapping: can't find uid for user {name}: no such user: "
               f"{name}\n")


def _folder(files: Files, path: str) -> None:
    so_far = ""
    for part in filter(None, path.split("/")):
        so_far += f"/{part}"
        if files.find(so_far) is None:
            files.mkdir(so_far, 0o755)


def _write(files: Files, place: str, tree: Mapping[str, Entry], owner: tuple[int, int] | None) -> None:
    for path, entry in sorted(tree.items()):
        at = f"{place.rstrip('/')}/{path}".rstrip("/") or "/"
        made = owned(entry, *owner) if owner is not None else entry
        there = files.find(at, False)
        if made.is_dir:
            if there is None:
                files.mkdir(at, made.mode)
                files.chmod(at, made.mode)
        elif made.kind is Kind.SYMLINK:
            if there is not None:
                files.unlink(at)
            files.symlink(made.target or "", at)
        elif made.kind is Kind.FILE and made.data is not None:
            files.write(at, made.data)
            files.chmod(at, made.mode)
            files.utime(at, made.mtime_ns)
        else:
            continue
        if owner is not None and owner != (0, 0):
            files.chown(at, *owner, follow=False)


def _unpacked(tree: Mapping[str, Entry]) -> dict[str, Entry] | None:
    """Return what a local archive holds, None for a file that is none: ADD unpacks tars."""
    data = tree[""].data
    if len(tree) > 1 or data is None or data.size < 512:
        return None
    head = data.read(0, 512)
    if head[257:262] != b"ustar" and head[:2] != b"\x1f\x8b" and head[:4] != b"\x28\xb5\x2f\xfd":
        return None
    try:
        found = read_layer(decompressed(data.chunks(), "ADD"), where="ADD")
    except BadInput:
        return None
    return {path: replace(entry, inode=0) for path, entry in found.changes.entries.items()}


def files_of(root: OverlayMount, now: int) -> Files:
    """Return a root as files to write to."""
    return Files([Mounted("/", "overlay")], {"overlay": root}, now=now)
