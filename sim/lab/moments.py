"""A machine at one moment of its boot: where the time went, what is in memory, what is mounted, what is on the screen.

                               v
    time     [firmware][loader][- - - - - - - -]        what has not begun is dashed
    memory   [bootloader][packed kernel][initrd]        each part has a place of its own that never moves;
             [- freed - ][- - freed - -][ kernel ]      what was freed leaves a dashed outline
    mounts   rw  /      rootfs        | screen
             rw  |- /proc proc        | Loading Linux 6.1.0-amd64 ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..boot.machine import Boot, Frame, timeline
from ..boot.memory import KERNEL, Part, Region
from ..boot.stages import ENDS
from ..content.sizes import human_size
from .mounttable import ROW, MountRow, draw_mounts, mount_rows
from .plates import MARGIN, answer, heading, listing
from .startups import axis, machine_bands, seconds
from .strips import Segment, strip
from .svg import Drawing, Picture, Table, fit, picture
from .text import says, sentences, t
from .texts.boot_model import said

SCREEN = 6
"""Lines of the screen that are shown."""
_HATCHED = frozenset({Part.COMPRESSED, Part.INITRD, Part.INITRAMFS, Part.INITMEM})
"""What the start itself needs, and nothing after it; equal to their names."""


def moment_picture(boot: Boot, k: int, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw frame k of a boot.

    Parameters
    ----------
    boot : Boot
        Played to its end, so that the scales are those of the whole.
    k : int
        0 is before power on.
    """
    now = boot.frames[k]
    title, words = _title(now, lang), _words(now, lang)
    rows = mount_rows(now.mounts, lang)
    most = max([1, *(len(mount_rows(frame.mounts, lang)) for frame in boot.frames)])

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("moment.how", lang))
        y = _draw_time(drawing, y + 6, boot, now, lang)
        drawing.text(MARGIN, y + 22, t("moment.memory", lang), size=15, bold=True)
        y = strip(drawing, MARGIN, y + 32, drawing.width - 2 * MARGIN, 40, *_places(boot, k, lang)) + 8
        half = drawing.width / 2
        drawing.text(MARGIN, y + 20, t("moment.mounts", lang), size=15, bold=True)
        if not rows:
            drawing.text(MARGIN, y + 46, t("joining.nothing", lang), "muted")
        draw_mounts(drawing, MARGIN, y + 30, half - MARGIN - 16, rows)
        bottom = _draw_screen(drawing, half, y, boot, k, lang)
        answer(drawing, max(y + 34 + ROW * most, bottom) - 6, words)

    head = tuple(t(f"column.{name}", lang) for name in ("what", "where", "holds"))
    table = Table(title, head, tuple(_rows(boot, k, rows, lang)))
    held = listing([_held(part, size, lang) for part, size in _parts(now.memory.regions)], lang)
    memory = t("moment.used", lang, used=human_size(now.memory.used), total=human_size(now.memory.total))
    alt = sentences(lang, title, says(memory, held, lang) if held else memory, words)
    return picture(draw, alt=alt, table=table, summary=t("as_table", lang), projector=projector)


def _title(now: Frame, lang: str) -> str:
    return t("moment.title", lang, at=seconds(now.at_ms), what=said(now.effect, lang) or t("moment.off", lang))


def _words(now: Frame, lang: str) -> str:
    """Say what was freed and what a write would get."""
    freed = [_held(part, size, lang) for part, size in _parts(now.freed)]
    parts = [t("moment.freed", lang, what=listing(freed, lang))] if freed else []
    if now.state in ENDS:
        parts.append(t("moment.end", lang, state=said(str(now.state), lang)))
    return sentences(lang, *parts, t("moment.write", lang, what=said(str(now.writing), lang)))


def _draw_time(drawing: Drawing, y: float, boot: Boot, now: Frame, lang: str) -> float:
    found, width = timeline(boot), drawing.width - 2 * MARGIN - 22
    total = found.total_ms or 1.0
    until = float("inf") if now is boot.now else now.at_ms
    axis(drawing, MARGIN, y + 6, width, total, y + 62)
    x, y = MARGIN + width * now.at_ms / total, y + 28
    below = strip(drawing, MARGIN, y, width, 34, [b.segment(until) for b in machine_bands(found, lang)], total)
    drawing.line([(x, y - 13), (x, y)], "fall", arrow=True)
    return below


def _draw_screen(drawing: Drawing, x: float, y: float, boot: Boot, k: int, lang: str) -> float:
    title, width = t("moment.screen", lang), drawing.width - MARGIN - x
    drawing.text(x, y + 20, title, size=15, bold=True)
    old = [line for frame in boot.frames[:k] for line in frame.screen]
    new = list(boot.frames[k].screen)
    shown = [*((line, "muted") for line in old), *((line, "ink") for line in new)][-SCREEN:]
    drawing.rect(x, y + 30, width, 14 + 20 * SCREEN, "plate", word=title, rounded=6)
    for n, (line, style) in enumerate(shown):
        drawing.text(x + 10, y + 50 + 20 * n, fit(line, width - 20), style)
    return y + 44 + 20 * SCREEN


def _parts(regions: Iterable[Region]) -> list[tuple[str, int]]:
    """Return (name, bytes) of regions, the kernel's parts that stay as one."""
    found: dict[str, int] = {}
    for region in regions:
        name = "kernel" if region.part in KERNEL else str(region.part)
        found[name] = found.get(name, 0) + region.size
    return list(found.items())


def _held(name: str, size: int, lang: str) -> str:
    return f"{said(name, lang)} {human_size(size)}"


def _places(boot: Boot, k: int, lang: str) -> tuple[list[Segment], float]:
    """Return a segment for each part that the whole boot ever holds, and the width of all."""
    most: dict[str, int] = {}
    for frame in boot.frames:
        for name, size in _parts(frame.memory.regions):
            most[name] = max(most.get(name, 0), size)
    held = dict(_parts(boot.frames[k].memory.regions))
    before = {name for frame in boot.frames[:k] for name, _ in _parts(frame.memory.regions)}
    segments, start = [], 0.0
    for name, size in most.items():
        style = _style(name) if name in held else "gone" if name in before else ""
        gone = t("moment.gone", lang, what=said(name, lang))
        words = gone if style == "gone" else _held(name, held.get(name, size), lang)
        segments.append(Segment(start, size, (words, said(name, lang)), style))
        start += size
    return segments, start


def _style(name: str) -> str:
    return "stage" if name == "kernel" else "hidden" if name in _HATCHED else "plate"


def _rows(boot: Boot, k: int, mounts: Sequence[MountRow], lang: str) -> list[tuple[str, str, str]]:
    now = boot.frames[k]
    memory, mounted, screen = (t(f"moment.{name}", lang) for name in ("memory", "mounts", "screen"))
    return [
        *((memory, said(name, lang), human_size(size)) for name, size in _parts(now.memory.regions)),
        *((mounted, row.target, f"{row.mode} {row.kind}") for row in mounts),
        *((screen, "", line) for line in now.screen),
        (t("moment.writing", lang), "/", said(str(now.writing), lang)),
    ]
