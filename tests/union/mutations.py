"""Plausible bugs, put into the model one at a time; the recorded cases must notice each of them.

    python3 -m tests.union.mutations        try every mutation on every case, write mutations.json: which case kills it
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

TABLE = Path(__file__).with_name("mutations.json")
PACKAGE = "sim.union.overlay"

MUTATIONS: dict[str, tuple[str, str, str]] = {
    "the bottom layer wins": (
        "core", "for number in range(len(lowers), 0, -1)", "for number in range(1, len(lowers) + 1)"),
    "the upper does not hide a lower file": (
        "core", "lowers = () if stop else", "lowers = () if stop and upper is None else"),
    "opaque is ignored": ("core", 'node.xattrs.get(self.opaque_mark) == b"y"', "False"),
    "any value makes opaque": (
        "core", 'node.xattrs.get(self.opaque_mark) == b"y"', "self.opaque_mark in node.xattrs"),
    "opaque in a lower layer is ignored": (
        "core",
        "            if self.is_opaque(node):\n                stop = True",
        "            if False:\n                stop = True"),
    "a whiteout in a lower layer does not stop the merge": (
        "core", "return None, True, asked", "return None, False, asked"),
    "a whiteout of the upper is shown": (
        "core",
        "                if upper.is_whiteout:\n                    upper = None",
        "                if False:\n                    upper = None"),
    "a lower whiteout is shown": ("core", "if node.is_whiteout or (", "if ("),
    "a file does not stop the merge": (
        "core",
        "                        found.append((layer, node))\n                    break",
        "                        found.append((layer, node))\n                    continue"),
    "a whiteout of a middle layer counts as lower": ("core", "return not node.is_whiteout", "return True"),
    "only the topmost lower layer is asked what is below": (
        "core",
        "            if node is not None:\n                return not node.is_whiteout\n",
        "            return node is not None\n"),
    "inode numbers change on copy-up": (
        "copyup", "0 if shared and not core.options.index else core.bases[layer - 1] + lower.ino", "0"),
    "hard links keep one inode number when they part": (
        "copyup", "0 if shared and not core.options.index else ", ""),
    "a copied-up file shows the upper's inode number": (
        "core", "return dentry.upper.origin or dentry.upper.ino", "return dentry.upper.ino"),
    "copy-up loses the mode": ("disk", "    ino, self.kind, self.mode, self", "    ino, self.kind, 0o644, self"),
    "copy-up loses the owner": (
        "disk", "    ino, self.kind, self.mode, self.uid, self.gid,", "    ino, self.kind, self.mode, 0, 0,"),
    "copy-up loses the time": (
        "disk",
        "    ino, self.kind, self.mode, self.uid, self.gid, self.mtime_ns,",
        "    ino, self.kind, self.mode, self.uid, self.gid, 2 * 10**18,"),
    "copy-up loses extended attributes": (
        "disk", "rdev=self.rdev, xattrs=self.xattrs,\n        )", "rdev=self.rdev,\n        )"),
    "copy-up keeps the marks": ("copyup", "if any(map(core.is_private, upper.xattrs)):", "if False:"),
    "copy-up of a parent gives it a new time": (
        "copyup",
        "    dentry.upper, dentry.alias = upper, True",
        "    core.touch(parent)\n    dentry.upper, dentry.alias = upper, True"),
    "opening for writing copies up at the first write alone": (
        "files", "if flags & (_WRITES | _TRUNC) and", "if flags & _TRUNC and"),
    "O_RDONLY with O_TRUNC does not truncate": (
        "files", "if flags & (_WRITES | _TRUNC) and", "if flags & _WRITES and"),
    "O_TRUNC keeps the data": ("files", "                resize(core, dentry.upper, 0)\n", ""),
    "O_CREAT copies up": (
        "files", "if flags & (_WRITES | _TRUNC) and", "if flags & (_WRITES | _TRUNC | _CREAT) and"),
    "O_EXCL follows a symlink": (
        "files",
        "        if flags & _EXCL:\n            raise Refused(errno.EEXIST)\n        if node.kind",
        "        if flags & _EXCL and node.kind is not Kind.SYMLINK:\n"
        "            raise Refused(errno.EEXIST)\n"
        "        if node.kind"),
    "O_APPEND writes at the position": ("files", "node.data.size if file.flags & _APPEND else", ""),
    "an old descriptor reads the old data": ("copyup", "file, node=upper, ino", "file, ino"),
    "a mapping moves to the copy": ("copyup", "file, node=upper, ino", "file, node=upper, mapped=upper, ino"),
    "descriptors of all names follow one name's copy-up": (
        "copyup", "(not shared or core.options.index or file.path == dentry.path)", "True"),
    "no whiteout after unlink": (
        "remove", "    if below:\n        core.put(parent", "    if False:\n        core.put(parent"),
    "a whiteout after every unlink": (
        "remove", "    if below:\n        core.put(parent", "    if True:\n        core.put(parent"),
    "unlink leaves the directory's time": ("remove", "    core.touch(parent)\n", ""),
    "rmdir of a directory with whiteouts is refused": (
        "remove",
        "names_in(core, dentry, ghosts=False)",
        "dentry.upper and dentry.upper.names or names_in(core, dentry)"),
    "rmdir of a pure upper directory does not see ghosts": (
        "remove", "elif dentry.upper is not None and dentry.upper.names:", "elif False:"),
    "mkdir over a whiteout is not opaque": ("create", "is_dir and (covered or (", "is_dir and ((False) or ("),
    "every new directory is opaque": ("create", "is_dir and (covered or (", "is_dir and (True or ("),
    "creating leaves the directory's time": (
        "create",
        "    core.touch(parent)\n"
        "    dentry = parent.children[name] = Dentry(parent, name, node, ())\n"
        "    core.did(Did.CREATED",
        "    dentry = parent.children[name] = Dentry(parent, name, node, ())\n    core.did(Did.CREATED"),
    "link copies": (
        "create",
        '    core.put(parent.upper.names, name, node)\n    core.set(node, "nlink"',
        "    node = node.copy(core.new_ino())\n"
        "    core.put(parent.upper.names, name, node)\n"
        '    core.set(node, "nlink"'),
    "link does not count": ("create", 'core.set(node, "nlink", node.nlink + 1)\n    if id', "pass\n    if id"),
    "a whiteout can be made by hand": ("create", "kind is Kind.CHAR and rdev == NO_DEVICE", "False"),
    "the umask is ignored": ("create", "mode & 0o7777 & ~core.umask))", "mode & 0o7777))"),
    "setgid directories do not pass their group on": ("create", "if above.mode & SETGID:", "if False:"),
    "lower directories move": (
        "rename", "    if dentry.lowers and dentry.is_dir and not core.redirects:", "    if False:"),
    "merged directories with an upper part move": (
        "rename",
        "if dentry.lowers and dentry.is_dir and not core.redirects",
        "if dentry.upper is None and dentry.is_dir and not core.redirects"),
    "a moved lower file leaves no whiteout": (
        "rename", "    if below:\n        core.put(source", "    if False:\n        core.put(source"),
    "a directory moved below a merged one is not opaque": (
        "rename", "elif parent.merged and not core.is_opaque(node):", "elif False:"),
    "a directory replaces one that is not empty": (
        "rename", "if new is not None and new.is_dir and (new.lowers or new.may_hide):", "if False:"),
    "a failed rename leaves no mark": (
        "rename",
        "    _mark_moved(core, old, parent)\n    node, source",
        "    if not (new and new.upper and new.upper.names): _mark_moved(core, old, parent)\n    node, source"),
    "NOREPLACE replaces": ("rename", "if noreplace and new is not None:", "if False:"),
    "EXCHANGE moves": ("rename", "    if exchange:\n        assert new", "    if False:\n        assert new"),
    "moving into itself is ENOTEMPTY": (
        "rename",
        "    if _inside(new_parent, old):\n        raise Refused(errno.EINVAL)",
        "    if _inside(new_parent, old):\n        raise Refused(errno.ENOTEMPTY)"),
    "names of one lower file are one inode for rename": ("rename", "return core.options.index and", "return"),
    "rename checks the old name before the new parent": (
        "rename",
        "    new_parent, new_name, new_last, new_slash, _ = resolve_parent(core, new_path)\n",
        "    child(core, old_parent, old_name) or (_ for _ in ()).throw(Refused(errno.ENOENT))\n"
        "    new_parent, new_name, new_last, new_slash, _ = resolve_parent(core, new_path)\n"),
    "chmod to the same mode copies nothing up": (
        "attrs",
        '    node = _changed(core, resolve(core, path))\n    core.set(node, "mode"',
        "    if resolve(core, path).node.mode == mode: return\n"
        "    node = _changed(core, resolve(core, path))\n"
        '    core.set(node, "mode"'),
    "chown keeps setuid": ("attrs", "        if node.mode & lost:", "        if False:"),
    "writes keep capabilities": ("files", "    drop_privileges(core, node)\n    spend", "    spend"),
    "truncate keeps the time": ("attrs", '    core.set(node, "mtime_ns", core.now)\n\n\ndef drop', "\n\ndef drop"),
    "marks are shown as extended attributes": ("attrs", "if not core.is_private(name)))", "))"),
    "setxattr checks its flags before the copy-up": (
        "attrs",
        "    if dentry.upper is None:\n"
        "        copy_up(core, dentry, data=False)\n"
        "    node, stored_as = dentry.upper, _on_disk(core, name)\n",
        "    if replace and name not in dentry.node.xattrs: raise Refused(errno.ENODATA)\n"
        "    if dentry.upper is None:\n"
        "        copy_up(core, dentry, data=False)\n"
        "    node, stored_as = dentry.upper, _on_disk(core, name)\n"),
    "readdir lists whiteouts": ("views", "shown[name] = not child.is_whiteout", "shown[name] = True"),
    "readdir lists the upper alone": (
        "views", " + [node for _, node in dentry.lowers]\n    if", "[:1] or [dentry.lowers[0][1]]\n    if"),
    "readdir hides ghosts": ("views", "len(stack) == 1 and ghosts and not dentry.may_hide", "False"),
    "readdir starts with the top layer": (
        "views",
        "order = [*sorted(lowest), *(name for name in shown if name not in lowest)]",
        "order = list(shown)"),
    "a merged directory shows its links": (
        "views", "nlink = 1 if dentry.merged else node.nlink", "nlink = node.nlink"),
    "a symlink in the middle is not followed": ("paths", "(todo or follow)", "follow"),
    "a symlink at the end is always followed": ("paths", "(todo or follow)", "True"),
    "symlinks resolve in their layer's root alone": (
        "paths",
        'if node.target[:1] == "/":\n                at = core.root',
        "if False:\n                at = core.root"),
    "41 symlinks are followed": ("paths", "MAX_SYMLINKS = 40", "MAX_SYMLINKS = 41"),
    "names may have 256 bytes": ("paths", "MAX_NAME = 255", "MAX_NAME = 256"),
    "paths may have 4,096 bytes": ("paths", "MAX_PATH = 4095", "MAX_PATH = 4096"),
    "a slash at the end of a file is ignored": ("paths", '["", *names[first + 1 :]]', "names[first + 1 :]"),
    ".. at the root fails": ("paths", "at = at.parent or at\n", "at = at.parent\n"),
}


class _Patched(SourceFileLoader):
    """Loads a module with one fragment of its source replaced."""

    replaced: tuple[str, str]

    def get_code(self, fullname: str) -> CodeType:
        source = Path(self.path).read_text(encoding="utf-8")
        old, new = self.replaced
        if source.count(old) != 1:
            raise ValueError(f"{self.path} has {old!r} {source.count(old)} times; the mutation needs it once")
        return compile(source.replace(old, new), self.path, "exec")


class _Finder(MetaPathFinder):
    def __init__(self, module: str, old: str, new: str) -> None:
        self.module, self.replaced = module, (old, new)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.module or not path:
            return None
        where = str(Path(path[0]) / f"{name.rpartition('.')[2]}.py")
        loader = _Patched(name, where)
        loader.replaced = self.replaced
        return importlib.util.spec_from_file_location(name, where, loader=loader)


@contextmanager
def mutated(module: str, old: str, new: str) -> Iterator[Any]:
    """Yield `replay` of a model with the mutation; the real modules come back afterwards."""
    ours = (PACKAGE, "tests.overlaykit")
    kept = {name: found for name, found in sys.modules.items() if name.startswith(ours)}
    parents = {name: sys.modules[name] for name in ("sim.union", "tests") if name in sys.modules}
    held = {name: dict(vars(found)) for name, found in parents.items()}
    finder = _Finder(f"{PACKAGE}.{module}", old, new)
    for name in kept:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module("tests.overlaykit.corpus").replay
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(ours)]:
            del sys.modules[name]
        sys.modules.update(kept)
        for name, found in parents.items():
            vars(found).update(held[name])


def kills(replay: Any, run: dict[str, Any]) -> bool:
    """Whether a recorded run tells a mutated model from the kernel: another answer, or an error."""
    try:
        return replay(run["stack"], run["steps"], run["options"]) is not None
    except Exception:  # noqa: BLE001 - a bug may show itself in any way
        return True


def main() -> int:
    from tests.overlaykit.corpus import load

    runs = [*load("cases.json")["runs"], *load("random.json")["runs"]]
    table: dict[str, str | None] = {}
    for name, (module, old, new) in MUTATIONS.items():
        with mutated(module, old, new) as replay:
            table[name] = next((run["name"] for run in runs if kills(replay, run)), None)
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    alive = [name for name, killer in table.items() if killer is None]
    print(f"{len(table)} mutations, {len(alive)} alive", *alive, sep="\n")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
