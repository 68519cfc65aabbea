"""A machine's boot beside a container's start, on one scale.

    0 s      1 s      2 s      3 s      4 s      5 s      6 s
    [f][GRUB reads ][ hand-over, unpacked ][ kernel starts  ][//][#]     machine
    [#] 0.29 s                                                           container

A band is a run of stages that a learner has one name for. Stages are white, grey and hatched; only the root file
system has a colour, that of an image's base, for it is what an image holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from ..boot.calls import Step
from ..boot.stages import State
from ..boot.timeline import Timeline
from .plates import MARGIN, answer, heading, listing
from .strips import Segment, strip
from .svg import Drawing, Picture, Table, picture
from .text import says, sentences, t
from .texts.boot_model import said

_BANDS: dict[str, tuple[State, ...]] = {
    "firmware": (State.POWER_ON, State.FIRMWARE, State.BOOT_DEVICE),
    "loader": (State.BOOT_SECTOR, State.EFI_PARTITION, State.BOOTLOADER, State.READ_KERNEL, State.READ_INITRD),
    "unpack": (State.OPTION_ROM, State.HAND_OVER, State.DECOMPRESS),
    "kernel": (State.EARLY_KERNEL, State.KERNEL_INIT),
    "initramfs": (
        State.UNPACK_INITRAMFS, State.NO_INITRAMFS, State.BUILT_IN_DRIVERS, State.SEAL_KERNEL, State.RUN_INIT,
        State.LOAD_DRIVERS, State.MOUNT_ROOT, State.REPLAY_JOURNAL, State.SWITCH_ROOT,
    ),
    "rootfs": (State.INIT, State.ROOT_WRITABLE, State.SERVICES),
}
_BAND = {str(state): name for name, states in _BANDS.items() for state in states}
_STYLES = {
    "firmware": "blank", "loader": "stage", "unpack": "plate", "kernel": "stage", "initramfs": "hidden",
    "rootfs": "l1",
}
_CALLS = {Step.ENGINE: "plate", Step.FORK: "hidden", Step.PIVOT: "hidden", Step.LIMITS: "hidden", Step.EXEC: "l1"}


@dataclass(frozen=True, slots=True)
class Band:
    """A run of stages with one name."""

    words: str
    start_ms: float
    duration_ms: float
    style: str

    def segment(self, now_ms: float = float("inf")) -> Segment:
        """Return its piece of a strip; what has not begun at `now_ms` is an outline."""
        begun = self.start_ms < now_ms or not self.start_ms and now_ms > 0
        return Segment(self.start_ms, self.duration_ms, (self.words,), self.style if begun else "gone")


def machine_bands(found: Timeline, lang: str) -> list[Band]:
    """Return a boot's bands, in order.

    Examples
    --------
    >>> from sim.boot.machine import Machine, play, timeline
    >>> [band.words for band in machine_bands(timeline(play(Machine())), "en")][:2]
    ['firmware', 'GRUB reads /boot']
    """
    return [
        Band(t(f"band.{name}", lang), start, duration, _STYLES[name])
        for name, start, duration in _runs(found)
    ]


def container_bands(found: Timeline, lang: str) -> list[Band]:
    """Return a container's bands: the runs of calls that its timeline names."""
    return [
        Band(said(span.name, lang), span.start_ms, span.duration_ms, _CALLS.get(Step(span.group), "stage"))
        for span in found.spans if span.duration_ms
    ]


def _runs(found: Timeline) -> Iterator[tuple[str, float, float]]:
    for key, run in groupby(found.spans, key=lambda span: _BAND.get(span.name, "")):
        spans = list(run)
        duration = sum(span.duration_ms for span in spans)
        if key and duration:
            yield key, spans[0].start_ms, duration


def seconds(ms: float, digits: int = 2) -> str:
    """Return milliseconds as seconds."""
    return f"{ms / 1000:.{digits}f} s"


_STEPS = (10, 20, 50, 100, 200, 500, *(1000 * n for n in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 36_000)))


def axis(drawing: Drawing, x: float, y: float, width: float, whole_ms: float, bottom: float) -> None:
    """Write the seconds above strips, each with a faint line down to `bottom`."""
    least = whole_ms / max(2, width / 80)
    step = next(step for step in _STEPS if step >= least)
    digits = 0 if step >= 1000 else 1 if step >= 100 else 2
    for n in range(int(whole_ms / step) + 1):
        at = x + width * n * step / whole_ms
        drawing.text(at, y, f"{n * step / 1000:.{digits}f} s", "muted", anchor="middle" if n else "start")
        drawing.line([(at, y + 8), (at, bottom)], "hatch-line")


def starts_picture(machine: Timeline, container: Timeline, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw a machine's boot and a container's start on one scale.

    Parameters
    ----------
    machine, container : Timeline
        Of `boot.machine.timeline` and `boot.container.timeline`.
    """
    whole = max(machine.total_ms, container.total_ms)
    names, ends = (t("starts.machine", lang), t("starts.container", lang)), (_end(machine, lang), _end(container, lang))
    calls = [band.words for band in container_bands(container, lang) if band.style != "plate"]
    words = _compared(machine, container, lang)
    title = t("starts.title", lang)
    kernel = t("starts.kernel", lang, release=container.more["kernel"])

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("starts.how", lang)) + 10
        x = MARGIN + (100 if drawing.roomy else 0)
        width = drawing.width - MARGIN - x - 22
        above = 0 if drawing.roomy else 26
        top = y + 18 + above
        for name, height in zip(names, (top, top + 122 + above), strict=True):
            drawing.text(MARGIN, height + (27 if above == 0 else -8), name, size=15, bold=True)
        axis(drawing, x, y, width, whole, top + 44)
        strip(drawing, x, top, width, 44, [band.segment() for band in machine_bands(machine, lang)], whole)
        top += 122 + above
        part = max(4.0, width * container.total_ms / whole)
        drawing.rect(x, top, part, 44, "l1", word=names[1], rounded=3)
        beside = x + part + 12
        room = drawing.width - MARGIN - beside
        y = drawing.lines(beside, top + 17, says(seconds(container.total_ms), listing(calls, lang), lang), room)
        answer(drawing, drawing.lines(beside, y + 2, kernel, room, "muted") - 8, words)

    alt = sentences(lang, title, words, *(says(n, e, lang) for n, e in zip(names, ends, strict=True)), kernel)
    head = tuple(t(f"column.{name}", lang) for name in ("who", "stage", "begins", "takes"))
    rows = tuple(
        (name, band.words, seconds(band.start_ms, 3), seconds(band.duration_ms, 3))
        for name, bands in zip(names, (machine_bands(machine, lang), container_bands(container, lang)), strict=True)
        for band in bands
    )
    return picture(
        draw, alt=alt, table=Table(title, head, rows), summary=t("as_table", lang), projector=projector
    )


def _compared(machine: Timeline, container: Timeline, lang: str) -> str:
    fields = {"machine": seconds(machine.total_ms), "container": seconds(container.total_ms)}
    if (machine.more["outcome"], container.more["outcome"]) != ("running", "running"):
        return t("starts.ends", lang, first=_end(machine, lang), second=_end(container, lang), **fields)
    return t("starts.words", lang, times=f"{machine.total_ms / container.total_ms:.0f}", **fields)


def _end(found: Timeline, lang: str) -> str:
    return said(found.more["outcome"], lang)
