"""The lab's page in a real browser: the lesson and nothing over it, and no request that leaves this machine.

Needs Debian's chromium and the package playwright (extra `browser`), whose own browser is not used.
"""

from __future__ import annotations

from pathlib import Path

from tests.peers.labpage import Need, chromium, lab_of


def test_the_page_shows_the_first_lesson_and_asks_nothing_of_the_internet(need: Need, tmp_path: Path) -> None:
    with chromium(need) as browser, lab_of(tmp_path / "clone") as (address, token):
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
