"""Every lesson as JupyterLab shows a fresh copy: the text in its pictures at three widths, and the page to look at.

Screenshots, light, dark and narrow, go to the folder that LAYERLAB_SCREENSHOTS names.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.peers.labpage import (
    LEAST_TEXT_PX,
    ROOT,
    WIDTHS,
    Server,
    keep_whole,
    page_of,
    text_sizes,
)

LESSONS = sorted(
    path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
    for path in (ROOT / "notebooks").rglob("*.ipynb") if not path.parent.name.startswith(".")
)
each_lesson = pytest.mark.parametrize("lesson", LESSONS)


@each_lesson
def test_text_in_pictures_is_large_enough_at_every_width(lesson: str, browser: Any, lab: Server) -> None:
    name = lesson.replace("/", "-")
    page = page_of(browser, lab, lesson, wait_for=".jp-Notebook .jp-MarkdownOutput h1")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        for sizes in text_sizes(browser, page):
            assert sizes and min(sizes) >= LEAST_TEXT_PX - 0.05, (width, min(sizes, default=0))
        keep_whole(page, f"{name}-{width}")
    if "LAYERLAB_SCREENSHOTS" in os.environ:
        darken(page)
        keep_whole(page, f"{name}-dark")
    page.close()


def darken(page: Any) -> None:
    """Choose the dark theme in JupyterLab's menu, at the first width."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Theme").first.hover()
    page.locator(".lm-Menu-itemLabel", has_text="JupyterLab Dark").first.click()
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    page.wait_for_timeout(300)
