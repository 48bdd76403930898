"""Dates of a series on the page of the booking."""

from tests.support.forms import Browser


def test_page_and_history_tell_of_further_dates(browser: Browser) -> None:
    browser.book(repeat="weekly", ends="count", count="3", more="2027-03-12")
    stored = browser.stored()
    page = browser.get(f"/bookings/{stored.id}").text
    assert "Every week, 3 times, and 1 further date" in page
    browser.edit(stored.id, repeat="weekly", ends="count", count="3", more="2027-03-13")
    text = browser.get(f"/bookings/{stored.id}").text
    history = text[text.index("Further dates") :]
    assert history.index("12 Mar") < history.index("13 Mar")


def test_page_tells_up_to_when_an_endless_series_is_held(browser: Browser) -> None:
    browser.book(repeat="weekly", ends="open")
    page = browser.get(f"/bookings/{browser.stored().id}").text
    assert "as long as bookings are open" in page
    assert "held up to Thursday, 13 April 2028" in page


def test_page_lists_what_is_left_out_with_the_year_where_it_is_another(browser: Browser) -> None:
    browser.book(repeat="weekly", ends="open", leaves="public")
    page = browser.get(f"/bookings/{browser.stored().id}").text
    left_out = page[page.index('class="left-out"') :]
    assert "Thu 6 May</span>" in left_out
    assert "Thu 11 Nov</span>" in left_out
    assert "2028" not in left_out.split("</ul>")[0]
