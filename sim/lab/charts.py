"""Charts: matplotlib draws them, the same helper shows them, so that they have the pictures' words and colours.

matplotlib is imported when a chart is drawn and not before. Its SVG keeps text as text, is the same at every run
(a fixed salt for its ids, no date), and gets the dark palette by the colours that are written in it.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from typing import Any

from ..content.sizes import human_size
from ..image.samples import advertised_size
from .figures import Source
from .plates import plates_of
from .style import DARK, FONTS, LIGHT, colour_of
from .svg import NARROW, PROJECTOR, WIDE, Picture, Table, wrap
from .text import sentences, t

MOST_LAYERS = 5
"""A chart shows so many layers, the largest."""
_POINTS = 72 / 96
"""matplotlib counts in points of 1/72 inch, a browser in pixels of 1/96."""
_WANTED = ("Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei")


def sizes_chart(source: Source, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw the three sizes of each layer as bars: blob, tar and files.

    Raises
    ------
    ModuleNotFoundError
        There is no matplotlib; `stack_picture` shows the same numbers.
    """
    every = [plate for plate in plates_of(source) if plate.layer is not None]
    drawn = sorted(every, key=lambda plate: -plate.size)[:MOST_LAYERS]
    plates = [plate for plate in every if plate in drawn]
    kinds = ("blob", "tar", "files")
    sizes = {
        plate.number: (advertised_size(plate.layer), plate.layer.tar_size, plate.size)
        for plate in plates if plate.layer is not None
    }
    title = t("chart.title", lang)

    def plot(axes: Any) -> None:
        place = 0.0
        for number, values in sizes.items():
            for value in values:
                axes.barh(
                    place, value, color=colour_of(number), edgecolor=LIGHT["ink"], linewidth=1.1, height=0.72,
                    clip_on=False,
                )
                axes.annotate(
                    human_size(value), (value, place), xytext=(5, 0), textcoords="offset points", va="center",
                    color=LIGHT["muted"],
                )
                place += 1
            place += 0.6
        axes.set_ylim(3.6 * len(sizes) - 1.1, -0.6)
        ticks = [n * 3.6 + k for n in range(len(sizes)) for k in range(3)]
        axes.set_yticks(ticks, [
            f"{number} {t(f'chart.{kind}', lang)}" for number in sizes for kind in kinds
        ])
        axes.set_xticks([])
        axes.set_xlim(0, 1.18 * max(1, *(value for values in sizes.values() for value in values)))

    rows = tuple((str(number), *map(human_size, values)) for number, values in sizes.items())
    words = [
        t("chart.words", lang, n=n, **dict(zip(kinds, map(human_size, values), strict=True)))
        for n, values in sizes.items()
    ]
    head = (t("column.layer", lang), *(t(f"column.{kind}", lang) for kind in kinds))
    how = t("chart.how", lang)
    if len(plates) < len(every):
        how += " " * (lang == "en") + t("chart.most", lang, n=len(plates), all=len(every))
    alt = sentences(lang, title, *words)
    high = 100 + 27 * 3.4 * len(sizes)
    return chart(plot, title, how, high, alt, Table(title, head, rows), lang, projector=projector)


def chart(
    plot: Callable[[Any], None], title: str, how: str, height: float, alt: str, table: Table, lang: str, *,
    projector: bool = False,
) -> Picture:
    """Make a picture of a matplotlib chart, in both layouts.

    Parameters
    ----------
    plot : callable
        Draws on the axes that it is given.
    height : float
        Pixels of both layouts, before they are made larger for a projector.
    projector : bool
        Draw on a smaller canvas, shown as large as the usual one.
    """
    scale = PROJECTOR if projector else 1.0
    bodies = [
        _body(plot, title, how, (width / scale, height), name, scale)
        for width, name in ((WIDE, "wide"), (NARROW, "narrow"))
    ]
    return Picture(bodies[0], bodies[1], height * scale, alt, table, t("as_table", lang), _style())


def _body(
    plot: Callable[[Any], None], title: str, how: str, size: tuple[float, float], name: str, scale: float
) -> str:
    (width, height), fonts = size, _fonts()
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": name, "font.family": fonts, "font.size": 14 * _POINTS,
        "axes.edgecolor": LIGHT["edge"], "text.color": LIGHT["ink"], "ytick.color": LIGHT["ink"],
        "figure.facecolor": LIGHT["paper"], "axes.facecolor": LIGHT["paper"],
    }
    with rc_context(settings):
        figure = Figure(figsize=(width / 96, height / 96))
        FigureCanvasSVG(figure)
        lines = wrap(how, width - 48)
        left = (0.16 if name == "wide" else 0.22) * scale
        axes = figure.add_axes((left, 0.03, 0.96 - left, 1 - (72 + 21 * len(lines)) / height))
        plot(axes)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.tick_params(length=0)
        figure.text(24 / width, 1 - 36 / height, title, fontsize=20 * _POINTS, weight="bold")
        for n, line in enumerate(lines):
            figure.text(24 / width, 1 - (60 + 21 * n) / height, line, color=LIGHT["muted"])
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _nested(out.getvalue(), name, height * scale)


def _fonts() -> list[str]:
    # The first import on a machine looks through its fonts, and says so in the learner's notebook.
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        from matplotlib.font_manager import get_font_names
    finally:
        log.setLevel(level)
    there = set(get_font_names())
    return [name for name in _WANTED if name in there] or ["sans-serif"]


def _nested(svg: str, name: str, height: float) -> str:
    """Return matplotlib's document as an element with our class, without its prologue and its own style."""
    body = svg[svg.index("<svg") :]
    box = re.search(r'viewBox="([^"]*)"', body)
    assert box is not None, "matplotlib writes a viewBox"
    inner = body[body.index(">") + 1 : body.rindex("</svg>")]
    inner = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", inner, flags=re.DOTALL)
    # The families are those of this machine; the picture is read on another.
    inner = re.sub(r"(font-family: |font: [^;\"']*?\d px )[^;\"]*", rf"\1{FONTS}", inner)
    inner = inner.replace("\n", " ")
    inner = re.sub(r' id="[^"]*"', "", re.sub(r">\s+<", "><", inner))
    return (
        f'<svg class="{name}" viewBox="{box[1]}" width="100%" height="{height:g}"'
        f' preserveAspectRatio="xMinYMin meet">{inner}</svg>'
    )


def _style() -> str:
    dark = "".join(
        f'[style*="{what}: {LIGHT[name]}"]{{{what}:{DARK[name]}!important}}'
        for name in ("ink", "muted", "edge", "paper") for what in ("fill", "stroke")
    )
    # matplotlib's own sheet, which is dropped with its prologue.
    return f"*{{stroke-linejoin:round;stroke-linecap:butt}}@media (prefers-color-scheme:dark){{{dark}}}"
