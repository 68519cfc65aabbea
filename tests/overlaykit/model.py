"""The model's side of a comparison: build the stack, do operations, tell what is there, all as plain data."""

from __future__ import annotations

from typing import Any

from sim.content.data import Inline
from sim.fs.entry import Entry, Kind
from sim.union.overlay import Directory, Mapping, Open, Options, OverlayMount, Stat, directory, mount
from sim.union.overlay.views import names_in, stat_of, walk

from .stacks import Layer, Operation

NOW = 2_000_000_000 * 10**9
NEW = "new"
"""The class of every time that an operation set to now; times on disk are compared exactly."""


def entry_of(facts: dict[str, Any]) -> Entry:
    if facts["t"] == "w":
        return Entry(Kind.CHAR, 0, mtime_ns=facts["mtime"] * 10**9, rdev=(0, 0))
    return Entry(
        Kind(facts["t"]), facts["mode"], facts["uid"], facts["gid"], facts["mtime"] * 10**9,
        data=Inline(facts.get("data", "").encode()) if facts["t"] == "f" else None,
        target=facts.get("link"), rdev=tuple(facts["rdev"]) if "rdev" in facts else None,
        xattrs=tuple(sorted((name, bytes.fromhex(value)) for name, value in facts.get("xattr", {}).items())),
        inode=facts.get("ino", 0),
    )


def directory_of(layer: Layer) -> Directory:
    return directory({path: entry_of(facts) for path, facts in layer.items()})


def flags_of(words: str) -> int:
    value = 0
    for word in words.split("|"):
        value |= Open[word]
    return value


def time_of(mtime_ns: int) -> int | str:
    seconds = mtime_ns // 10**9
    return NEW if seconds > 1_400_000_000 else seconds


def stat_facts(stat: Stat) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "t": str(stat.kind), "mode": stat.mode, "uid": stat.uid, "gid": stat.gid, "nlink": stat.nlink,
        "mtime": time_of(stat.mtime_ns), "ino": stat.ino,
    }
    if stat.kind in (Kind.FILE, Kind.SYMLINK):
        facts["size"] = stat.size
    if stat.kind in (Kind.CHAR, Kind.BLOCK):
        facts["rdev"] = list(stat.rdev or ())
    return facts


