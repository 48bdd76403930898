"""The pages of a swap: proposed on the other's booking, answered on one's own."""

import re
from collections.abc import Callable

import pytest

from booking.core.values import Actor, Visibility
from tests.support.factories import House
from tests.support.forms import WEEKLY, Browser

Open = Callable[[Actor], Browser]


@pytest.fixture
def other(open_as: Open, house: House) -> Browser:
    """The stranger's browser."""
    return open_as(house.stranger)


def pair(browser: Browser, house: House) -> tuple[int, int]:
    mine = browser.have(title="Choir")
    theirs = browser.have(house.birch, by=house.stranger, title="Yoga", start=14, end=16)
    return mine, theirs


def keys(page: str, name: str) -> list[str]:
    """Return what can be chosen of a name, as it is sent."""
    fields = re.findall(rf'<input[^>]* name="{name}" value="([^"]+)"', page)
    if f'<select id="f-{name}"' in page:
        fields += re.findall(r'<option value="([^"]+)"', page.split(f'name="{name}"')[1])
    return fields


def propose(browser: Browser, theirs: int, **more: object) -> str:
    """Propose the first that can be; return where that leads."""
    page = browser.get(f"/bookings/{theirs}/swap").text
    wish = {"given": keys(page, "given")[0], "wanted": keys(page, "wanted")[0], **more}
    answer = browser.post(f"/bookings/{theirs}/swap", **wish)
    assert answer.status_code == 303, answer.text
    return answer.location


def forms(page: str) -> list[str]:
    return re.findall(r'action="(/swaps/\d+/\w+)"', page)


def test_others_bookings_lead_to_it(browser: Browser, other: Browser, house: House) -> None:
    mine, theirs = pair(browser, house)
    link = f"/bookings/{theirs}/swap"
    assert link in browser.get(f"/bookings/{theirs}").text
    assert link not in other.get(f"/bookings/{theirs}").text
    page = browser.get(link).text
    assert "Yoga" in page
    assert "Choir" in page
    assert len(keys(page, "given")) == 1
    assert f"/bookings/{mine}/swap" not in browser.get(f"/bookings/{mine}").text


def test_it_is_proposed_and_agreed_to(browser: Browser, other: Browser, house: House) -> None:
    mine, theirs = pair(browser, house)
    page = browser.get(propose(browser, theirs, words="<i>Please</i>")).text
    assert "Proposed. You find the answer in your inbox." in page
    assert "You proposed a swap to Stranger" in page
    [withdraw] = forms(page)
    assert withdraw.endswith("/withdraw")

    page = other.get(f"/bookings/{theirs}").text
    assert "Member proposes a swap" in page
    assert "&lt;i&gt;Please" in page
    assert "Atlas" in page
    accept, decline = forms(page)
    assert decline.endswith("/decline")
    answer = other.post(accept)
    assert answer.status_code == 303
    page = other.get(answer.location).text
    assert "Swapped." in page
    assert forms(page) == []
    assert other.stored(theirs).space_ids == (house.atlas.id,)
    assert browser.stored(mine).starts_at == house.at(14)
    assert "Swapped" in browser.get(f"/bookings/{mine}").text  # its history
    assert other.post(accept).status_code == 409


def test_it_is_declined_or_withdrawn(browser: Browser, other: Browser, house: House) -> None:
    _mine, theirs = pair(browser, house)
    page = browser.get(propose(browser, theirs)).text
    answer = browser.post(forms(page)[0])
    assert "Withdrawn." in browser.get(answer.location).text
    assert forms(other.get(f"/bookings/{theirs}").text) == []
    propose(browser, theirs)
    answer = other.post(forms(other.get(f"/bookings/{theirs}").text)[1])
    assert "Declined." in other.get(answer.location).text
    assert "Member" not in re.findall(r"proposes a swap", other.get(f"/bookings/{theirs}").text)


