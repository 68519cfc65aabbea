"""A repository as three shelves: tags that name manifests, manifests that name blobs, the blobs themselves.

    tags         manifests        blobs
    [1.0  ]--+---[5b5e19a062e1]-+--[ 2e47fb4aa2c5 config ]
    [1    ]--+                  +--[(1) 3523a8f68f6b 15kB]
    [2.0  ]------[a77f4c1d20bb]    [ 91be44… no manifest ]     hatched: what a collection would free
                 [index of 2  ]
                  +-[         ]    what an index names hangs below it

Where one tag is followed, its manifest's layers have their numbers and colours, and only its lines are drawn. Of an
index's manifests the blobs are marked, and have no numbers: each manifest counts its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..content.digest import Digest
from ..content.sizes import human_size
from .plates import MARGIN, answer, chip, heading, listing
from .shelves import Held, Sheet, Shelf
from .svg import Drawing, Picture, Table, fit, measure, picture
from .text import sentences, t

BOX, GAP = 46, 8
MOST = 12
"""Rows of a column that are drawn."""


def shelf_picture(shelf: Shelf, k: int = 0, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw a repository.

    Parameters
    ----------
    k : int
        0 for all of it, else the number of the way into it that is followed, from 1: see `Shelf.ways`.
    """
    title, words = t("shelf.title", lang, name=shelf.name), shelf_words(shelf, k, lang)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("shelf.how", lang))
        answer(drawing, _Columns(drawing, shelf, k, lang, y).draw(), words)

    head = tuple(t(f"column.{name}", lang) for name in ("what", "where", "holds"))
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, tuple(_rows(shelf, k, lang))),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def shelf_words(shelf: Shelf, k: int, lang: str) -> str:
    """Say what a repository holds, or where one way into it leads."""
    if not shelf.sheets and not shelf.blobs:
        return t("shelf.empty", lang, name=shelf.name)
    garbage = [held for held in shelf.blobs if not held.needed]
    spare = t("shelf.garbage", lang, n=len(garbage), size=_sum(garbage)) if garbage else ""
    if not k:
        return sentences(lang, *_all_of_it(shelf, lang), spare)
    tag, sheet = shelf.ways[k - 1]
    blobs = shelf.blobs_of(sheet)
    said = _way(shelf, tag, sheet, blobs, lang)
    others = [one for one in sheet.tags if one != tag]
    same = t("shelf.same", lang, tags=listing(others, lang)) if others else ""
    return sentences(lang, said, same, _shared(blobs, lang), spare)


def _all_of_it(shelf: Shelf, lang: str) -> Iterable[str]:
    needed = [held for held in shelf.blobs if held.needed]
    tags = sum(len(sheet.tags) for sheet in shelf.sheets)
    yield t("shelf.sum", lang, tags=tags, images=len(shelf.images), blobs=len(needed), size=_sum(needed))
    indexes = [sheet for sheet in shelf.images if sheet.index]
    if indexes:
        parts = {one.digest for sheet in indexes for one in shelf.parts(sheet)}
        yield t("shelf.indexes", lang, n=len(indexes), parts=len(parts))


def _way(shelf: Shelf, tag: str, sheet: Sheet, blobs: Sequence[Held], lang: str) -> str:
    digest, size, taken = sheet.digest.short, sheet.size, _sum(blobs)
    if sheet.index:
        return t("shelf.way_index" if tag else "shelf.way_index_digest", lang, tag=tag, digest=digest, size=size,
                 n=len(shelf.parts(sheet)), blobs=len(blobs), bytes=taken)  # fmt: skip
    return t("shelf.way" if tag else "shelf.way_part" if sheet.part else "shelf.way_digest", lang, tag=tag,
             digest=digest, size=size, layers=len(sheet.links) - 1, bytes=taken)  # fmt: skip


def _shared(blobs: Iterable[Held], lang: str) -> str:
    shared = [held for held in blobs if held.also]
    names = sorted({name for held in shared for name in held.also})
    return t("shelf.shared", lang, n=len(shared), names=listing(names, lang)) if shared else ""


