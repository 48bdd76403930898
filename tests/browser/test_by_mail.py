"""The pages that mails lead to: decided without signing in, on a phone as well."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from booking.answering import PURPOSE
from booking.config import load_config
from booking.core.values import State
from booking.models import Notice
from booking.secrets import sealed
from tests.support.browser import LOOKS, PHONE, axe
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.mail_in import asking
from tests.support.service import Service


@pytest.fixture
def path(house: House, service: Service) -> str:
    """Return the path by which the approver answers a request for Cedar."""
    booking_id = house.add_booking(house.cedar, title="Lecture", state=State.REQUESTED)
    reader = house.approver.person_id or 0
    values = {
        "person_id": reader,
        "code": "notice_requested",
        "params": {"title": "Lecture"},
        "booking_id": booking_id,
        "at": NOW,
    }
    with writing(house.engine) as connection:
        notice_id = connection.execute(
            insert(Notice).values(**values).returning(Notice.id)
        ).scalar_one()
    key = load_config(service.log.parent / "config.toml").signing_key()
    return f"/by-mail/{sealed([notice_id, reader, 1], key, PURPOSE)}"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_page_has_no_barriers(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lecture")
    axe(page)


@pytest.mark.parametrize("look", [PHONE], ids=str)
def test_approver_approves_on_the_phone(page: Page, path: str) -> None:
    page.goto(f"{path}#approve")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved by Approver")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


@pytest.mark.parametrize("scripts", [False])
def test_approver_refuses_without_scripts(page: Page, path: str) -> None:
    page.goto(f"{path}#refuse")
    page.get_by_label("Reason").fill("The hall is wet.")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("Refused by Approver")).to_be_visible()
    expect(page.get_by_role("button", name="Refuse")).to_have_count(0)


@pytest.fixture
def question(house: House, service: Service) -> str:
    """Return the path by which the member says to have sent a mail that asks for two rooms."""
    key = load_config(service.log.parent / "config.toml").signing_key()
    return asking(house, house.atlas, house.birch, key=key)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_question_has_no_barriers_and_is_answered(page: Page, question: str) -> None:
    page.goto(question)
    expect(page.get_by_role("heading", level=1)).to_have_text("Band rehearsal")
    expect(page.get_by_text("Atlas, Birch")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Yes, it is from me").click()
    expect(page.get_by_text("Confirmed, thank you.")).to_be_visible()
    expect(page.get_by_text("Atlas, Birch")).to_be_visible()
    axe(page)