def test_a_date_of_a_series_is_chosen(browser: Browser, other: Browser, house: House) -> None:
    mine = browser.have(title="Choir")
    series = browser.have(house.birch, by=house.stranger, rule=WEEKLY)
    page = browser.get(f"/bookings/{series}/swap").text
    dates = keys(page, "wanted")
    assert len(dates) == 4
    propose(browser, series, wanted=dates[1])
    assert "18 March" in other.get(f"/bookings/{series}").text
    accept = forms(other.get(f"/bookings/{series}").text)[0]
    assert other.post(accept).status_code == 303
    assert browser.stored(mine).starts_at == house.at(10, day=7)


def test_what_the_proposer_keeps_secret_stays_so(
    browser: Browser, other: Browser, house: House
) -> None:
    browser.have(title="Secret", visibility=Visibility.PRIVATE)
    theirs = browser.have(house.birch, by=house.stranger)
    propose(browser, theirs)
    page = other.get(f"/bookings/{theirs}").text
    assert "Member proposes a swap" in page
    assert "Secret" not in page


def test_a_private_booking_cannot_be_asked_for(browser: Browser, house: House) -> None:
    browser.have()
    secret = browser.have(house.birch, by=house.stranger, visibility=Visibility.PRIVATE)
    assert f"/bookings/{secret}/swap" not in browser.get(f"/bookings/{secret}").text
    assert browser.get(f"/bookings/{secret}/swap").status_code == 404
    assert browser.post(f"/bookings/{secret}/swap", given="1-1-1").status_code == 404


def test_nothing_to_give_is_told(browser: Browser, house: House) -> None:
    theirs = browser.have(house.birch, by=house.stranger)
    page = browser.get(f"/bookings/{theirs}/swap").text
    assert "You have no confirmed booking" in page
    assert "Propose</button>" not in page


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        pytest.param({"given": ""}, 422, "Choose one of your bookings.", id="nothing"),
        pytest.param({"given": "1-x-1"}, 422, "Choose one of the possibilities.", id="no id"),
        pytest.param({"wanted": "9-9-9"}, 422, "Choose one of the possibilities.", id="other"),
        pytest.param({"words": "x" * 501}, 422, "At most 500 characters", id="too long"),
    ],
)
def test_what_is_wrong_is_told(
    browser: Browser, house: House, fields: dict[str, str], status: int, sentence: str
) -> None:
    _mine, theirs = pair(browser, house)
    page = browser.get(f"/bookings/{theirs}/swap").text
    wish = {name: keys(page, name)[0] for name in ("given", "wanted")} | {"words": "Bye"}
    answer = browser.post(f"/bookings/{theirs}/swap", fragment=True, **(wish | fields))
    assert answer.status_code == status
    assert sentence in answer.text
    assert (wish | fields)["words"] in answer.text


def test_what_the_rules_refuse_is_told_with_the_reason(browser: Browser, house: House) -> None:
    browser.have()
    approved = house.add_booking(house.cedar, start=14, end=15, by=house.stranger)
    page = browser.get(f"/bookings/{approved}/swap").text
    wish = {name: keys(page, name)[0] for name in ("given", "wanted")}
    answer = browser.post(f"/bookings/{approved}/swap", **wish)
    assert answer.status_code == 422
    assert "Cedar needs the agreement of an approver." in answer.text


def test_what_was_changed_meanwhile_is_looked_at_again(browser: Browser, house: House) -> None:
    mine, theirs = pair(browser, house)
    page = browser.get(f"/bookings/{theirs}/swap").text
    wish = {name: keys(page, name)[0] for name in ("given", "wanted")}
    browser.edit(mine, title="Band")
    answer = browser.post(f"/bookings/{theirs}/swap", **wish)
    assert answer.status_code == 409
    assert "Somebody has changed this" in answer.text
    assert keys(answer.text, "given")[0].endswith("-2")


def test_strangers_answer_nothing(browser: Browser, open_as: Open, house: House) -> None:
    _mine, theirs = pair(browser, house)
    [withdraw] = forms(browser.get(propose(browser, theirs)).text)
    for person in (house.manager, house.approver):
        looking = open_as(person)
        assert forms(looking.get(f"/bookings/{theirs}").text) == []
        assert looking.post(withdraw.replace("withdraw", "accept")).status_code == 403
    assert browser.post("/swaps/99/accept").status_code == 404
