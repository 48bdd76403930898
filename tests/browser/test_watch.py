"""The watch over every page is awake: each kind of fault would fail a test."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from booking.core.values import Actor
from tests.support.browser import LOOKS, Watch, axe
from tests.support.factories import House

FAULTS = {
    "console": "console.error('oh')",
    "uncaught": "onresize = () => { throw new Error() }; dispatchEvent(new Event('resize'))",
    "Content Security Policy": "fetch('https://example.org/').catch(() => {})",
    "another host": "location.assign('http://127.0.0.1:9/')",
    "404 for": "fetch('/nothing-is-here').catch(() => {})",
}


@pytest.mark.parametrize(("words", "script"), FAULTS.items(), ids=FAULTS)
def test_watch_sees_faults(page: Page, watch: Watch, words: str, script: str) -> None:
    page.goto("/sign-in")
    assert watch.faults == []
    page.evaluate(script)
    for _ in range(250):
        if watch.faults:
            break
        page.wait_for_timeout(20)
    assert any(words in fault for fault in watch.faults), watch.faults
    watch.faults.clear()


def test_axe_sees_barriers(page: Page) -> None:
    page.goto("/sign-in")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    with pytest.raises(AssertionError, match="html-has-lang"):
        axe(page)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_sign_in_leads_to_the_board(
    page: Page, sign_in: Callable[[Page, Actor], Page], house: House
) -> None:
    page.goto("/sign-in")
    axe(page)
    sign_in(page, house.member)
    expect(page.get_by_role("heading", level=1)).to_contain_text("10 Mar")
    axe(page)


@pytest.mark.parametrize("scripts", [False], ids=["no JavaScript"])
def test_sign_in_works_without_scripts(
    page: Page, sign_in: Callable[[Page, Actor], Page], house: House
) -> None:
    sign_in(page, house.member)
    expect(page.get_by_role("heading", level=1)).to_contain_text("10 Mar")
