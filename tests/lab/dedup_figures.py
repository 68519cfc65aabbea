"""Pictures of what is stored twice: treemaps whole, deep, of one layer, of odd names and of many layers; edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from sim.content.digest import Digest
from sim.dedup.sharing import Usage, usage
from sim.dedup.subject import Part, Subject
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import directory, file, opaque, sketch, whiteout
from sim.image.build import append, named, scratch
from sim.image.ids import ChainID, DiffID
from sim.image.layer import Image
from sim.image.samples import sample
from sim.lab.chunkstrips import SIZE, Edit, edit_picture
from sim.lab.sharings import sharing_picture
from sim.lab.svg import Picture
from sim.lab.treemap import treemap_picture
from sim.lab.wastes import waste_picture

Figure = Callable[[str, bool], Picture]


def used(stack: Sequence[ChangeSet], name: str = "made:1") -> Usage:
    """A stack of change sets, counted."""
    name_of = [Digest.of(b"%d" % number).hex for number in range(len(stack))]
    return usage(Subject(name, Digest.of(b"config"), tuple(
        Part(number, Digest.of(b"%d" % number), 0, DiffID("sha256", name_of[number - 1]),
             ChainID("sha256", name_of[number - 1]), 0, changes)
        for number, changes in enumerate(stack, start=1)
    )))  # fmt: skip


@cache
def many() -> Usage:
    """Twelve layers of directories: each overwrites what the one before it wrote, some are deleted, one is opaque."""
    layers = [
        sketch(*(file(f"/srv/d{d}/f{f}", bytes([n]) * (1 + 37 * d * f)) for d in range(9) for f in range(20)),
               file(f"/opt/only{n}", b"x" * 900))
        for n in range(10)
    ]  # fmt: skip
    return used([*layers, sketch(opaque("/srv/d8")), sketch(whiteout("/opt/only3"))])


@cache
def odd() -> Usage:
    """Names that are long, Chinese, hostile to XML, or no UTF-8; a file without bytes."""
    return used([sketch(
        file("/目录/一个很长很长很长很长的文件名字.txt", b"1" * 800), file("/a&b<c>/\"d'", b"2" * 500),
        file("/\udcff\udcfe", b"3"),
        file("/" + "w" * 200 + "/x", b"4" * 900), directory("/\x1b[2J"), file("/none"),
    )])  # fmt: skip


def pair() -> tuple[Image, Image]:
    """Two images on one base: one file is the same, one has a line more in front."""
    base = append(scratch(), sketch(file("/lib/base", b"".join(b"%d\n" % n for n in range(9_000)))))
    lines = b"".join(b"line %d\n" % n for n in range(20_000))
    words = file("/app/words", b"".join(b"word %d\n" % n for n in range(5_000)))
    one = append(base, sketch(file("/app/data", lines), words))
    two = append(base, sketch(file("/app/data", b"# version 2\n" + lines), words))
    return named(one, "app:1"), named(two, "app:2")


@cache
def counted(name: str) -> Usage:
    """A sample, counted."""
    return usage(Subject.of(sample(name)))


DEDUP_FIGURES: dict[str, Figure] = {
    "treemap": lambda lang, big: treemap_picture(counted("ubuntu-vim"), lang=lang, projector=big),
    "treemap of a directory": lambda lang, big: treemap_picture(
        counted("ubuntu-vim"), "usr/share/vim", lang=lang, projector=big),
    "treemap of one layer": lambda lang, big: treemap_picture(counted("nginx"), layer=2, lang=lang, projector=big),
    "treemap of many layers": lambda lang, big: treemap_picture(many(), lang=lang, projector=big),
    "treemap of odd names": lambda lang, big: treemap_picture(odd(), lang=lang, projector=big),
    "treemap of nothing": lambda lang, big: treemap_picture(used([sketch(directory("/a"))]), lang=lang, projector=big),
    "waste": lambda lang, big: waste_picture(counted("ubuntu-vim"), lang=lang, projector=big),
    "waste of many layers": lambda lang, big: waste_picture(many(), lang=lang, projector=big),
    "waste of nothing": lambda lang, big: waste_picture(used([]), lang=lang, projector=big),
    "sharing": lambda lang, big: sharing_picture(pair(), lang=lang, projector=big),
    "sharing of one": lambda lang, big: sharing_picture([sample("hello-world")], lang=lang, projector=big),
    "sharing of nothing": lambda lang, big: sharing_picture([named(scratch(), "scratch")], lang=lang, projector=big),
    "an insertion": lambda lang, big: edit_picture(Edit(), lang=lang, projector=big),
    "a deletion": lambda lang, big: edit_picture(Edit("delete", 30_000, 8_192), lang=lang, projector=big),
    "an edit behind the end": lambda lang, big: edit_picture(Edit("overwrite", SIZE, 5), lang=lang, projector=big),
    "all is deleted": lambda lang, big: edit_picture(Edit("delete", 0, 9), b"short", lang=lang, projector=big),
}  # fmt: skip
