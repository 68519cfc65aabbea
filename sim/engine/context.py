"""A build's context: a folder of the host, less what .dockerignore names, and what COPY takes out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate

from ..content.digest import Digest
from ..fs.entry import Entry, Kind, ancestors
from .disk import Disk
from .job import Fail


@dataclass(frozen=True, slots=True)
class Context:
    """Files by relative path, the folder itself being the empty one."""

    entries: Mapping[str, Entry]

    @property
    def tar_size(self) -> int:
        """Bytes that the client sends: a tar's headers and blocks."""
        blocks = sum(1 + (entry.size + 511) // 512 for path, entry in self.entries.items() if path)
        return (blocks + 2) * 512


def context_of(files: Disk, folder: str) -> Context:
    """Read a folder of the host as a context."""
    real = files.mount.real_path(folder) or folder
    found = {path[len(real.strip("/")):].strip("/"): entry for path, entry in files.mount.walk(real)}
    ignored = found.get(".dockerignore")
    if ignored is not None and ignored.data is not None:
        patterns = ignored.data.read(0, 1 << 20).decode("utf-8", "replace").splitlines()
        found = {path: entry for path, entry in found.items()
                 if not path or path in ("Dockerfile", ".dockerignore") or not is_ignored(path, patterns)}
    return Context(found)


def is_ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether .dockerignore leaves a path out; the last pattern that fits decides, ``!`` brings back.

    Examples
    --------
    >>> [is_ignored(path, ["*.log", "!keep.log", "build"]) for path in ("a.log", "keep.log", "build/x", "src")]
    [True, False, True, False]
    """
    out = False
    for line in patterns:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        back = text.startswith("!")
        pattern = _pattern(text.lstrip("!").strip("/"))
        if any(pattern.fullmatch(one) for one in (path, *ancestors(path)) if one):
            out = not back
    return out


def _pattern(text: str) -> re.Pattern[str]:
    parts = []
    for part in text.split("**/"):
        parts.append("/".join(translate(one).removeprefix("(?s:").removesuffix(r")\Z").replace(".*", "[^/]*")
                              for one in part.split("/")))
    return re.compile("(?:.*/)?".join(parts), re.DOTALL)


def chosen(context: Context, pattern: str, word: str) -> list[str]:
    """Return the paths that one source of COPY or ADD names; `Fail` in docker's words where there is none."""
    clean = "/".join(part for part in pattern.split("/") if part not in ("", "."))
    if ".." in clean.split("/"):
        raise Fail(f"{word} failed: forbidden path outside the build context: {pattern} ()\n")
    if any(char in clean for char in "*?["):
        wanted = _pattern(clean)
        found = sorted(path for path in context.entries if path and wanted.fullmatch(path))
        if not found:
            raise Fail(f"{word} failed: no source files were specified\n")
        return found
    if clean not in context.entries:
        raise Fail(f"{word} failed: file not found in build context or excluded by .dockerignore: stat {clean}: file "
                   "does not exist\n")
    return [clean]


def below(context: Context, path: str) -> dict[str, Entry]:
    """Return what lies at a path and below, by the rest of its name; the path itself is the empty one."""
    base = path + "/" if path else ""
    found = {"": context.entries[path]}
    for name, entry in context.entries.items():
        if name.startswith(base) and name != path:
            found[name[len(base):]] = entry
    return found


def fingerprint(entries: Mapping[str, Entry]) -> str:
    """Return a digest of files' names, modes and bytes: what decides whether a COPY may come from the cache.

    Times and owners are not in it, as docker leaves the times out.
    """
    lines = []
    for path, entry in sorted(entries.items()):
        content = entry.data.sha256 if entry.kind is Kind.FILE and entry.data is not None else entry.target or ""
        lines.append(f"{path}\0{entry.kind}\0{entry.mode:o}\0{content}")
    return Digest.of("\n".join(lines).encode("utf-8", "surrogateescape")).hex


def owned(entry: Entry, uid: int, gid: int) -> Entry:
    """Return an entry as COPY writes it: root's, or whose ``--chown`` says; no second name."""
    return replace(entry, uid=uid, gid=gid, inode=0)
