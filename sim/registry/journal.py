"""The journal: what happened to a registry, written down before anyone is told.

    3fa2b1c0 {"registry journal": 1}
    91d0aa3e [["blob","cyo57/app","sha256:…",1064600,1795489042.5],["tag", …]]      one line a sync, with its CRC-32
    77b0c2d4 [["manifest", …],["tag","cyo57/app","1.0","sha256:…"]]                 <- the last may be torn

One file, only ever appended to, and one sync for all requests that wait at that time: of the ways to keep names
durable it costs least a change (a file a tag, as docker's registry has it, costs a file and a folder to sync each)
and starts fastest (one file to read, not a tree to walk). Nothing is appended after a line before that line is
durable, so a crash can harm the last line alone, and nobody was told of what it says: it is cut off. A bad line that
others follow is damage, and is said, never skipped. A journal much longer than what it amounts to is written anew,
aside, when it is opened.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..content.descriptor import Descriptor
from ..content.digest import Digest
from ..content.durable import written_aside
from ..errors import BadInput, DocumentInvalid, Unsupported
from .changes import (
    BlobLinked,
    BlobUnlinked,
    Change,
    Changes,
    ManifestRecord,
    ManifestRemoved,
    ManifestStored,
    RepositoryMade,
    TagRemoved,
    TagSet,
)

VERSION = 1
_HEAD = "registry journal"
_LINE_CHANGES = 500


class Journal:
    """An open journal. One process has it open at a time, and one thread uses it.

    Parameters
    ----------
    path : Path
        Made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            self._rewrite(())
        self._open()

    def _open(self) -> None:
        self._fresh: Changes | None
        self._fresh, self._length = _read(self._path)
        self._file = open(self._path, "r+b", buffering=0)
        self._file.truncate(self._length)
        self._uncertain = False

    def read(self) -> Changes:
        """Return all that it says."""
        found, self._fresh = self._fresh, None  # read once already, when it was opened
        return _read(self._path)[0] if found is None else found

    def append(self, changes: Changes) -> None:
        """Write changes down; they are durable when this returns, and not there where it raises `OSError`."""
        if not changes:
            return
        self._fresh = None
        raw = _line(_documents(changes))
        # What a failed write has left nobody knows: it is cut off before anything follows it.
        self._cut_off()
        self._file.seek(self._length)
        self._uncertain = True
        try:
            _write_all(self._file.fileno(), raw)
            os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):
                self._cut_off()
            raise
        self._uncertain = False
        self._length += len(raw)

    def _cut_off(self) -> None:
        if self._uncertain:
            self._file.truncate(self._length)
            os.fsync(self._file.fileno())
            self._uncertain = False

    def replace(self, changes: Changes) -> None:
        """Replace all that it says, in one step."""
        self._file.close()
        self._rewrite(changes)
        self._open()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rewrite(self, changes: Changes) -> None:
        with written_aside(self._path) as file:
            file.write(_line({_HEAD: VERSION}))
            for at in range(0, len(changes), _LINE_CHANGES):
                file.write(_line(_documents(changes[at : at + _LINE_CHANGES])))


def _read(path: Path) -> tuple[Changes, int]:
    """Return what a journal says, and how many of its bytes are sound."""
    found: list[Change] = []
    length, where = 0, str(path)
    with open(path, "rb") as file:
        for number, raw in enumerate(file, 1):
            document = _checked(raw)
            if document is None:
                if file.read(1):
                    raise BadInput(
                        f"line {number} is damaged, and others follow it", where=where,
                        hint="restore the folder from a copy: what this line said is lost",
                    )
                break
            if number == 1:
                _check_head(document, where)
            else:
                found.extend(_changes(document, f"{where}, line {number}"))
            length += len(raw)
    if not length:
        raise BadInput("no journal of a registry", where=where, hint="restore the folder from a copy")
    return tuple(found), length


def _check_head(document: object, where: str) -> None:
    version = document.get(_HEAD) if isinstance(document, dict) else None
    if not isinstance(version, int):
        raise BadInput("no journal of a registry", where=where)
    if version > VERSION:
        raise Unsupported(
            f"a journal of version {version}; {VERSION} is understood", where=where, hint="use a newer Layer Lab"
        )


def _line(document: object) -> bytes:
    raw = json.dumps(document, separators=(",", ":")).encode("ascii")
    return b"%08x %b\n" % (zlib.crc32(raw), raw)


def _checked(raw: bytes) -> object:
    # None for a line that was torn: no document is null.
    if not raw.endswith(b"\n") or raw[:8] != b"%08x" % zlib.crc32(raw[9:-1]):
        return None
    document: object = json.loads(raw[9:-1])
    return document


def _write_all(descriptor: int, raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[os.write(descriptor, view) :]


def _documents(changes: Changes) -> list[list[object]]:
    return [_document(change) for change in changes]


def _document(change: Change) -> list[object]:
    match change:
        case RepositoryMade(name):
            return ["repository", name]
        case BlobLinked(name, digest, size, since):
            return ["blob", name, str(digest), size, since]
        case BlobUnlinked(name, digest):
            return ["no blob", name, str(digest)]
        case TagSet(name, tag, digest):
            return ["tag", name, tag, str(digest)]
        case TagRemoved(name, tag):
            return ["no tag", name, tag]
        case ManifestRemoved(name, digest):
            return ["no manifest", name, str(digest)]
        case ManifestStored(name, record):
            subject = str(record.subject) if record.subject else None
            return ["manifest", name, record.descriptor.to_json(), [str(link) for link in record.links], subject]
        case _:
            raise TypeError(f"sessions are files, not lines: {change}")


def _changes(document: object, where: str) -> Iterator[Change]:
    try:
        assert isinstance(document, list)
        for item in document:
            yield _change(item, where)
    except (AssertionError, TypeError, ValueError, IndexError):
        raise DocumentInvalid("not what a journal says", where=where) from None


def _change(item: list[object], where: str) -> Change:
    match item:
        case ["repository", str(name)]:
            return RepositoryMade(name)
        case ["blob", str(name), str(digest), int(size), int() | float() as since]:
            return BlobLinked(name, Digest.parse(digest), size, since)
        case ["no blob", str(name), str(digest)]:
            return BlobUnlinked(name, Digest.parse(digest))
        case ["tag", str(name), str(tag), str(digest)]:
            return TagSet(name, tag, Digest.parse(digest))
        case ["no tag", str(name), str(tag)]:
            return TagRemoved(name, tag)
        case ["no manifest", str(name), str(digest)]:
            return ManifestRemoved(name, Digest.parse(digest))
        case ["manifest", str(name), described, list(links), subject]:
            record = ManifestRecord(
                Descriptor.from_json(described, where=where), tuple(map(Digest.parse, links)),
                None if subject is None else Digest.parse(subject),
            )
            return ManifestStored(name, record)
        case _:
            raise DocumentInvalid("a change that is not known", where=where)
