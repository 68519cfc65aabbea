"""The index: fingerprints of many images in one file, so that a new image costs its own bytes and no others.

    meta     format, chunking rule
    image    number, name, image ID                  layer   number, DiffID, sizes, packed files, packed chunks, CRC-32
    holds    image, place in it: layer, blob         damage  image, place in it, why it was left out
    writing  who has changed it and has not closed it yet
    file_…, chunk_…   what the images share, counted until some image (counts.py)

SQLite, since it is in the standard library and does what an index needs: an image enters in one transaction, whole or
not at all, whenever the process ends; a layer is found by its name without reading the others. (Parquet wants a
package and is written in whole; DuckDB wants a package whose files other versions may not read.) What belongs
together is one packed value, since nobody asks for one file of it: 24 bytes a file, not a row each. SQLite does not
check the bytes of values, so each layer's have their own checksum.

Opening costs the same however large the index is. SQLite takes back what a killed process left half done, tells a file
that is too short, and checks each page as it is read; a layer's checksum is compared whenever the layer is read. All
pages are read only where there is a reason: somebody is in `writing` (killed, or at work), or the caller wants it.

What the images share is asked for of all of them, and costs those that have come since it was asked for last. An image
that is read again, since layers of it were damaged, may be the first to have what later ones have, too: then all are
counted anew, once.

An index of version 1 has no counts yet and gets them, all else as it is. One of another version, for other chunks, or
damaged is refused, and nothing in it is touched: it can be made again from its images, so who reads the sentence moves
it away.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import BadInput, Unsupported
from ...image.outer import Progress
from ..chunking import Rule
from ..prints import Chunks
from ..subject import Damaged
from .counts import Counts
from .fingerprint import LayerPrint, Print
from .growth import Item, Point, growth
from .names import BrokenNames

VERSION = 2
_APPLICATION = 0x4C4C4658
_PATIENCE_S = 30
_REMAKE = "move it away and give its images again to make it anew"
_TABLES = """
create table meta (rule text not null);
create table image (number integer primary key, name text not null, image_id text not null unique);
create table layer (
    number integer primary key, diff_id text not null unique, tar_size integer not null, files blob not null,
    names blob, sizes blob, checksum integer not null
);
create table holds (
    image integer not null, place integer not null, layer integer not null, digest text not null,
    size integer not null, primary key (image, place)
) without rowid;
create table damage (image integer not null, place integer not null, why text not null);
"""
_WRITING = "create table if not exists writing (who text not null unique)"
"""Beside the others, since there are indexes of version 1 without it."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An image of the index: its number, from 1 in the order of coming, its name, its ID and its damaged layers."""

    number: int
    name: str
    image_id: str
    damaged: tuple[Damaged, ...]


@contextmanager
def open_index(path: Path, rule: Rule | None = None, check: bool = False) -> Iterator[FingerprintIndex]:
    """Open an index, made where there is none, and close it when the block ends.

    Parameters
    ----------
    path : Path
        A file in a folder that is there.
    rule : Rule, optional
        How the layers' chunks are cut; an index is for one rule, or for no chunks.
    check : bool
        Read all of it first: every page and every layer.

    Raises
    ------
    BadInput
        The file is no index, is for other chunks, or cannot be opened; or it is damaged, which may be found no
        earlier than in the block, when what is damaged is read.
    Unsupported
        An index of another version.
    """
    with _sentences(path):
        database = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
        try:
            _prepare(database, path, rule, check)
            index = FingerprintIndex(database, path, rule)
            if check:
                index.check()
            yield index
            index.settle()
        finally:
            database.close()


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise BadInput(f"the index cannot be used now ({error})", where=str(path)) from None
    except sqlite3.DatabaseError as error:
        raise BadInput(f"no index, or a damaged one ({error})", where=str(path), hint=_REMAKE) from None
    except BrokenNames as error:
        raise BadInput(f"the index is damaged: {error}", where=str(path), hint=_REMAKE) from None


