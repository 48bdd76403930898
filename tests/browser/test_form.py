"""The form of a booking in the dialog: errors, clashes, series, changes."""

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.core.values import SpaceKind
from tests.browser.steps import (
    block,
    choose_room,
    dialog,
    enter,
    fold_out,
    lane,
    open_board,
    said,
    slot,
)
from tests.support.browser import Watch
from tests.support.factories import House


@pytest.fixture
def member(page: Page, house: House) -> Page:
    """A page that a member is signed in to."""
    return enter(page, house, house.member)


def submit(form: Locator) -> None:
    """Press the button that books, asks or saves."""
    form.locator("button.primary").click()


def open_form(page: Page, house: House, at: str = "10:00", title: str = "Reading") -> Locator:
    """Open the form for Atlas with a title."""
    open_board(page, house)
    slot(page, house.atlas, at).click()
    form = dialog(page)
    form.get_by_label("What for").fill(title)
    return form


def test_errors_stand_beside_their_fields(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(422)
    form = open_form(member, house, title="")
    choose_room(form, house.atlas, chosen=False)
    form.get_by_label("End", exact=True).select_option("09:00")
    fold_out(form, "More options")
    form.get_by_label("Note for the reception").fill("Keep this")
    submit(form)
    title = form.get_by_label("What for")
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_accessible_description("Say what the booking is for.")
    expect(title).to_be_focused()
    expect(form.get_by_role("group", name="Room", exact=True)).to_contain_text("Choose")
    expect(form.get_by_label("End", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Note for the reception")).to_have_value("Keep this")
    expect(form.get_by_label("Start")).to_have_value("10:00")


def test_later_start_takes_the_end_along(member: Page, house: House) -> None:
    form = open_form(member, house)
    form.get_by_label("Start").focus()
    form.get_by_label("Start").select_option("14:30")
    expect(form.get_by_label("End", exact=True)).to_have_value("15:30")


def test_form_tells_what_the_room_means(member: Page, house: House) -> None:
    form = open_form(member, house)
    choose_room(form, house.cedar)
    expect(form).to_contain_text("An approver has to agree: Cedar.")
    expect(form.get_by_role("button", name="Send the request")).to_be_visible()
    fold_out(form, "More options")
    form.get_by_label("People expected").fill("29")
    expect(form).to_contain_text("More people are expected than these rooms have places.")
    form.get_by_label("People expected").fill("28")
    expect(form).not_to_contain_text("More people are expected")
    choose_room(form, house.cedar, chosen=False)
    expect(form.get_by_role("button", name="Book", exact=True)).to_be_visible()


def test_a_booking_has_all_that_was_said(member: Page, house: House) -> None:
    form = open_form(member, house, title="Board of the year")
    choose_room(form, house.birch)
    fold_out(form, "More options")
    form.get_by_label("For", exact=True).select_option("Manager")
    form.get_by_label("Kind").select_option("Training")
    form.get_by_label("People expected").fill("12")
    form.get_by_label("Who may read it").select_option("public")
    form.get_by_label("Note for the reception").fill("Coffee, please.")
    submit(form)
    expect(said(member)).to_contain_text("Booked: Board of the year")
    expect(block(lane(member, house.birch), "Board of the year")).to_be_visible()
    block(lane(member, house.atlas), "Board of the year").click()
    shown = dialog(member)
    for words in ("Atlas", "Birch", "Manager", "Training", "12 people", "Public", "Coffee"):
        expect(shown).to_contain_text(words)


def test_a_night_belongs_to_two_days(member: Page, house: House) -> None:
    form = open_form(member, house, title="Night of the books")
    form.get_by_label("Start").select_option("18:00")
    form.get_by_label("End", exact=True).select_option("02:00")
    form.locator("summary").filter(has_text="All day").click()
    form.get_by_label("Ends on another day").fill("2027-03-12")
    submit(form)
    expect(said(member)).to_contain_text("Booked: Night of the books")
    expect(block(member, "Night of the books")).to_contain_text("18:00–Fri 12 02:00")
    open_board(member, house, day=1)
    expect(block(member, "Night of the books")).to_contain_text("Thu 11 18:00–02:00")


@pytest.mark.parametrize(
    ("offer", "room", "time"),
    [
        pytest.param("11:00–12:00", "atlas", "11:00–12:00", id="other time"),
        pytest.param("Birch", "birch", "10:00–11:00", id="other room"),
    ],
)
def test_one_tap_books_what_is_free_instead(
    member: Page, house: House, watch: Watch, offer: str, room: str, time: str
) -> None:
    watch.expected.add(409)
    form = open_form(member, house)
    house.add_booking(house.atlas, title="Chess", by=house.stranger)  # meanwhile
    submit(form)
    expect(form.get_by_role("heading", name="This time is already taken")).to_be_visible()
    expect(form.get_by_role("listitem").filter(has_text="Chess")).to_contain_text("10:00–11:00")
    expect(form).to_contain_text("Theirs")
    form.get_by_role("button", name=offer).first.click()
    expect(form).to_be_hidden()
    expect(block(lane(member, getattr(house, room)), "Reading")).to_contain_text(time)
    expect(block(lane(member, house.atlas), "Chess")).to_be_visible()


def test_clash_does_not_tell_what_is_private(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    form = open_form(member, house)
    house.add_booking(house.atlas, title="Redundancies", by=house.stranger, visibility="private")
    submit(form)
    expect(form).to_contain_text("Busy: a private booking")
    expect(form).not_to_contain_text("Redundancies")
    expect(form).not_to_contain_text("Theirs")
    member.keyboard.press("Escape")
    member.reload()
    expect(block(lane(member, house.atlas), "Busy")).to_be_visible()
    block(lane(member, house.atlas), "Busy").click()
    expect(dialog(member)).to_contain_text("A private booking")
    expect(dialog(member)).not_to_contain_text("Stranger")
    expect(member.get_by_text("Redundancies")).to_have_count(0)


def test_series_leaves_the_taken_dates_out(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    house.add_booking(house.atlas, days=(7,), title="Chess", by=house.stranger)
    house.add_booking(house.atlas, days=(21,), title="Secret", visibility="private")
    form = open_form(member, house, title="Yoga")
    fold_out(form, "Repeat")
    form.get_by_label("How often").select_option("Every week")
    form.get_by_label("a number of dates").check()
    form.get_by_label("Number of dates", exact=True).fill("5")
    submit(form)
    expect(form.get_by_role("heading", name="2 dates of the series are taken")).to_be_visible()
    expect(form.locator(".taken li").filter(has_text="Thu 18 Mar")).to_contain_text("Chess")
    expect(form.locator(".taken li").filter(has_text="Thu 1 Apr")).to_be_visible()
    form.get_by_role("button", name="Book the other 3 dates").click()
    expect(said(member)).to_contain_text("Yoga")
    for day, count in ((0, 1), (7, 0), (14, 1), (21, 0), (28, 1)):
        open_board(member, house, day=day)
        expect(block(lane(member, house.atlas), "Yoga")).to_have_count(count)


def test_series_keeps_its_taken_dates_elsewhere(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    for day in (7, 14):
        house.add_booking(house.atlas, days=(day,), title="Chess", by=house.stranger)
    form = open_form(member, house, title="Yoga")
    fold_out(form, "Repeat")
    form.get_by_label("How often").select_option("Every week")
    form.get_by_label("a number of dates").check()
    form.get_by_label("Number of dates", exact=True).fill("4")
    submit(form)
    form.get_by_label("Thu 18 Mar", exact=True).select_option("Birch")
    form.get_by_label("Thu 25 Mar", exact=True).select_option("11:00–12:00")
    form.get_by_role("button", name="Book it like this").click()
    expect(said(member)).to_contain_text("4 dates")
    open_board(member, house, day=7)
    expect(block(lane(member, house.birch), "Yoga")).to_contain_text("10:00–11:00")
    open_board(member, house, day=14)
    expect(block(lane(member, house.atlas), "Yoga")).to_contain_text("11:00–12:00")


def test_refusal_leaves_the_form_as_it_was(member: Page, house: House, watch: Watch) -> None:
    """Which parts were unfolded is kept too, and the reader is where the refusal is told."""
    watch.expected.add(409)
    house.add_booking(house.atlas, title="Chess", by=house.stranger)
    form = open_form(member, house, at="09:00", title="Yoga")
    form.get_by_label("Start", exact=True).select_option("10:00")
    fold_out(form, "Repeat")
    expect(form.locator("[data-outlook]")).to_contain_text("already taken")
    submit(form)
    refusal = form.get_by_role("region", name="This time is already taken")
    expect(refusal).to_be_focused()
    expect(form.locator("[data-outlook]")).to_be_empty()  # it said the same
    expect(form.get_by_label("How often")).to_be_visible()
    expect(form.get_by_label("What for")).to_have_value("Yoga")
    submit(form)
    expect(refusal).to_have_count(1)
    refusal.locator("button[name=take]").first.click()
    expect(said(member)).to_contain_text("Yoga")


def test_change_keeps_what_was_not_touched(member: Page, house: House) -> None:
    house.add_booking(house.atlas, title="Choir", note="Piano", attendance=7)
    open_board(member, house)
    block(member, "Choir").click()
    dialog(member).get_by_role("link", name="Change").click()
    form = dialog(member)
    expect(form.get_by_label("What for")).to_have_value("Choir")
    form.get_by_label("What for").fill("Big choir")
    form.get_by_label("Start").select_option("11:00")
    submit(form)
    expect(form).to_be_hidden()
    block(lane(member, house.atlas), "Big choir").click()
    for words in ("11:00–12:00", "Piano", "7 people"):
        expect(dialog(member)).to_contain_text(words)


def test_change_of_a_changed_booking_shows_both(member: Page, house: House, watch: Watch) -> None:
    watch.expected.add(409)
    house.add_booking(house.atlas, title="Choir")
    open_board(member, house)
    other = member.context.new_page()
    open_board(other, house)
    for page, title in ((member, "Mine"), (other, "Theirs")):
        block(page, "Choir").click()
        dialog(page).get_by_role("link", name="Change").click()
        dialog(page).get_by_label("What for").fill(title)
    submit(dialog(other))
    expect(dialog(other)).to_be_hidden()
    submit(dialog(member))
    expect(dialog(member)).to_contain_text("Somebody changed this booking in the meantime")
    row = dialog(member).get_by_role("row").filter(has_text="What for")
    expect(row).to_contain_text("Theirs")
    expect(row).to_contain_text("Mine")
    submit(dialog(member))
    expect(block(lane(member, house.atlas), "Mine")).to_be_visible()


def test_cancelled_booking_keeps_its_reason(member: Page, house: House) -> None:
    booking_id = house.add_booking(house.atlas, title="Choir")
    open_board(member, house)
    block(member, "Choir").click()
    dialog(member).get_by_role("link", name="Cancel").click()
    expect(dialog(member).get_by_label("Reason")).to_be_focused()
    dialog(member).get_by_label("Reason").fill("The conductor is ill")
    dialog(member).get_by_role("button", name="Cancel the booking").click()
    expect(said(member)).to_contain_text("Cancelled: Choir")
    expect(block(member, "Choir")).to_have_count(0)
    expect(slot(member, house.atlas, "10:00")).to_be_visible()
    member.goto(f"/bookings/{booking_id}")
    expect(member.get_by_role("main")).to_contain_text("The conductor is ill")
    expect(member.locator(".tag.is-cancelled").first).to_be_visible()


def test_duplicate_brings_all_but_the_time_along(member: Page, house: House) -> None:
    house.add_booking(house.atlas, title="Choir", note="Piano", category="training")
    open_board(member, house)
    block(member, "Choir").click()
    dialog(member).get_by_role("link", name="Duplicate").click()
    form = dialog(member)
    expect(form.get_by_label("What for")).to_have_value("Choir")
    form.get_by_label("Start").select_option("15:00")
    submit(form)
    expect(form).to_be_hidden()
    expect(block(lane(member, house.atlas), "Choir")).to_have_count(2)
    block(lane(member, house.atlas), "15:00–16:00").click()
    expect(dialog(member)).to_contain_text("Piano")
    expect(dialog(member)).to_contain_text("Training")


def test_a_date_of_a_series_is_cancelled_alone(member: Page, house: House) -> None:
    booking_id = house.add_booking(house.atlas, days=(0, 1, 2), title="Yoga")
    member.goto(f"/bookings/{booking_id}")
    dates = member.get_by_role("region", name="Dates")
    dates.get_by_role("link", name="Cancel Friday, 12 March 2027").click()
    dialog(member).get_by_role("button", name="Cancel this date").click()
    expect(dates.get_by_role("listitem").filter(has_text="Fri 12 Mar")).to_contain_text("Cancelled")
    expect(dates.get_by_role("link", name="Cancel")).to_have_count(2)


def test_typed_dialog_is_not_lost_by_a_click_beside_it(member: Page, house: House) -> None:
    form = open_form(member, house)
    member.mouse.click(5, 5)
    expect(form.get_by_label("What for")).to_have_value("Reading")
    form.get_by_role("link", name="Close").click()
    expect(form).to_be_hidden()


def test_service_that_is_gone_leaves_the_form(member: Page, house: House, watch: Watch) -> None:
    form = open_form(member, house)
    member.context.set_offline(offline=True)
    submit(form)
    expect(said(member)).to_have_text("The service does not answer. Nothing was changed.")
    expect(form.get_by_label("What for")).to_have_value("Reading")
    member.context.set_offline(offline=False)
    submit(form)
    expect(block(lane(member, house.atlas), "Reading")).to_have_count(1)


def test_series_with_days_off_and_further_dates_by_keyboard(member: Page, house: House) -> None:
    form = open_form(member, house, title="Chess")
    form.locator("summary").filter(has_text="Repeat").press("Enter")
    form.get_by_label("How often").select_option("monthly_nth")
    which = form.get_by_role("group", name="Which of the month")
    for name in ("first", "third"):
        which.get_by_label(name).press("Space")
    form.get_by_role("radio", name="a number of dates").press("Space")
    form.get_by_role("spinbutton", name="Number of dates").fill("5")
    form.get_by_label("Public holidays").press("Space")
    form.get_by_label("School holidays").select_option("school:A")
    form.get_by_label("Further date 1").fill("2027-03-12")
    form.get_by_role("button", name="Another date").press("Enter")
    second = form.get_by_label("Further date 2")
    expect(second).to_be_focused()
    second.fill("2027-07-14")  # a public holiday, and chosen all the same
    form.get_by_label("Further date 1").fill("2027-03-19")
    # Thursdays: 18 March, 1 and 15 April, 6 and 20 May; the 15th is in the school holidays
    # and the 6th is Ascension.
    expect(form).to_contain_text("All 5 dates are free.")
    expect(form).to_contain_text("2 dates are left out:")
    expect(form).to_contain_text("public holiday: Ascension")
    form.get_by_role("button", name="Book", exact=True).press("Enter")
    expect(said(member)).to_contain_text("Booked: Chess")
    expect(said(member)).to_contain_text("5 dates")


def test_further_rooms_stand_side_by_side(page: Page, house: House) -> None:
    for name in ("Loom", "Forge"):
        house.add_space(name, kind=SpaceKind.WORKSHOP)
    enter(page, house, house.member)
    page.goto("/bookings/new")
    fold_out(page, "Other rooms and equipment")
    boxes = [
        page.locator(".chip").filter(has_text=name).bounding_box() for name in ("Loom", "Forge")
    ]
    assert all(boxes)
    assert boxes[0]["y"] == boxes[1]["y"]
