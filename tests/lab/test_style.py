"""Colours that everybody can tell apart and text that everybody can read, computed and not looked at."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import pytest

from sim.lab.style import DARK, LAYER_COLOURS, LIGHT, ON_BLUE, ON_COLOUR, STYLE_SHEET
from sim.lab.svg import on

Rgb = tuple[float, float, float]

#: Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
VISION = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> Rgb:
    values = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue


def luminance(rgb: Rgb) -> float:
    """Relative luminance (WCAG 2)."""
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(linear(one)), luminance(linear(two))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Rgb) -> Rgb:
    """CIE L*a*b*, white D65."""
    red, green, blue = (min(1, max(0, v)) for v in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(rgb: Rgb, vision: str) -> Rgb:
    red, green, blue = (sum(m * v for m, v in zip(row, rgb, strict=True)) for row in VISION[vision])
    return red, green, blue


def far(one: Rgb, two: Rgb) -> float:
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(two), strict=True)) ** 0.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("one", "two"), list(combinations(LAYER_COLOURS, 2)))
def test_layers_differ_for_every_eye(vision: str, one: str, two: str) -> None:
    # About 2.3 is the least that is seen at all, side by side.
    assert far(seen(linear(one), vision), seen(linear(two), vision)) > 11


def test_neighbours_differ_in_grey() -> None:
    for one, two in pairwise([*LAYER_COLOURS, LAYER_COLOURS[0]]):
        assert contrast(one, two) > 1.3


@pytest.mark.parametrize("number", range(1, 6))
def test_text_on_a_layer_is_readable(number: int) -> None:
    text = {"on": ON_COLOUR, "white": ON_BLUE}[on(f"l{number}")]
    assert contrast(text, LAYER_COLOURS[number - 1]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    # What something costs is written on paper alone.
    [("cost", "paper"), ("ink", "stage"), *product(("ink", "muted"), ("paper", "plate", "hatch", "hatch-line"))],
)
def test_text_is_readable_in_both_palettes(palette: dict[str, str], text: str, ground: str) -> None:
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_outlines_stand_out_whatever_they_enclose(palette: dict[str, str]) -> None:
    assert contrast(palette["edge"], palette["paper"]) >= 3
    assert contrast(palette["ink"], palette["paper"]) >= 7


def test_the_sheet_has_each_palette_once() -> None:
    light, dark = STYLE_SHEET.split("@media (prefers-color-scheme:dark)")
    assert all(colour in light for colour in (*LIGHT.values(), *LAYER_COLOURS))
    assert all(colour in dark for colour in DARK.values())
