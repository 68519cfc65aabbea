"""From a tar's members to a change set, as if they were extracted one after the other.

Where a member repeats or contradicts an earlier one, what counts is what an extraction would leave behind
(umoci): the last mention of a name wins, a file that replaces a directory takes its content along, an earlier
symlink on the way leads elsewhere inside the root. Whiteouts do not take part: they speak of lower layers
only, whatever their place (image-spec, layer.md, "Whiteouts").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..content.data import Data
from ..errors import TarInvalid
from .changeset import OPAQUE_MARKER, WHITEOUT_PREFIX, ChangeSet
from .entry import Entry, Kind, canonical
from .links import renumbered
from .remarks import KEPT_PER_CODE, Remark, remark
from .tar_headers import Member, text

AUFS_PREFIX = ".wh..wh."
"""Names with which AUFS kept its own records; engines pass over them."""

NAME_MAX, PATH_MAX = 255, 4095
_MAX_HOPS = 40
_MOST_DELETABLE = NAME_MAX - len(WHITEOUT_PREFIX)

_KINDS: Mapping[bytes, Kind] = {
    b"0": Kind.FILE, b"\0": Kind.FILE, b"7": Kind.FILE, b"S": Kind.FILE,
    b"1": Kind.HARDLINK, b"2": Kind.SYMLINK, b"3": Kind.CHAR, b"4": Kind.BLOCK, b"5": Kind.DIRECTORY, b"6": Kind.FIFO,
}


class Builder:
    """Takes members in order and gives the change set at the end; used by one reader, once."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._entries: dict[str, Entry] = {}
        self._whiteouts: set[str] = set()
        self._opaques: set[str] = set()
        # Directories of this layer, implied ones too, all of whose parents are directories.
        self._directories: set[str] = {""}
        self._aside: dict[str, Entry] = {}
        self._children: dict[str, dict[str, None]] | None = None
        self._inodes = 0
        self._uneven = False
        self._remarks: dict[str, list[Remark]] = {}

    def remark(self, code: str, path: str = "") -> None:
        """Note a peculiarity."""
        kept = self._remarks.setdefault(code, [])
        if len(kept) < KEPT_PER_CODE:
            kept.append(remark(code, path))

    def add(self, member: Member, data: Data | None) -> None:
        """Take the next member; `data` is a regular file's."""
        path = self._usual(member.name)
        if path is None and (path := self._place(member, data)) is None:
            return
        kind = _KINDS.get(member.flag)
        if kind is None:
            self.remark("unknown-type", path)
            kind = Kind.FILE
        elif member.flag == b"\0" and member.name.endswith(b"/"):
            # v7 had no type for directories.
            kind, data = Kind.DIRECTORY, None
        for code in member.notes:
            self.remark(code, path)
        if kind is Kind.HARDLINK:
            self._link(path, member)
        else:
            self._put(path, self._entry(member, kind, data))

    def _usual(self, raw: bytes) -> str | None:
        """Return what `_place` would, in fewer steps: a usual name in a directory that is known. None for others."""
        if not raw.isascii() or len(raw) > _MOST_DELETABLE:
            return None
        path = raw.decode("ascii").removeprefix("./").removesuffix("/")
        directory, _, base = path.rpartition("/")
        # No directory that is known has a part `.`, `..` or none; a name that begins with a dot may be a whiteout.
        usual = base and base[0] != "." and path[0] not in "/." and directory in self._directories
        return path if usual else None

    def _place(self, member: Member, data: Data | None) -> str | None:
        """Make the way to an entry and return its path; None where a member is a whiteout or a record of AUFS."""
        raw = member.name
        name = text(raw)
        path = canonical(name)
        directory, _, base = path.rpartition("/")
        if name[:1] == "/" or ".." in name or len(path) > _MOST_DELETABLE or not raw.isascii():
            self._look_at_name(raw, name, path)
        if path.startswith(AUFS_PREFIX) and base != OPAQUE_MARKER:
            if data is not None:
                self._aside[path] = self._entry(member, Kind.FILE, data)
            return None
        if base.startswith(WHITEOUT_PREFIX):
            self._hide(directory, base)
            return None
        if directory not in self._directories:
            directory = self._enter(directory, path)
            path = f"{directory}/{base}" if directory else base
        return path

    def finish(self) -> tuple[ChangeSet, tuple[Remark, ...]]:
        """Return the change set and the remarks."""
        entries: Mapping[str, Entry] = self._entries
        if self._inodes or self._uneven:
            entries = renumbered(entries)
        for path in sorted(self._whiteouts & self._directories):
            self.remark("whiteout-and-directory", path)
        found = tuple(one for kept in self._remarks.values() for one in kept)
        return ChangeSet(entries, self._whiteouts, self._opaques), found

    def _entry(self, member: Member, kind: Kind, data: Data | None) -> Entry:
        mode, target = member.mode, None
        if kind is Kind.SYMLINK:
            # Linux shows every symlink with all permissions, whatever the tar says.
            mode, target = 0o777, text(member.link)
            if not target:
                raise self._bad(member, "a symlink without a target")
        if member.rdev is not None or member.xattrs:
            self._look_at_special(member)
        return Entry(kind, mode, member.uid, member.gid, member.mtime_ns, data, target, member.rdev, member.xattrs)

    def _bad(self, member: Member, what: str) -> TarInvalid:
        return TarInvalid(f"{what}: {text(member.name)[:200]!r}", where=self._where, offset=member.at)

    def _look_at_name(self, raw: bytes, name: str, path: str) -> None:
        if name.startswith("/"):
            self.remark("absolute", path)
        if ".." in name.split("/"):
            self.remark("dotdot", path)
        encoded = path.encode("utf-8", "surrogateescape")
        longest = max(map(len, encoded.split(b"/")))
        if longest > NAME_MAX or len(encoded) > PATH_MAX:
            self.remark("too-long", path)
        elif longest > _MOST_DELETABLE:
            self.remark("long-name", path)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            self.remark("not-utf8", path)

    def _look_at_special(self, member: Member) -> None:
        path = canonical(text(member.name))
        if member.flag == b"3" and member.rdev == (0, 0):
            self.remark("device-0-0", path)
        for key, _ in member.xattrs:
            if key.startswith("trusted.overlay."):
                self.remark("overlay-xattr", path)

    def _hide(self, directory: str, base: str) -> None:
        if directory not in self._directories:
            directory = self._lead(directory)
        if base == OPAQUE_MARKER:
            self._opaques.add(directory)
            if not directory:
                self.remark("opaque-root")
            return
        if base.startswith(AUFS_PREFIX):
            return
        victim = base[len(WHITEOUT_PREFIX) :]
        path = canonical(f"{directory}/{victim}")
        if victim in ("", ".", ".."):
            self.remark("bare-whiteout", path)
            if not path:
                # The root cannot go; emptied is what umoci leaves of it.
                self._opaques.add(path)
                return
        elif path in self._whiteouts:
            self.remark("duplicate", f"{directory}/{base}" if directory else base)
        elif path in self._entries or path in self._directories:
            self.remark("entry-then-whiteout", path)
        self._whiteouts.add(path)

    def _lead(self, directory: str) -> str:
        """Follow this layer's symlinks on the way to a directory; change nothing."""
        return self._walk(directory, directory, make=False)

    def _enter(self, directory: str, path: str) -> str:
        """Make a directory's way one of directories, following this layer's symlinks; return where it is."""
        return self._walk(directory, path, make=True)

    def _walk(self, directory: str, path: str, make: bool) -> str:
        ahead = directory.split("/")[::-1]
        at, hops = "", 0
        while ahead:
            part = ahead.pop()
            if part in ("", "."):
                continue
            if part == "..":
                at = at.rpartition("/")[0]
                continue
            step = f"{at}/{part}" if at else part
            entry = None if step in self._directories else self._entries.get(step)
            if entry is not None and entry.kind is Kind.SYMLINK:
                hops += 1
                if hops > _MAX_HOPS:
                    raise TarInvalid(f"more than {_MAX_HOPS} symlinks on the way to {path[:200]!r}", where=self._where)
                target = entry.target or ""
                at = "" if target.startswith("/") else at
                ahead += target.split("/")[::-1]
                if make and hops == 1:
                    self.remark("below-symlink", path)
                continue
            at = step
            if make and step not in self._directories:
                if entry is not None:
                    self.remark("below-file", path)
                    self._forget(step)
                self._directories.add(step)
                self._record(step)
        return at

    def _put(self, path: str, entry: Entry) -> None:
        earlier = self._entries.pop(path, None)
        if earlier is not None:
            self.remark("duplicate", path)
            self._uneven = True
        if entry.is_dir:
            self._directories.add(path)
        elif path in self._directories:
            if not path:
                raise TarInvalid("a member names the root and is no directory", where=self._where)
            self._forget(path)
        self._entries[path] = entry
        self._record(path)

    def _link(self, path: str, member: Member) -> None:
        target = canonical(text(member.link))
        directory, _, base = target.rpartition("/")
        if directory not in self._directories:
            directory = self._lead(directory)
            target = f"{directory}/{base}" if directory else base
        if target in self._directories:
            raise self._bad(member, "a hard link to a directory")
        entry = self._entries.get(target) or self._aside.get(target)
        if target == path:
            self.remark("link-to-itself", path)
            if entry is not None:
                return
        if entry is None:
            self.remark("link-to-lower", path)
            lower = self._entry(member, Kind.HARDLINK, None)
            self._put(path, replace(lower, target=target))
            return
        if not entry.inode and entry.kind is not Kind.HARDLINK:
            self._inodes += 1
            entry = replace(entry, inode=self._inodes)
            (self._entries if target in self._entries else self._aside)[target] = entry
        self._put(path, entry)

    def _record(self, path: str) -> None:
        if self._children is not None and path:
            directory, _, base = path.rpartition("/")
            self._children.setdefault(directory, {})[base] = None

    def _forget(self, path: str) -> None:
        """Drop a path and all below it."""
        if self._children is None:
            # Made when a directory first goes, and kept up from then on: no tar can make this quadratic.
            self._children = {}
            for known in (*self._directories, *self._entries):
                self._record(known)
        self._uneven = True
        doomed = [path]
        while doomed:
            one = doomed.pop()
            self._entries.pop(one, None)
            self._directories.discard(one)
            doomed += [f"{one}/{base}" for base in self._children.pop(one, ())]