def _sum(blobs: Iterable[Held]) -> str:
    return human_size(sum(held.size for held in blobs))


class _Columns:
    """One layout: where each tag, manifest and blob stands, and the lines between them."""

    def __init__(self, drawing: Drawing, shelf: Shelf, k: int, lang: str, y: float) -> None:
        self.drawing, self.shelf, self.lang, self.y = drawing, shelf, lang, y
        self.tag = shelf.ways[k - 1][0] if k else ""
        self.followed = shelf.ways[k - 1][1] if k else None
        self.gap = 44 if drawing.roomy else 24
        self.width = (drawing.width - 2 * MARGIN - 2 * self.gap) / 3

    def x(self, column: int) -> float:
        return MARGIN + column * (self.width + self.gap)

    def draw(self) -> float:
        tags = [tag for tag, _ in self.shelf.ways if tag]
        rows: tuple[Sequence[object], ...] = (
            tags, [sheet.digest for sheet in self.shelf.sheets], [held.digest for held in self.shelf.blobs],
        )
        chosen = self._chosen()
        shown = [_kept(row, wanted) for row, wanted in zip(rows, chosen, strict=True)]
        heads = ("shelf.tags", "shelf.manifests", "shelf.blobs")
        for column, (key, row, all_of_it) in enumerate(zip(heads, shown, rows, strict=True)):
            self._head(column, t(key, self.lang), len(all_of_it), len(row))
        tops = [{name: self.y + 30 + n * (BOX + GAP) for n, name in enumerate(row)} for row in shown]
        self._lines(tops)
        for tag, y in tops[0].items():
            self._box(0, y, "blank fresh" if tag in chosen[0] else "blank", str(tag), [])
        for sheet in self.shelf.sheets:
            if sheet.digest in tops[1]:
                style = "plate fresh" if sheet.digest in chosen[1] else "plate"
                self._box(1, tops[1][sheet.digest], style, sheet.digest.short, [self._note(sheet)])
        for held in self.shelf.blobs:
            if held.digest in tops[2]:
                self._blob(tops[2][held.digest], held, held.digest in chosen[2])
        longest = max(1, *(len(row) + (len(row) < len(all_of_it)) for row, all_of_it in zip(shown, rows, strict=True)))
        return self.y + 30 + longest * (BOX + GAP) - 10

    def _chosen(self) -> tuple[set[object], set[object], set[object]]:
        if self.followed is None:
            return set(), set(), set()
        parts = self.shelf.parts(self.followed)
        return (
            {self.tag}, {self.followed.digest, *(one.digest for one in parts)},
            {held.digest for held in self.shelf.blobs_of(self.followed)},
        )

    def _note(self, sheet: Sheet) -> str:
        if sheet.index:
            return t("shelf.index", self.lang, n=len(self.shelf.parts(sheet)), size=sheet.size)
        if sheet.about or sheet.part:
            return t("shelf.about" if sheet.about else "shelf.part", self.lang, size=sheet.size)
        return f"{sheet.size}B" if sheet.tags else f"{t('shelf.untagged', self.lang)}, {sheet.size}B"

    def _head(self, column: int, words: str, there: int, shown: int) -> None:
        x = self.x(column)
        self.drawing.text(x, self.y + 18, fit(words, self.width, 15, True), size=15, bold=True)
        below = self.y + 30 + shown * (BOX + GAP)
        if not there:
            self.drawing.box(x, below, self.width, BOX, "gone", [t("shelf.none", self.lang)])
        elif there > shown:
            self.drawing.text(x, below + 20, t("shelf.more", self.lang, n=there - shown), "muted")

    def _box(self, column: int, y: float, style: str, name: str, note: Sequence[str]) -> None:
        x, middle = self.x(column), self.x(column) + self.width / 2
        self.drawing.rect(x, y, self.width, BOX, style, word=name, rounded=13 if column == 0 else 6)
        fresh = "fresh" in style
        self.drawing.text(middle, y + (20 if note else 28), fit(name, self.width - 12, bold=fresh), "ink",
                          anchor="middle", bold=fresh)  # fmt: skip
        for line in note:
            self.drawing.text(middle, y + 38, fit(line, self.width - 8), "muted", anchor="middle")

    def _blob(self, y: float, held: Held, followed: bool) -> None:
        x, number = self.x(2), _number(self.followed, held.digest)
        style = "plate" if held.needed else "hidden"
        self.drawing.rect(x, y, self.width, BOX, f"{style} fresh" if followed else style, word=held.digest.short)
        left = x + 8
        if number:
            chip(self.drawing, x + 7, y + 8, number)
            left = x + 40
        room = x + self.width - left - 4
        words = _blob_words(held, number, self.lang)
        line = next((one for one in words if measure(one) <= room), fit(words[-1], room))
        self.drawing.text(left, y + 20, fit(held.digest.short, room, bold=followed), bold=followed)
        self.drawing.text(left, y + 38, line, "ink" if followed else "muted")

    def _lines(self, tops: Sequence[dict[object, float]]) -> None:
        followed = self.followed
        for tag, sheet in self.shelf.ways:
            if (followed is None or (sheet is followed and tag == self.tag)) and tag in tops[0] and (
                sheet.digest in tops[1]
            ):
                self._line(0, tops[0][tag], tops[1][sheet.digest])
        for sheet in self.shelf.sheets if followed is None else (followed, *self.shelf.parts(followed)):
            for link in dict.fromkeys(sheet.links) if sheet.digest in tops[1] else ():
                if link in tops[2]:
                    self._line(1, tops[1][sheet.digest], tops[2][link])
                elif sheet.index and link in tops[1]:
                    self._hang(tops[1][sheet.digest], tops[1][link])

    def _hang(self, index: float, part: float) -> None:
        """Draw the line from an index to what it names, in the gap left of the column."""
        right, left = self.x(1) - 1, self.x(1) - 1 - self.gap / 3
        low, high = index + BOX * 0.75, part + BOX / 2
        self.drawing.line([(right, low), (left, low), (left, high), (right, high)], self._style)

    def _line(self, column: int, start: float, end: float) -> None:
        left, right = self.x(column) + self.width + 1, self.x(column + 1) - 1
        self.drawing.line([(left, start + BOX / 2), (right, end + BOX / 2)], self._style)

    @property
    def _style(self) -> str:
        return "edge" if self.followed is None else "fall"


