"""The lab's page in a real browser: the lesson and nothing over it, and no request that leaves this machine.

Needs Debian's chromium and the package playwright (extra `browser`), whose own browser is not used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.labkit import opened

ROOT = Path(__file__).parents[2]
QUIET = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture
def browser(need: Callable[[object, str], None]) -> Iterator[Any]:
    need(find_spec("playwright"), "the package playwright is not installed (extra browser)")
    need(shutil.which("chromium"), "chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser
        browser.close()


def test_the_page_shows_the_first_lesson_and_asks_nothing_of_the_internet(browser: Any, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    lab = subprocess.Popen(
        [sys.executable, "-m", "sim", "lab", "--no-browser"], cwd=tmp_path, env=os.environ | {"CI": "true"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    try:
        address, token = opened(lab)
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}doc/tree/00_tour.ipynb?token={token}", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook .jp-MarkdownOutput h1", timeout=60_000)
        page.wait_for_selector("#jp-main-statusbar >> text=Idle", timeout=60_000)
        page.wait_for_timeout(3000)  # What pops up pops up late.
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        assert page.locator("#jp-main-dock-panel[data-mode=single-document]").count() == 1
        local = (address, address.replace("http", "ws", 1), "data:", "blob:")
        assert [url for url in asked if not url.startswith(local)] == []
    finally:
        lab.terminate()
        assert lab.wait(timeout=60) == 0
