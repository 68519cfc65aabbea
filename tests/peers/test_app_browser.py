"""`sim app` in a real browser: a widget a page, moved by keys, and no request that leaves this machine.

Needs Debian's chromium and playwright. Set LAYERLAB_SCREENSHOTS to a folder to keep the pages, LAYERLAB_AXE to the
folder of axe-core.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.lab.apps import PAGES
from tests.peers.labpage import ROOT, chromium, refusing

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the index page of a running app, with its token."""
    environment = os.environ | {"CI": "true", "SIM_HOME": str(tmp_path_factory.mktemp("home"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "app", "--no-browser"], cwd=ROOT, env=environment, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line):
            break
    assert found, said
    yield found[0]
    process.terminate()
    rest, _ = process.communicate(timeout=60)
    assert (process.returncode, "Closing the widgets." in rest) == (0, True), rest


@pytest.fixture(scope="module")
def page(need: Any, app: str) -> Iterator[tuple[Any, list[str]]]:
    """The index page, and what was asked of other servers."""
    with chromium(need) as browser:
        made = browser.new_page(viewport={"width": 1366, "height": 900})
        outside = refusing(made, app.partition("/voila")[0])
        made.goto(app, wait_until="domcontentloaded")
        made.locator("a[href$='slider.ipynb']").wait_for(timeout=WAIT_MS)
        yield made, outside


def opened(page: tuple[Any, list[str]], app: str, name: str) -> Any:
    shown = page[0]
    shown.goto(re.sub(r"index\.ipynb.*", f"{name}.ipynb", app), wait_until="domcontentloaded")
    shown.wait_for_selector(".jupyter-widgets", timeout=WAIT_MS)
    return shown


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_a_page_shows_its_widget_and_nothing_wider_than_the_screen(
    page: tuple[Any, list[str]], app: str, name: str, need: Any
) -> None:
    shown = opened(page, app, name)
    assert shown.locator("h1").count() == 1
    assert shown.locator("[data-mime-type='application/vnd.jupyter.error'], .jp-OutputArea-error").count() == 0
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page[1] == [], "asked of other servers"
    if folder := os.environ.get("LAYERLAB_SCREENSHOTS"):
        shown.screenshot(path=str(Path(folder) / f"app-{name}.png"), full_page=True)
    script = Path(os.environ.get("LAYERLAB_AXE", ""), "axe.min.js")
    need(script.is_file(), "LAYERLAB_AXE names no folder with axe-core's axe.min.js")
    shown.evaluate(script.read_text(encoding="utf-8"))
    found = shown.evaluate(
        "async () => (await axe.run({include: ['#rendered_cells']})).violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))])"
    )
    assert found == []


def test_the_slider_moves_by_keys(page: tuple[Any, list[str]], app: str) -> None:
    shown = opened(page, app, "slider")
    slider = shown.locator("input[type=range]")
    slider.focus()
    slider.press("ArrowLeft")
    shown.locator("[role=status]", has_text="1 of 2 layers").wait_for()


def test_the_terminal_takes_a_line(page: tuple[Any, list[str]], app: str) -> None:
    shown = opened(page, app, "terminal")
    line = shown.get_by_label("Command line")
    line.fill("docker pull busybox")
    line.press("Enter")
    shown.get_by_text("Status: Downloaded newer image for busybox:latest").wait_for(timeout=WAIT_MS)


def test_the_pages_of_a_projector_are_large(page: tuple[Any, list[str]], app: str) -> None:
    shown = opened(page, app, "boot")
    box = shown.locator("img[src^='data:image/svg']").first.bounding_box()
    assert 1200 < box["width"] <= 1366


def test_without_the_token_nothing_is_shown(page: tuple[Any, list[str]], app: str) -> None:
    context = page[0].context.browser.new_context()
    answer = context.new_page().goto(app.partition("?")[0].replace("index", "terminal"), wait_until="domcontentloaded")
    assert answer.status in (401, 403) or "login" in answer.url
    context.close()
