"""Language and theme: chosen by the browser, by a link, by a button, by the profile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, enter, open_board, slot
from tests.support.browser import Look
from tests.support.factories import House


def lightness(page: Page) -> float:
    """Return how light the page is drawn, from 0 to 1."""
    colour = page.evaluate(
        """() => {
          const pen = document.createElement('canvas').getContext('2d');
          pen.fillStyle = getComputedStyle(document.body).backgroundColor;
          pen.fillRect(0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )
    return float(sum(colour)) / (3 * 255)


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to."""
    return enter(page, house, house.member)


def test_button_changes_the_theme_at_once_and_for_good(member: Page, house: House) -> None:
    open_board(member, house)
    assert lightness(member) > 0.9
    with member.expect_response("**/theme") as kept:
        member.get_by_role("button", name="Light or dark").click()
    expect(member.locator("html")).to_have_attribute("data-theme", "dark")
    assert kept.value.status == 204
    assert lightness(member) < 0.2
    # The very first bytes of the next page know it: nothing flashes.
    page = member.context.request.get(member.url).text()
    assert '<html lang="en" data-theme="dark">' in page
    member.reload()
    assert lightness(member) < 0.2
    member.get_by_role("button", name="Light or dark").click()
    expect(member.locator("html")).to_have_attribute("data-theme", "light")
    assert lightness(member) > 0.9


@pytest.mark.parametrize("look", [Look(1280, "dark")], ids=str)
def test_theme_follows_the_device_until_one_is_chosen(page: Page, house: House) -> None:
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
    assert lightness(page) < 0.2
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert lightness(page) > 0.9


def test_link_changes_the_language_for_good(member: Page, house: House) -> None:
    open_board(member, house)
    member.get_by_role("link", name="Français").click()
    expect(member.locator("html")).to_have_attribute("lang", "fr")
    expect(member.get_by_role("heading", level=1)).to_contain_text("Jeudi 11 mars")
    slot(member, house.atlas, "10:00").click()
    expect(dialog(member).get_by_role("button", name="Réserver")).to_be_visible()
    member.goto("/profile")
    expect(member.get_by_role("heading", level=1)).to_have_text("Profil")
    member.get_by_role("link", name="English").click()
    expect(member.get_by_role("heading", level=1)).to_have_text("Profile")


def test_profile_keeps_language_and_theme_on_every_device(
    member: Page, another: Callable[[], Page], house: House
) -> None:
    member.goto("/profile")
    member.get_by_label("Language").select_option("Français")
    member.get_by_label("Appearance").select_option("Dark")
    member.get_by_role("region", name="About you").get_by_role("button", name="Save").click()
    expect(member.get_by_role("heading", level=1)).to_have_text("Profil")
    expect(member.locator("html")).to_have_attribute("data-theme", "dark")
    page = enter(another(), house, house.member)
    page.goto("/profile")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profil")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize(
    ("locale", "title"), [("fr-FR", "Se connecter"), ("en-US", "Sign in"), ("de-DE", "Sign in")]
)
def test_browser_says_the_language(another: Callable[..., Page], locale: str, title: str) -> None:
    page = another(locale=locale)
    page.goto("/sign-in")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
