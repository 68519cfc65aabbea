"""The palette and the style sheet of every picture: light and dark in one, colour means layer.

The five layer colours are Okabe and Ito's (jfly.uni-koeln.de/color), which people with any of the three colour
vision deficiencies can tell apart. They come in an order in which neighbours differ most in luminance; the
number always stands with the colour, and after five layers the order begins again.
"""

from __future__ import annotations

LAYER_COLOURS = ("#CC79A7", "#E69F00", "#009E73", "#56B4E9", "#0072B2")
"""Layer 1 (the base) first."""

LIGHT = {
    "paper": "#ffffff", "ink": "#1b1f24", "muted": "#4d5560", "edge": "#7a828c", "plate": "#f1f3f6",
    "cost": "#a84300", "hatch": "#e9edf1", "hatch-line": "#ccd3da", "stage": "#c9d0d8",
}
DARK = {
    "paper": "#14181d", "ink": "#e8ebef", "muted": "#b3bbc4", "edge": "#87919c", "plate": "#242b33",
    "cost": "#ff9e6b", "hatch": "#262d35", "hatch-line": "#3b444e", "stage": "#46515d",
}
ON_COLOUR, ON_BLUE = "#1b1f24", "#ffffff"
"""Text on the layer colours, the same in both palettes: dark, but white on the blue."""

FONTS = (
    "'Segoe UI','Helvetica Neue',Arial,'Noto Sans','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)


def layer_class(number: int) -> str:
    """Return the class of a layer's colour: ``l1`` for the base.

    Examples
    --------
    >>> layer_class(1), layer_class(6)
    ('l1', 'l1')
    """
    return f"l{(number - 1) % len(LAYER_COLOURS) + 1}"


def colour_of(number: int) -> str:
    """Return a layer's colour."""
    return LAYER_COLOURS[(number - 1) % len(LAYER_COLOURS)]


def _rules(palette: dict[str, str]) -> str:
    p = palette
    layers = ",".join(f".l{n},.s{n}" for n in range(1, len(LAYER_COLOURS) + 1))
    return (
        f".paper,.stripe-ground{{fill:{p['paper']}}}.ink,.dot,.tip{{fill:{p['ink']}}}.muted{{fill:{p['muted']}}}"
        f".paper-ink{{fill:{p['paper']}}}.cost{{fill:{p['cost']}}}"
        f"{layers},.whiteout,.bar,.stage{{stroke:{p['ink']}}}.whiteout,.bar{{fill:{p['ink']}}}"
        f".stage{{fill:{p['stage']}}}"
        f".plate{{fill:{p['plate']};stroke:{p['edge']}}}.blank{{fill:{p['paper']};stroke:{p['edge']}}}"
        f".gone{{fill:{p['paper']};stroke:{p['edge']}}}.hidden{{fill:url(#hatch);stroke:{p['edge']}}}"
        f".hatch-ground{{fill:{p['hatch']}}}.hatch-line{{stroke:{p['hatch-line']}}}"
        f".halo{{stroke:{p['plate']}}}.edge{{stroke:{p['edge']}}}.fall{{stroke:{p['ink']}}}"
    )


_FIXED = "".join(
    f".l{n}{{fill:{colour}}}.s{n}{{fill:url(#stripes{n})}}.stripe{n}{{stroke:{colour}}}"
    for n, colour in enumerate(LAYER_COLOURS, 1)
)

STYLE_SHEET = (
    f"svg{{font-family:{FONTS};font-size:14px}}.b{{font-weight:650}}"
    ".halo{paint-order:stroke;stroke-width:6px;stroke-linejoin:round}"
    "rect,circle{stroke-width:1.5}rect.fresh{stroke-width:3.5}.dash,.gone{stroke-dasharray:5 4}"
    "polyline{fill:none;stroke-width:1.5}"
    f".fall{{stroke-width:2}}.on{{fill:{ON_COLOUR}}}.white{{fill:{ON_BLUE}}}"
    f"{_FIXED}{_rules(LIGHT)}@media (prefers-color-scheme:dark){{{_rules(DARK)}}}"
)