class Model:
    """A mount of the model, and the slots of its descriptors."""

    def __init__(self, lowers: list[Directory], options: Options = Options(), upper: Directory | None = None) -> None:  # noqa: B008
        self.mount: OverlayMount = mount(lowers, upper or directory({}), options=options, now=NOW)
        self.slots: dict[int, int] = {}
        self.mappings: dict[int, Mapping] = {}

    def do(self, op: Operation) -> list[Any]:
        """Do an operation: [errno's name or "ok", the result]."""
        name, *rest = op
        if name in ("close", "read", "pread", "write", "pwrite", "seek", "ftruncate", "fstat", "mmap", "mapped"):
            return self._on_slot(name, *rest)
        m = self.mount
        match name:
            case "open":
                slot, path, flags, mode = rest
                if slot in self.slots:
                    return ["busy", None]
                self.mount, report = m.open(path, flags_of(flags), mode)
                if report.ok:
                    self.slots[slot] = report.value
                return ["ok", None] if report.ok else [report.name, None]
            case "put" | "append":
                after, report = getattr(m, name)(rest[0], rest[1].encode())
            case "mknod":
                after, report = m.mknod(rest[0], Kind(rest[1]), 0o644, tuple(rest[2:]) or None)
            case "rename":
                after, report = m.rename(rest[0], rest[1], noreplace=rest[2] == "noreplace",
                                         exchange=rest[2] == "exchange")
            case "chown":
                after, report = m.chown(rest[0], rest[1], rest[2], follow=rest[3])
            case "utime":
                after, report = m.utime(rest[0], None if rest[1] is None else rest[1] * 10**9, follow=rest[2])
            case "setxattr":
                after, report = m.setxattr(rest[0], rest[1], bytes.fromhex(rest[2]), create=rest[3] == "create",
                                           replace=rest[3] == "replace", follow=rest[4])
            case "removexattr" | "getxattr":
                after, report = getattr(m, name)(rest[0], rest[1], follow=rest[2])
            case "listxattr":
                after, report = m.listxattr(rest[0], follow=rest[1])
            case _:
                after, report = getattr(m, name)(*rest)
        self.mount = after
        if not report.ok:
            return [report.name, None]
        return ["ok", self._value(name, rest[0], report.value)]

    def _value(self, name: str, path: str, value: Any) -> Any:
        if name == "readdir":
            return [sorted(group) for group in self._groups(path, value)]
        if isinstance(value, Stat):
            return stat_facts(value)
        if isinstance(value, bytes):
            return value.hex()
        if name == "cat":
            return value.read().decode("latin-1")
        return list(value) if isinstance(value, tuple) else value

    def _groups(self, path: str, names: tuple[str, ...]) -> list[list[str]]:
        """Names in the order of the kernel, those of one layer together: their order is the disk's."""
        from sim.union.overlay.paths import resolve

        dentry = resolve(self.mount.core, path)
        stack = ([dentry.upper] if dentry.upper is not None else []) + [node for _, node in dentry.lowers]
        groups: dict[int, list[str]] = {}
        for name in names:
            lowest = name in (stack[-1].names or {})
            first = next(at for at, node in enumerate(stack) if name in (node.names or {}))
            groups.setdefault(-1 if lowest else first, []).append(name)
        assert list(groups) == sorted(groups), "the lowest layer's names come first, then the others from the top"
        return list(groups.values())

    def _on_slot(self, name: str, slot: int, *rest: Any) -> list[Any]:
        if name == "mapped":
            mapping = self.mappings.get(slot)
            if mapping is None:
                return ["none", None]
            if not mapping.node.data.size:
                # The kernel ends a process that touches a page wholly behind the end of the file.
                return ["bus", None]
            return ["ok", self.mount.mapped(mapping).decode("latin-1")]
        if slot not in self.slots:
            return ["closed", None]
        fd, m = self.slots[slot], self.mount
        match name:
            case "close":
                del self.slots[slot]
                after, report = m.close(fd)
            case "read":
                after, report = m.read(fd, rest[0])
            case "pread":
                after, report = m.read(fd, rest[0], rest[1])
            case "write":
                after, report = m.write(fd, rest[0].encode())
            case "pwrite":
                after, report = m.write(fd, rest[0].encode(), rest[1])
            case "mmap":
                if m.fstat(fd)[1].value.kind is not Kind.FILE or not m.fstat(fd)[1].value.size:
                    return ["empty", None]
                after, report = m.mmap(fd)
                if report.ok:
                    self.mappings[slot] = report.value
                return ["ok" if report.ok else report.name, None]
            case _:
                after, report = getattr(m, name)(fd, *rest)
        self.mount = after
        if not report.ok:
            return [report.name, None]
        value = report.value
        if isinstance(value, Stat):
            return ["ok", stat_facts(value)]
        return ["ok", value.decode("latin-1") if isinstance(value, bytes) else None if name == "close" else value]

    def forget(self) -> None:
        """Close everything and drop what is cached: what a remount does."""
        for slot in list(self.slots):
            self._on_slot("close", slot)
        self.mappings.clear()
        self.mount.core.forget()

    def merged(self) -> dict[str, Any]:
        """Everything that the merged view shows."""
        core = self.mount.core
        found = {}
        for path, dentry in walk(core, "/"):
            facts = stat_facts(stat_of(core, dentry))
            if dentry.is_dir:
                facts["names"] = sorted(names_in(core, dentry))
            facts.update(_contents(dentry.node, core.prefix))
            found[path] = facts
        return found

    def upper(self) -> dict[str, Any]:
        """Everything in the upperdir."""
        found = {}
        stack = [("", self.mount.core.upper)]
        while stack:
            path, node = stack.pop()
            assert node is not None
            if node.is_whiteout:
                found[path] = {"t": "w"}
                continue
            facts: dict[str, Any] = {
                "t": str(node.kind), "mode": node.mode, "uid": node.uid, "gid": node.gid,
                "mtime": time_of(node.mtime_ns), "nlink": node.nlink,
            }
            facts.update(_contents(node, None))
            if node.metacopy:
                facts["data"] = "\0" * node.data.size
                facts.setdefault("xattr", {})["trusted.overlay.metacopy"] = ""
            found[path] = facts
            for name, child in (node.names or {}).items():
                stack.append((f"{path}/{name}" if path else name, child))
        return found


def _contents(node: Any, hidden: str | None) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if node.kind is Kind.FILE:
        facts["data"] = node.data.read().decode("latin-1")
    if node.kind is Kind.SYMLINK:
        facts["link"] = node.target
    shown = {}
    for name, value in node.xattrs.items():
        if hidden is not None and name.startswith(hidden):
            if not name.startswith(hidden + "overlay."):
                continue
            name = hidden + name[len(hidden + "overlay.") :]
        shown[name] = value.hex()
    if shown:
        facts["xattr"] = shown
    return facts
