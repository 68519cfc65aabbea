"""The first lesson in JupyterLab as a learner sees it: pictures, their words and sizes, and the moving ones."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.peers.labpage import PICTURES, Need, Server, axe, keep, page_of, run_all, says

RANGE = "input[type=range][aria-label='Layers stacked']"


@pytest.fixture(scope="module")
def ran(browser: Any, lab: Server) -> Any:
    """The tour with all its cells executed."""
    page = page_of(browser, lab)
    run_all(page, RANGE)
    return page


def test_a_fresh_clone_shows_its_pictures_before_anything_runs(browser: Any, lab: Server) -> None:
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
    menu = ran.get_by_label("Path")
    menu.focus()
    menu.press("ArrowDown")
    # The position reads the same as before: what changes is the picture.
    ran.locator(".jupyter-widgets img[alt*='/etc/vim/vimrc: no layer']").wait_for()


def test_a_prediction_opens_the_answer(ran: Any) -> None:
    assert ran.get_by_role("button", name="Show me").count() == 1
    ran.get_by_label("2. Layer 2").check()
    ran.keyboard.press("ArrowUp")
    says(ran, "^Recorded: 1")


def test_axe_finds_no_serious_fault_in_the_lesson(ran: Any, need: Need) -> None:
    assert axe(ran, need) == []


def test_the_dark_theme_has_dark_pictures(browser: Any, lab: Server) -> None:
    page = page_of(browser, lab, dark=True)
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


def test_a_lesson_that_is_opened_again_shows_pictures_where_its_widgets_were(browser: Any, lab: Server) -> None:
    page = page_of(browser, lab)
    run_all(page, RANGE)
    page.locator(".lm-MenuBar-itemLabel", has_text="File").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Save Notebook").first.click()
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    page.close()
    again = page_of(browser, lab)
    again.get_by_text("| Idle").wait_for(timeout=60_000)
    assert again.get_by_text("model not found").count() == 0
    assert again.locator(PICTURES).count() >= 6
    again.close()


def test_a_cell_before_the_set_up_says_what_to_do_first(browser: Any, lab: Server) -> None:
    page = page_of(browser, lab, "02_union_lookup")
    page.get_by_text("| Idle").wait_for(timeout=60_000)
    cell = page.locator(".jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    cell.get_by_text("NameError: lab is not there yet. Run the cells above this one first").wait_for()
    assert "Traceback" not in cell.inner_text()
    page.close()