def _kept(rows: Sequence[object], wanted: set[object]) -> list[object]:
    """Return the rows that are drawn, in their order: those that are wanted before others."""
    if len(rows) <= MOST:
        return list(rows)
    first = sorted(rows, key=lambda row: row not in wanted)[: MOST - 1]
    return [row for row in rows if row in first]


def _number(sheet: Sheet | None, digest: Digest) -> int | None:
    """Return which layer of a manifest a blob is, 0 for its config, None where it is neither, or of an index."""
    return sheet.links.index(digest) if sheet is not None and digest in sheet.links else None


def _blob_words(held: Held, number: int | None, lang: str) -> list[str]:
    """Return what a blob is, the longest words first."""
    size = human_size(held.size)
    if not held.needed:
        return [t("shelf.unneeded", lang, size=size), size]
    if number is None:
        return [t("shelf.blob", lang, size=size), size]
    if number == 0:
        return [t("shelf.config", lang, size=size), size]
    return [t("shelf.layer", lang, n=number, size=size), size]


def _rows(shelf: Shelf, k: int, lang: str) -> Iterable[tuple[str, str, str]]:
    followed = shelf.ways[k - 1][1] if k else None
    rows = [(t("shelf.tags", lang), tag, str(sheet.digest)) for tag, sheet in shelf.ways if tag]
    rows += [(t("shelf.index_row" if sheet.index else "shelf.manifests", lang), str(sheet.digest),
              listing([one.short for one in sheet.links], lang)) for sheet in shelf.sheets]  # fmt: skip
    for held in shelf.blobs:
        also = [t("shelf.also", lang, names=listing(held.also, lang))] if held.also else []
        said = listing([_blob_words(held, _number(followed, held.digest), lang)[0], *also], lang)
        rows.append((t("shelf.blobs", lang), str(held.digest), said))
    return rows or [("-", "-", "-")]
