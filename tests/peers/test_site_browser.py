"""The static site in a real browser over plain http, as on a school's network: no service worker, no other server.

Needs the packages of the extra `site`, Debian's chromium, playwright, and LAYERLAB_PYODIDE. A name that is not
localhost makes the page what browsers call insecure, which 127.0.0.1 alone would not be.
"""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.peers.labpage import ROOT, chromium, refusing

NAME = "school.test"
LOAD_MS = 120_000
"""A browser's Python loads in about ten seconds where the machine has nothing else to do."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def folder(need: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from this clone."""
    need(find_spec("jupyterlite_core"), "jupyterlite-core is not installed (extra site)")
    need(os.environ.get("LAYERLAB_PYODIDE"), "LAYERLAB_PYODIDE does not name the folder of the npm package pyodide")
    dest = tmp_path_factory.mktemp("site") / "public"
    done = subprocess.run(
        [sys.executable, "-m", "sim", "site", str(dest), "--pyodide", os.environ["LAYERLAB_PYODIDE"]],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return dest


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where it is served, by Python's own server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{NAME}:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(need: Any) -> Iterator[Any]:
    """Chromium, to which the site's name is this machine's."""
    with chromium(need, f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as started:
        yield started


@pytest.fixture(scope="module")
def tour(browser: Any, address: str) -> Iterator[tuple[Any, list[str]]]:
    """The tour, opened from the start page, with all cells run; and what was asked of other servers, and refused."""
    page = browser.new_page(viewport={"width": 1366, "height": 900})
    outside = refusing(page, address)
    page.goto(address)
    assert page.evaluate("[isSecureContext, 'serviceWorker' in navigator]") == [False, False]
    page.locator("a").first.click()
    page.wait_for_selector(".jp-Notebook img[src^='data:image/svg']", timeout=LOAD_MS)
    page.get_by_text("| Idle").wait_for(timeout=LOAD_MS)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_selector("input[type=range]", timeout=LOAD_MS)
    yield page, outside
    page.close()


def test_all_cells_run_without_an_error(tour: tuple[Any, list[str]]) -> None:
    page, _ = tour
    page.get_by_text("| Idle").wait_for(timeout=LOAD_MS)
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(".jupyter-widgets").count() >= 3


def test_the_slider_moves(tour: tuple[Any, list[str]]) -> None:
    page, _ = tour
    slider = page.locator("input[type=range][aria-label='Layers stacked']")
    slider.focus()
    slider.press("ArrowLeft")
    page.locator("[role=status]", has_text="1 of 2 layers").wait_for()


def test_a_cell_of_ones_own_runs_and_the_terminal_takes_a_line(tour: tuple[Any, list[str]]) -> None:
    page, _ = tour
    page.locator(".jp-Cell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type("lab.shell()")
    page.keyboard.press("Shift+Enter")
    line = page.get_by_label("Command line").last
    line.wait_for(timeout=LOAD_MS)
    line.fill("docker pull busybox")
    line.press("Enter")
    page.get_by_text("Status: Downloaded newer image for busybox:latest").wait_for(timeout=LOAD_MS)


def test_nothing_is_asked_of_another_server(tour: tuple[Any, list[str]]) -> None:
    assert tour[1] == []


def test_a_package_that_is_not_there_is_a_sentence(tour: tuple[Any, list[str]]) -> None:
    page, _ = tour
    page.locator(".jp-Cell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type("%pip install scipy")
    page.keyboard.press("Shift+Enter")
    page.get_by_text("this site has the packages of the lessons alone").last.wait_for(timeout=LOAD_MS)
    assert tour[1] == []


def test_what_was_predicted_is_there_on_the_next_visit(tour: tuple[Any, list[str]], address: str) -> None:
    page, _ = tour
    page.get_by_label("1. Layer 1").check()
    page.locator("[role=status]", has_text="Recorded: 1").wait_for()
    page.wait_for_timeout(500)
    # Another notebook, and so another kernel, with files of its own.
    page.goto(f"{address}lab/index.html?path=01_pull_and_layers.ipynb")
    page.get_by_text("| Idle").wait_for(timeout=LOAD_MS)
    page.locator("h1:visible", has_text="01 Pull and layers").click()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("from sim import Lab\nLab().predict('00.passwd')")
    page.keyboard.press("Shift+Enter")
    page.locator("[role=status]", has_text="Recorded: 1").first.wait_for(timeout=LOAD_MS)


def test_building_again_replaces_the_site(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "site", str(folder), "--lang", "zh", "--pyodide", os.environ["LAYERLAB_PYODIDE"]],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "index.html").read_text("utf-8").index("中文课程") < 1500
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
