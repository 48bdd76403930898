"""The page that an invitation leads to: answered without an account, on a phone as well."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from booking.config import load_config
from booking.core.invitees import Answer
from booking.invited import invitation_path
from booking.models import Invitee
from tests.support.browser import LOOKS, PHONE, axe
from tests.support.databases import writing
from tests.support.factories import NOW, House
from tests.support.service import Service


@pytest.fixture
def path(house: House, service: Service) -> str:
    """Return the path by which Anna answers an invitation."""
    values = {
        "booking_id": house.add_booking(title="Choir"),
        "email": "anna@example.org",
        "name": "Anna",
        "invited_by_id": house.member.person_id,
        "invited_at": NOW,
        "answer": Answer.PENDING,
    }
    with writing(house.engine) as connection:
        invitee_id = connection.execute(
            insert(Invitee).values(**values).returning(Invitee.id)
        ).scalar_one()
    key = load_config(service.log.parent / "config.toml").signing_key()
    return invitation_path(invitee_id, key)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_page_has_no_barriers(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choir")
    axe(page)


@pytest.mark.parametrize("look", [PHONE], ids=str)
def test_invited_person_accepts_on_the_phone(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("button", name="I come").click()
    expect(page.get_by_role("button", name="I come")).to_have_attribute("aria-pressed", "true")
