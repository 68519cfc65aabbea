"""JupyterLab's page in Debian's Chromium: open a lesson, run it, measure its text, keep a picture, ask axe-core.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
Need = Callable[[object, str], None]
Server = tuple[str, str]

#: The sizes of the visible texts of an SVG, as it is shown: what a class says, times all that scales it.
SIZES = """() => [...document.querySelectorAll('text')].filter(t => t.getClientRects().length
  && t.getBoundingClientRect().width > 0).map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"""

AXE = """async () => (await axe.run({include: ['.jp-OutputArea-output']})).violations
  .filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))])"""

RAN = """() => { const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
  return prompts.length && prompts.every(p => /\\[\\d+\\]/.test(p.textContent)); }"""


@contextmanager
def lab_of(clone: Path, **notebooks: str) -> Iterator[Server]:
    """Run `sim lab` in a fresh clone; yield its address and token.

    Parameters
    ----------
    clone : Path
        An empty folder.
    **notebooks : str
        Further notebooks, by name without ``.ipynb``.
    """
    for name in ("sim", "notebooks"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for name, text in notebooks.items():
        (clone / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    environment = os.environ | {"CI": "true", "SIM_HOME": str(clone / "home"), "PYTHONIOENCODING": "utf-8"}
    for name in ("LAYERLAB_REVEAL", "LAYERLAB_IMAGE"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "lab", "--no-browser"], cwd=clone, env=environment, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield opened(process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()


@contextmanager
def chromium(need: Need, *flags: str) -> Iterator[Any]:
    """Start Debian's Chromium; playwright's own browser is not used."""
    need(Path(CHROMIUM).exists(), f"there is no {CHROMIUM}: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        need(False, "playwright is not installed: pip install -e '.[browser]'")
        raise
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield started
        started.close()


def refusing(page: Any, address: str) -> list[str]:
    """Let a page ask nobody but the server at an address; return what it asked of others, as that grows."""
    outside: list[str] = []

    def route(asked: Any) -> None:
        if asked.request.url.startswith((address, "data:", "blob:")):
            asked.continue_()
        else:
            outside.append(asked.request.url)
            asked.abort()

    page.route("**/*", route)
    return outside


def setting(lab: Server, plugin: str, raw: str) -> None:
    """Write one of JupyterLab's settings, as its settings editor does."""
    base, token = lab
    request = urllib.request.Request(
        f"{base}lab/api/settings/@jupyterlab/{plugin}", data=json.dumps({"raw": raw}).encode(), method="PUT",
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30):
        pass


def page_of(
    browser: Any, lab: Server, lesson: str = "00_tour", *, width: int = 1366, dark: bool = False,
    wait_for: str = PICTURES,
) -> Any:
    """Open a lesson; requests that would leave this machine are refused."""
    base, token = lab
    setting(lab, "apputils-extension:themes", f'{{"theme": "JupyterLab {"Dark" if dark else "Light"}"}}')
    # Cells out of sight are in the page too, so that a test can look at all of them.
    setting(lab, "notebook-extension:tracker", '{"windowingMode": "none"}')
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.route(lambda url: "127.0.0.1" not in url and not url.startswith("data:"), lambda route: route.abort())
    page.goto(f"{base}doc/tree/{lesson}.ipynb?token={token}", wait_until="domcontentloaded")
    page.wait_for_selector(wait_for, timeout=60_000)
    if dark:
        page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    return page


def run_all(page: Any, wait_for: str = "") -> None:
    """Run all cells from the menu, and wait until each has its number."""
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_function(RAN, timeout=120_000)
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    if wait_for:
        page.wait_for_selector(wait_for, timeout=60_000)


def keep(page: Any, name: str) -> None:
    """Keep a picture of the page for a person to look at, where a folder is given."""
    if folder := os.environ.get("LAYERLAB_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def keep_whole(page: Any, name: str) -> None:
    """Keep a picture of the whole lesson, as high as it is."""
    if os.environ.get("LAYERLAB_SCREENSHOTS"):
        size = page.viewport_size
        high = page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": int(high) + 120})
        page.evaluate("() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
        page.wait_for_timeout(200)
        keep(page, name)
        page.set_viewport_size(size)


def says(page: Any, pattern: str) -> None:
    """Wait until one of the page's status lines matches."""
    page.wait_for_function(
        "pattern => [...document.querySelectorAll('[role=status]')].some(e => new RegExp(pattern).test(e.innerText))",
        arg=pattern,
    )


def text_sizes(browser: Any, page: Any) -> list[list[float]]:
    """Return the sizes of all texts of each picture of a page, in pixels, as the page shows it now."""
    shown = page.locator(PICTURES).evaluate_all(
        "all => all.map(i => [i.src, i.getBoundingClientRect().width, i.getBoundingClientRect().height])"
        ".filter(([_, w]) => w > 0)"
    )
    alone, found = browser.new_page(), []
    for source, wide, high in dict.fromkeys(map(tuple, shown)):
        svg = base64.b64decode(source.partition(",")[2]).decode("utf-8")
        alone.set_viewport_size({"width": round(wide), "height": max(1, round(high))})
        alone.set_content(f"<body style='margin:0'>{svg}")
        found.append(alone.evaluate(SIZES))
    alone.close()
    return found


def axe(page: Any, need: Need) -> Any:
    """Return the serious faults that axe-core finds in the outputs of a page."""
    folder = os.environ.get("LAYERLAB_AXE", "")
    script = Path(folder) / "axe.min.js"
    need(folder and script.is_file(), "LAYERLAB_AXE names no folder with axe-core's axe.min.js")
    page.evaluate(script.read_text(encoding="utf-8"))
    return page.evaluate(AXE)
