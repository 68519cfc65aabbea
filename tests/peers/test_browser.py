"""The first lesson in JupyterLab as a learner sees it: pictures, their words and sizes, and the moving ones.

Set LAYERLAB_SCREENSHOTS to a folder to keep what the browser showed, LAYERLAB_AXE to axe-core's folder.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.labkit import opened

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LEAST_TEXT_PX = 11
WIDTHS = (1366, 1024, 683)
PICTURES = "img[src^='data:image/svg+xml']"
RANGE = "input[type=range][aria-label='Layers stacked']"

#: The sizes of the visible texts of an SVG, as it is shown: what a class says, times all that scales it.
SIZES = """() => [...document.querySelectorAll('text')].filter(t => t.getClientRects().length
  && t.getBoundingClientRect().width > 0).map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The lab of a fresh clone: its address and token."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("sim", "notebooks"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = os.environ | {"CI": "true", "SIM_HOME": str(clone / "home"), "PYTHONIOENCODING": "utf-8"}
    for name in ("LAYERLAB_REVEAL", "LAYERLAB_IMAGE"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "lab", "--no-browser"], cwd=clone, env=environment, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    yield opened(process)
    process.terminate()
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def browser(need: Any) -> Iterator[Any]:
    """Debian's Chromium."""
    need(Path(CHROMIUM).exists(), f"there is no {CHROMIUM}: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        need(False, "playwright is not installed: pip install -e '.[browser]'")
        raise
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def setting(lab: tuple[str, str], plugin: str, raw: str) -> None:
    """Write one of JupyterLab's settings, as its settings editor does."""
    base, token = lab
    request = urllib.request.Request(
        f"{base}lab/api/settings/@jupyterlab/{plugin}", data=json.dumps({"raw": raw}).encode(), method="PUT",
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30):
        pass


def page_of(browser: Any, lab: tuple[str, str], width: int = 1366, lesson: str = "00_tour", dark: bool = False) -> Any:
    """Open a lesson; requests that would leave this machine are refused."""
    base, token = lab
    setting(lab, "apputils-extension:themes", f'{{"theme": "JupyterLab {"Dark" if dark else "Light"}"}}')
    # Cells out of sight are in the page too, so that a test can look at all of them.
    setting(lab, "notebook-extension:tracker", '{"windowingMode": "none"}')
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.route(lambda url: "127.0.0.1" not in url and not url.startswith("data:"), lambda route: route.abort())
    page.goto(f"{base}doc/tree/{lesson}.ipynb?token={token}", wait_until="domcontentloaded")
    page.wait_for_selector(PICTURES, timeout=60_000)
    return page


def keep(page: Any, name: str) -> None:
    """Keep a picture of the page for a person to look at, where a folder is given."""
    if folder := os.environ.get("LAYERLAB_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def says(page: Any, pattern: str) -> None:
    """Wait until one of the page's status lines matches."""
    page.wait_for_function(
        "pattern => [...document.querySelectorAll('[role=status]')].some(e => new RegExp(pattern).test(e.innerText))",
        arg=pattern,
    )


def run_all(page: Any) -> None:
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_selector(RANGE, timeout=60_000)


@pytest.fixture(scope="module")
def ran(browser: Any, lab: tuple[str, str]) -> Any:
    """The tour with all its cells executed."""
    page = page_of(browser, lab)
    run_all(page)
    return page


def test_a_fresh_clone_shows_its_pictures_before_anything_runs(browser: Any, lab: tuple[str, str]) -> None:
    page = page_of(browser, lab)
    assert page.locator(".jp-Dialog").count() == 0
    images = page.locator(PICTURES)
    assert images.count() >= 4
    for image in images.all():
        assert len(image.get_attribute("alt") or "") > 40
        assert image.bounding_box()["width"] > 400, "the picture is drawn, not its alt text"
    keep(page, "fresh")
    page.close()


def test_running_all_cells_gives_widgets_and_no_error(ran: Any) -> None:
    assert ran.locator(".jp-Dialog").count() == 0
    assert ran.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert ran.locator(".jupyter-widgets").count() >= 3
    keep(ran, "ran")


def test_the_slider_moves_by_keys_and_says_where_it_is(ran: Any) -> None:
    slider = ran.locator(RANGE)
    picture = ran.locator(".jupyter-widgets " + PICTURES).first
    slider.focus()
    assert "2 of 2" in ran.locator("[role=status]", has_text="layers").first.inner_text()
    before = picture.get_attribute("alt")
    slider.press("ArrowLeft")
    says(ran, "^1 of 2 layers$")
    assert picture.get_attribute("alt") != before
    assert slider.get_attribute("aria-valuetext") == "1 of 2 layers"
    assert ran.evaluate("() => document.activeElement.type") == "range", "the focus stays"
    keep(ran, "slid")


def test_play_goes_from_step_to_step_and_rests_at_the_end(ran: Any) -> None:
    ran.locator(RANGE).focus()
    ran.locator(RANGE).press("Home")
    says(ran, "^0 of 2 layers$")
    button = ran.locator(".jupyter-button", has_text="Play").first
    button.click()
    says(ran, "^1 of 2 layers$")
    assert ran.locator(".jupyter-button", has_text="Pause").count() == 1
    says(ran, "^2 of 2 layers$")
    ran.locator(".jupyter-button", has_text="Pause").wait_for(state="detached")
    button.click()  # At the end it begins again, and Pause holds it where it is.
    says(ran, "^0 of 2 layers$")
    ran.locator(".jupyter-button", has_text="Pause").click()
    ran.wait_for_timeout(2500)
    says(ran, "^0 of 2 layers$")
    ran.locator(RANGE).press("End")
    says(ran, "^2 of 2 layers$")


def test_a_lookup_is_stepped_forward_and_back(ran: Any) -> None:
    ran.get_by_role("button", name="Step", exact=True).last.click()
    says(ran, "^1 of .* asked$")
    ran.get_by_role("button", name="Step back").last.click()
    says(ran, "^0 of .* asked$")
    menu = ran.locator(".jupyter-widgets select")
    menu.focus()
    menu.press("ArrowDown")
    # The position reads the same as before: what changes is the picture.
    ran.locator(".jupyter-widgets img[alt*='/etc/vim/vimrc: no layer']").wait_for()


def test_a_prediction_opens_the_answer(ran: Any) -> None:
    assert ran.get_by_role("button", name="Show me").count() == 1
    ran.get_by_label("2. Layer 2").check()
    ran.keyboard.press("ArrowUp")
    says(ran, "^Recorded: 1")


@pytest.mark.parametrize("width", WIDTHS)
def test_text_is_large_enough_at_every_width(width: int, browser: Any, lab: tuple[str, str]) -> None:
    page = page_of(browser, lab, width)
    shown = page.locator(PICTURES).evaluate_all(
        "all => all.map(i => [i.src, i.getBoundingClientRect().width, i.getBoundingClientRect().height])"
    )
    keep(page, f"width-{width}")
    page.close()
    alone = browser.new_page()
    for source, wide, high in shown:
        svg = base64.b64decode(source.partition(",")[2]).decode("utf-8")
        alone.set_viewport_size({"width": round(wide), "height": round(high)})
        alone.set_content(f"<body style='margin:0'>{svg}")
        sizes = alone.evaluate(SIZES)
        assert sizes and min(sizes) >= LEAST_TEXT_PX - 0.05, (width, wide, min(sizes, default=0))
    alone.close()


def test_axe_finds_no_serious_fault_in_the_lesson(ran: Any, need: Any) -> None:
    folder = os.environ.get("LAYERLAB_AXE", "")
    script = Path(folder) / "axe.min.js"
    need(folder and script.is_file(), "LAYERLAB_AXE names no folder with axe-core's axe.min.js")
    ran.evaluate(script.read_text(encoding="utf-8"))
    found = ran.evaluate(
        "async () => (await axe.run({include: ['.jp-OutputArea-output']})).violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))])"
    )
    assert found == []


def test_the_dark_theme_has_dark_pictures(browser: Any, lab: tuple[str, str]) -> None:
    page = page_of(browser, lab, dark=True)
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    page.locator(PICTURES).first.scroll_into_view_if_needed()
    keep(page, "dark")
    corner = page.locator(PICTURES).first.bounding_box()
    clip = {"x": corner["x"] + 2, "y": corner["y"] + 2, "width": 8, "height": 8}
    png = base64.b64encode(page.screenshot(clip=clip)).decode()
    pixel = page.evaluate(
        """async data => { const image = new Image(); image.src = 'data:image/png;base64,' + data; await image.decode();
        const canvas = document.createElement('canvas').getContext('2d'); canvas.drawImage(image, 0, 0);
        return [...canvas.getImageData(2, 2, 1, 1).data].slice(0, 3); }""",
        png,
    )
    assert max(pixel) < 60
    page.close()