def _prepare(database: sqlite3.Connection, path: Path, rule: Rule | None, check: bool) -> None:
    database.execute("begin immediate")
    if not database.execute("select count(*) from sqlite_master").fetchone()[0]:
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        database.execute("insert into meta values (?)", [_words(rule)])
        database.execute(f"pragma application_id = {_APPLICATION}")
        _complete(database)
    database.execute("commit")
    if _pragma(database, "application_id") != _APPLICATION:
        raise BadInput("a database, but no index of fingerprints", where=str(path), hint="name another file")
    if (version := _pragma(database, "user_version")) not in (1, VERSION):
        raise Unsupported(f"an index of version {version}; here it is {VERSION}", where=str(path), hint=_REMAKE)
    writing = _writing(database)
    if check or writing is None or writing:
        if (told := _pragma(database, "quick_check")) != "ok":
            raise BadInput(f"the index is damaged ({told})".splitlines()[0], where=str(path), hint=_REMAKE)
        database.execute(_WRITING)
        # Whoever is still at work is in it again with the next image.
        database.executemany("delete from writing where who = ?", writing or ())
    (made,) = database.execute("select rule from meta").fetchone()
    if made != _words(rule):
        raise BadInput(f"the index is for {made}, not for {_words(rule)}", where=str(path),
                       hint="give the same, or name another file")
    if version != VERSION:
        database.execute("begin immediate")
        _complete(database)
        database.execute("commit")


def _complete(database: sqlite3.Connection) -> None:
    """Make the tables that version 1 has not."""
    database.execute(_WRITING)
    for counts in _counts(database):
        counts.prepare()
    database.execute(f"pragma user_version = {VERSION}")


def _counts(database: sqlite3.Connection) -> tuple[Counts, Counts]:
    """Return the counts of files, and of chunks."""
    return Counts(database, "file"), Counts(database, "chunk")


def _writing(database: sqlite3.Connection) -> list[tuple[str]] | None:
    """Return who is in the table, None where there is no such table."""
    there = database.execute("select count(*) from sqlite_master where name = 'writing'").fetchone()[0]
    return database.execute("select who from writing").fetchall() if there else None


def _pragma(database: sqlite3.Connection, name: str) -> int | str:
    found: int | str = database.execute(f"pragma {name}").fetchone()[0]
    return found


def _words(rule: Rule | None) -> str:
    if rule is None:
        return "no chunks"
    return f"chunks by {rule.method}, {rule.min_size} to {rule.max_size} bytes, {rule.avg_size} on average"


