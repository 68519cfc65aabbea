"""A container at one moment of its start: what it has of its own, and what of the host it still sees.

    kernel      [ the host's kernel, 6.1.0-amd64: running since the host's boot           ]
    its own     [mount][uts][ipc][pid][network]     [seccomp][capset]      dashed: not yet
    mounts      the host's tree                     its own tree
                 rw /    ext4                        rw /      overlay
                                                     rw  /dev  tmpfs
"""

from __future__ import annotations

from itertools import pairwise

from ..boot.calls import Call, Turn
from ..boot.container import ContainerFrame, Start, timeline
from .mounttable import ROW, draw_mounts, mount_rows
from .plates import MARGIN, answer, heading
from .startups import axis, container_bands, seconds
from .strips import strip
from .svg import Drawing, Picture, Table, fit, measure, picture
from .text import sentences, t
from .texts.boot_model import said

LIMITS = ("seccomp", "capset")
CALLS = 3
"""System calls that are shown, the last ones."""


def moments(begun: Start) -> tuple[int, ...]:
    """Return the frames worth a picture: the first, each turn of the mount table, the last of each run of calls.

    Examples
    --------
    >>> from sim.boot.container import start
    >>> from sim.image.samples import sample
    >>> begun = start(sample("alpine"))
    >>> [begun.frames[k].call.name for k in moments(begun)[1:5]]
    ['docker', 'mount', 'docker', 'unshare']
    """
    frames = begun.frames
    found = [0]
    for k, (frame, later) in enumerate(pairwise(frames[1:]), 1):
        assert frame.call is not None and later.call is not None
        if frame.call.turn is not Turn.NONE or frame.call.step is not later.call.step:
            found.append(k)
    return (*found, len(frames) - 1) if len(frames) > 1 else (0,)


def joining_picture(begun: Start, k: int, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw frame k of a container's start."""
    now = begun.frames[k]
    title, words = _title(begun, k, lang), _words(begun, k, lang)
    root = "/" if begun.spec is None else str(begun.spec["root"]["path"])
    host, own = mount_rows(now.mounts[: now.hosts], lang, root), mount_rows(now.mounts[now.hosts :], lang, root)
    most = _most(begun, lang, root)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("joining.how", lang))
        y = _draw_time(drawing, y + 6, begun, now, lang)
        y = _draw_own(drawing, y + 8, begun, now, lang)
        half = drawing.width / 2 - MARGIN
        for n, (name, rows) in enumerate((("host", host), ("own", own))):
            x = MARGIN + n * (half + 8)
            drawing.text(x, y + 20, t(f"joining.{name}", lang), size=15, bold=True)
            draw_mounts(drawing, x, y + 30, half - 8, rows)
            if not rows:
                drawing.text(x, y + 46, t("joining.nothing", lang), "muted")
        answer(drawing, _draw_calls(drawing, y + 40 + ROW * most, begun, k, lang), words)

    head = tuple(t(f"column.{name}", lang) for name in ("what", "where", "holds"))
    rows = [
        *((t("joining.host", lang), row.target, f"{row.mode} {row.kind}") for row in host),
        *((t("joining.own", lang), row.target, f"{row.mode} {row.kind}") for row in own),
        *((t("joining.namespaces", lang), kind, "") for kind in now.namespaces),
        *((t("joining.limits", lang), name, "") for name in now.limits),
    ]
    alt = sentences(lang, title, t("joining.alt", lang, host=len(now.mounts[: now.hosts]),
                                   own=len(now.mounts[now.hosts :]), kinds=len(now.namespaces)), words)  # fmt: skip
    return picture(draw, alt=alt, table=Table(title, head, tuple(rows)), summary=t("as_table", lang),
                   projector=projector)  # fmt: skip


def _most(begun: Start, lang: str, root: str) -> int:
    """Return the most rows that either tree has, so that the moments have one height."""
    frames = [begun.frames[k] for k in moments(begun)]
    trees = [tree for f in frames for tree in (f.mounts[: f.hosts], f.mounts[f.hosts :])]
    return max(len(mount_rows(tree, lang, root)) for tree in trees)


def _title(begun: Start, k: int, lang: str) -> str:
    now = begun.frames[k]
    what = t("joining.before", lang) if now.call is None else said(_effect(begun, now, now.call), lang)
    return t("moment.title", lang, at=seconds(now.at_ms, 3), what=what)


def _effect(begun: Start, now: ContainerFrame, call: Call) -> str:
    """Return what a turn does, or what the run of calls did that ends here."""
    if call.turn is not Turn.NONE:
        return call.effect
    spans = [span for span in timeline(begun).spans if span.start_ms < now.at_ms - 1e-6]
    return spans[-1].effect


def _words(begun: Start, k: int, lang: str) -> str:
    last = k == len(begun.frames) - 1
    if last and begun.refused is not None:
        return begun.refused.what
    if last:
        return t("joining.runs", lang, program=begun.frames[k].running, uname=begun.uname())
    return t("joining.process", lang, program=begun.frames[k].running)


def _draw_time(drawing: Drawing, y: float, begun: Start, now: ContainerFrame, lang: str) -> float:
    found, width = timeline(begun), drawing.width - 2 * MARGIN - 22
    total = found.total_ms or 1.0
    axis(drawing, MARGIN, y + 6, width, total, y + 62)
    x, y = MARGIN + width * now.at_ms / total, y + 28
    bands = [band.segment(now.at_ms - 1e-6) for band in container_bands(found, lang)]
    below = strip(drawing, MARGIN, y, width, 34, bands, total)
    drawing.line([(x, y - 13), (x, y)], "fall", arrow=True)
    return below


def _draw_own(drawing: Drawing, y: float, begun: Start, now: ContainerFrame, lang: str) -> float:
    """Draw the kernel that is there already, and what the container gets of its own."""
    width = drawing.width - 2 * MARGIN
    kernel = t("joining.kernel", lang, release=begun.host.release)
    drawing.box(MARGIN, y, width, 30, "stage", [kernel])
    kinds = [] if begun.spec is None else [entry["type"] for entry in begun.spec["linux"]["namespaces"]]
    parts = [*((kind, kind in now.namespaces) for kind in kinds), *((name, name in now.limits) for name in LIMITS)]
    wide = [measure(name) for name, _ in parts]
    spare = (width - sum(wide)) / max(1, len(parts))
    x = float(MARGIN)
    for (name, there), room in zip(parts, wide, strict=True):
        drawing.box(x, y + 38, room + spare - 6, 28, "plate" if there else "gone", [name])
        x += room + spare
    return y + 70


def _draw_calls(drawing: Drawing, y: float, begun: Start, k: int, lang: str) -> float:
    title, width = t("joining.calls", lang), drawing.width - 2 * MARGIN
    drawing.text(MARGIN, y + 14, title, size=15, bold=True)
    drawing.rect(MARGIN, y + 24, width, 14 + 20 * CALLS, "plate", word=title, rounded=6)
    for n, frame in enumerate(begun.frames[max(1, k + 1 - CALLS) : k + 1]):
        drawing.text(MARGIN + 10, y + 44 + 20 * n, fit(str(frame.call), width - 20), "ink")
    return y + 38 + 20 * CALLS


