"""A container's layer before and after an operation: what was copied up, what is hidden, what it cost.

    merged   [layer 3]            after  chmod /usr/bin/perl
    3 - - - -[ file  ]- - - -     the container's own plate, dashed, on top
    2            ^                one line rises: the file that was copied up
    1        [hidden ]            the image's plates do not change, whatever is done above them

Operations are steps such as ``("chmod", "/usr/bin/perl", 0o700)``: a method of `OverlayMount` and its arguments. A
mount is a value, so each step keeps the mounts at both of its sides, and stepping back costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..content.sizes import human_size
from ..errors import BadInput
from ..fs.entry import Kind
from ..union.overlay import Did, Effect, OverlayMount, Report
from ..union.totals import layer_bytes
from ..union.upperdir import changes_of, commit, to_changes
from .looking import Sheet
from .plates import Plate, heading, listing
from .svg import Drawing, Picture, Table, picture
from .text import says, sentences, t
from .view import MAX_COLUMNS, View, cost_words

Step = tuple[object, ...]


def run(container: OverlayMount, steps: Sequence[Step]) -> tuple[Report, ...]:
    """Do operations one after the other; return their reports.

    Raises
    ------
    BadInput
        A step is no operation of a mount.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> from sim.union.upperdir import mounted
    >>> [report.copied for report in run(mounted([sketch(file("/a", b"hello"))]), [("append", "/a", b"!")])]
    [5]
    """
    reports: list[Report] = []
    for op, *arguments in steps:
        do = getattr(container, str(op), None) if str(op) in OPERATIONS else None
        if do is None:
            raise BadInput(f"{op!r} is no operation of a mount", hint="one of " + ", ".join(sorted(OPERATIONS)))
        container, report = do(*arguments)
        reports.append(report)
    return tuple(reports)


OPERATIONS = frozenset((
    "put", "append", "cat", "create", "mkdir", "symlink", "link", "unlink", "rmdir", "rename", "chmod", "chown",
    "utime", "truncate", "stat", "readdir",
))  # fmt: skip

EXPLAINED = ("EXDEV", "EROFS", "ENOTEMPTY", "ENOENT")
"""Refusals that have a sentence of their own in the catalogue."""


def plates_with(container: OverlayMount, image: Sequence[Plate] = ()) -> tuple[Plate, ...]:
    """Return the plates of an image with the container's own on top.

    Parameters
    ----------
    image : sequence of Plate
        The image's plates where they are known; else they are made from the lower directories.
    """
    below = image or [
        Plate(n, "", changes, layer_bytes(changes))
        for n, changes in enumerate(map(to_changes, container.lowerdirs), 1)
    ]
    own = commit(container)
    return (*below, Plate(len(below) + 1, "", own, layer_bytes(own), writable=True))


def columns(reports: Sequence[Report]) -> list[str]:
    """Return the paths that operations are about, each once, as many as a picture shows."""
    named = [f"/{path.strip('/')}" for report in reports for path in report.paths]
    return list(dict.fromkeys(named))[:MAX_COLUMNS]


def mount_picture(
    container: OverlayMount, report: Report | None = None, paths: Sequence[str] = (), *,
    image: Sequence[Plate] = (), lang: str = "en", projector: bool = False,
) -> Picture:
    """Draw a container's plates, and what one operation did to the topmost.

    Parameters
    ----------
    container : OverlayMount
        The mount as it is now.
    report : Report, optional
        The operation that led to it; without one the picture shows how things stand.
    paths : sequence of str
        One column each; by default the paths of the operation.
    """
    plates = plates_with(container, image)
    view = MountView(plates, paths or columns([report] if report else []), report, lang)
    title = t("mount.title", lang) if report is None else t("mount.title_after", lang, command=command(report))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("mount.how", lang))
        MountSheet(drawing, view, y).draw()

    alt = sentences(lang, t("mount.alt", lang, n=len(plates) - 1), view.words, view.cost)
    return picture(draw, alt=alt, table=view.table(title), summary=t("as_table", lang), projector=projector)


def command(report: Report) -> str:
    """Return an operation and its paths, as one would type it."""
    return " ".join((report.op, *report.paths))


class MountView(View):
    """What the picture says: columns as when looking down, the answer from a report."""

    def __init__(self, plates: Sequence[Plate], paths: Sequence[str], report: Report | None, lang: str) -> None:
        super().__init__(plates, paths, None, None, lang)
        self.report = report

    @property
    def words(self) -> str:
        """What the operation did, and why."""
        if self.report is None:
            return super().words
        return sentences(self.lang, report_words(self.report, self.lang))

    @property
    def cost(self) -> str:
        """What it cost: bytes that were copied, and bytes that are stored though nobody sees them."""
        if self.report is None:
            return ""
        copied = self.report.copied
        said = t("mount.cost", self.lang, size=human_size(copied), bytes=copied) if copied else ""
        hidden = {
            cost_words(self.stack, found, self.lang)
            for found in self.found if found.path in self._hidden_now
        }
        return sentences(self.lang, said, *sorted(hidden - {""}))

    @property
    def _hidden_now(self) -> set[str]:
        assert self.report is not None
        return {effect.path for effect in self.report.effects if effect.did is Did.WHITEOUT}

    @property
    def risen(self) -> list[tuple[int, int]]:
        """Return (column, layer that it came from) of what the operation copied up."""
        if self.report is None:
            return []
        at = {found.path: n for n, found in enumerate(self.found)}
        return [
            (at[effect.path], effect.layer) for effect in self.report.effects
            if effect.did is Did.COPY_UP and effect.path in at
        ]


class MountSheet(Sheet):
    """One layout of the picture: the plates, and a line that rises where something was copied up."""

    def __init__(self, drawing: Drawing, view: MountView, y: float) -> None:
        super().__init__(drawing, view, y)
        self.mount_view = view
        self._tops: dict[int, float] = {}

    def _label(self, y: float, plate: Plate, stops: list[tuple[float, Plate]]) -> None:
        if plate is stops[0][1]:  # The plates are drawn, their words are not: words lie over the line.
            for column, layer in self.mount_view.risen:
                self._rise(column, layer)
        super()._label(y, plate, stops)

    def _row(self, run: list[Plate]) -> None:
        self._tops |= {plate.number: self.y for plate in run}
        super()._row(run)

    def _rise(self, column: int, layer: int) -> None:
        """Draw the way up, beside the words of the cells that it passes."""
        x = self.x(column) + self.column - 26
        start, end = self._tops[layer], self._tops[len(self.view.plates)]
        low = start + 1 if self.dense else self._cell_box(start)[0]
        high = end + 19 if self.dense else sum(self._cell_box(end))
        self.drawing.line([(x, low), (x, high + 9)], "fall")
        self.drawing.parts.append(f'<path d="M{x - 6:.1f},{high + 11:.1f}h12l-6,-11z" class="tip"/>')


def report_words(report: Report, lang: str) -> str:
    """Say what an operation did, effect by effect, or why it was refused.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> from sim.union.upperdir import mounted
    >>> [report] = run(mounted([sketch(file("/a", b"hello"))]), [("unlink", "/a")])
    >>> report_words(report, "en")
    'unlink /a: a whiteout hides /a'
    """
    said = [words for did, run in groupby(report.effects, key=lambda effect: effect.did)
            if (words := _did(did, list(run), lang))]  # fmt: skip
    if not report.ok:
        reason = report.name if report.name in EXPLAINED else "other"
        said.append(t(f"refused.{reason}", lang, path=f"/{(report.at or report.paths[0]).strip('/')}", name=report.name,
                      message=report.message))  # fmt: skip
    return says(command(report), ("；" if lang == "zh" else "; ").join(said) or t("did.nothing", lang), lang)


def _did(did: Did, effects: list[Effect], lang: str) -> str:
    size = sum(effect.bytes for effect in effects)
    key = str(did)
    if did is Did.CHANGED or (did is Did.WROTE and not size):
        return ""
    if did is Did.COPY_UP and effects[0].kind is Kind.FILE:
        # O_TRUNC copies no data, and nor does the option metacopy.
        key += "_file" if size else "_bare"
    paths = list(dict.fromkeys(f"/{effect.path}" for effect in effects))
    return t(f"did.{key}", lang, paths=listing(paths, lang), n=len(paths), layer=effects[0].layer, bytes=size)


def diff_table(container: OverlayMount, lang: str) -> Table:
    """Return what ``docker diff`` prints of a container, and what each letter means."""
    rows = tuple((change.kind, f"/{change.path}", t(f"diff.{change.kind}", lang)) for change in changes_of(container))
    head = ("docker diff", t("column.path", lang), t("column.meaning", lang))
    return Table(t("diff.caption", lang), head, rows or (("-", "-", t("did.nothing", lang)),))