class FingerprintIndex:
    """An open index; `open_index` makes it. One thread uses it.

    Attributes
    ----------
    rule : Rule or None
        How its layers' chunks are cut; None for an index without chunks.
    """

    def __init__(self, database: sqlite3.Connection, path: Path, rule: Rule | None) -> None:
        self.rule = rule
        self._database = database
        self._path = path
        self._who = os.urandom(8).hex()
        self._files, self._chunks = _counts(database)

    def __contains__(self, image_id: str) -> bool:
        """Whether an image is in it without damage: one with damage is worth reading again."""
        row = self._database.execute(
            "select number from image where image_id = ? and number not in (select image from damage)", [image_id]
        )
        return row.fetchone() is not None

    def add(self, image: Print) -> None:
        """Add an image, in one transaction; one of the same ID is replaced and keeps its number."""
        with self._transaction() as database:
            number = self._numbered(image)
            before = self._layers_of(number)
            database.execute("delete from holds where image = ?", [number])
            database.execute("delete from damage where image = ?", [number])
            broken = {one.number for one in image.damaged}
            free = (place for place in range(1, len(image.layers) + len(broken) + 1) if place not in broken)
            database.executemany("insert into holds values (?, ?, ?, ?, ?)", [
                (number, place, self._layer(layer), layer.digest, layer.size)
                for place, layer in zip(free, image.layers, strict=True)
            ])
            database.executemany(
                "insert into damage values (?, ?, ?)", [(number, one.number, one.why) for one in image.damaged]
            )
            for counts in (self._files, self._chunks):
                if number <= counts.last and self._layers_of(number) != before:
                    counts.forget()

    def check(self) -> None:
        """Read every layer and all counts; `BadInput` where one is damaged."""
        for (number,) in self._database.execute("select number from layer order by number").fetchall():
            self.layer(number)
        for counts in (self._files, self._chunks):
            counts.check()

    def settle(self) -> None:
        """Note that nothing more comes: who opens the index next has no reason to check all of it."""
        if self._database.execute("select who from writing where who = ?", [self._who]).fetchone():
            self._database.execute("delete from writing where who = ?", [self._who])

    def images(self) -> tuple[Indexed, ...]:
        """Return the images, in the order of coming."""
        damage: dict[int, list[Damaged]] = {}
        for number, place, why in self._database.execute("select image, place, why from damage order by image, place"):
            damage.setdefault(number, []).append(Damaged(place, why))
        rows = self._database.execute("select number, name, image_id from image order by number")
        return tuple(
            Indexed(number, name, image_id, tuple(damage.get(number, ()))) for number, name, image_id in rows
        )

    def blobs(self) -> tuple[Point, ...]:
        """Return what the images' compressed layers share, as one image after the other has come."""
        return growth(self._each("digest, holds.size"))

    def layers(self) -> tuple[Point, ...]:
        """Return what their uncompressed layers share."""
        return growth(self._each("diff_id, tar_size"))

    def files(self, progress: Progress | None = None) -> tuple[Point, ...]:
        """Return what their files share, those of all layers.

        Parameters
        ----------
        progress : callable, optional
            Here and in `chunks`: told of images that have not been counted yet.

        Raises
        ------
        BadInput
            Here and in `chunks`: the bytes of a layer in the index, or of the counts, are damaged.
        """
        return self._counted(self._files, LayerPrint.named_files, progress, "counting files")

    def chunks(self, progress: Progress | None = None) -> tuple[Point, ...]:
        """Return what their chunks share, those of all layers; nothing in an index without them."""
        return self._counted(self._chunks, lambda layer: layer.chunks or (), progress, "counting chunks")

    def layer(self, number: int) -> LayerPrint:
        """Return a layer of the index, checked; its blob may be another one in each image."""
        row = self._database.execute(
            "select diff_id, tar_size, files, names, sizes, checksum from layer where number = ?", [number]
        ).fetchone()
        diff_id, tar_size, files, names, sizes, checksum = row
        if checksum != _checksum(files, names, sizes):
            raise BadInput(f"the index is damaged: layer {diff_id}", where=str(self._path), hint=_REMAKE)
        chunks = None if names is None else Chunks(names, _of_this_machine(sizes))
        return LayerPrint(diff_id, "", 0, tar_size, files, chunks)

    def _counted(
        self, counts: Counts, items: Callable[[LayerPrint], Iterable[tuple[bytes, int]]],
        progress: Progress | None, what: str,
    ) -> tuple[Point, ...]:
        waiting = len(self._after(counts.last))
        while left := self._after(counts.last):
            if progress is not None:
                progress(waiting - len(left), waiting, what)
            with self._transaction():
                images = ((number, self._layers_of(number)) for number in self._after(counts.last))
                counts.take(images, lambda number: items(self.layer(number)))
        return counts.points()

    def _after(self, number: int) -> list[int]:
        """Return the numbers of the images after one."""
        rows = self._database.execute("select number from image where number > ? order by number", [number])
        return [number for (number,) in rows]

    def _layers_of(self, image: int) -> list[int]:
        rows = self._database.execute("select layer from holds where image = ? order by place", [image])
        return [number for (number,) in rows]

    def _each(self, columns: str) -> Iterator[list[Item]]:
        for image in self._after(0):
            yield self._database.execute(
                f"select {columns} from holds join layer on layer.number = layer where image = ? order by place",
                [image],
            ).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("begin immediate")
        try:
            self._database.execute("insert or ignore into writing values (?)", [self._who])
            yield self._database
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def _numbered(self, image: Print) -> int:
        self._database.execute(
            "insert into image (name, image_id) values (?, ?)"
            " on conflict (image_id) do update set name = excluded.name",
            [image.name, image.image_id],
        )
        row = self._database.execute("select number from image where image_id = ?", [image.image_id])
        return int(row.fetchone()[0])

    def _layer(self, layer: LayerPrint) -> int:
        """Return a layer's number; it is written where it is not there yet."""
        known = self._database.execute("select number from layer where diff_id = ?", [layer.diff_id]).fetchone()
        if known is not None:
            return int(known[0])
        names, sizes = (None, None) if layer.chunks is None else (
            layer.chunks.names, _of_this_machine(layer.chunks.packed)
        )
        return int(self._database.execute(
            "insert into layer (diff_id, tar_size, files, names, sizes, checksum) values (?, ?, ?, ?, ?, ?)",
            [layer.diff_id, layer.tar_size, layer.files, names, sizes, _checksum(layer.files, names, sizes)],
        ).lastrowid or 0)


def _checksum(files: bytes, names: bytes | None, sizes: bytes | None) -> int:
    return zlib.crc32(sizes or b"", zlib.crc32(names or b"", zlib.crc32(files)))


def _of_this_machine(sizes: bytes) -> bytes:
    """Turn chunks' sizes between this machine's order of bytes and the index's, little-endian."""
    words = array("I", sizes)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()
