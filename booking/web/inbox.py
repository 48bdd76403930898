"""The inbox: what the house told the person who looks."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking.actions.notices import mark_read
from booking.core import connections
from booking.db import db
from booking.i18n import sentence
from booking.queries.notices import NoticeView, notices
from booking.web.context import actor, now, signed_in, sites
from booking.web.dates import moment
from booking.web.numbers import is_id, page_number

blueprint = Blueprint("inbox", __name__)

PAGE_SIZE = 30
# What is about the waiting list, and no booking yet.
OF_LEASES = ("notice_lease_ends", "notice_lease_decide")
OF_THE_LIST = ("notice_slot_offered", "notice_offer_over", "notice_waiting_over")

# What asks something leads to the page with its answers.
QUESTIONS = {
    "notice_no_shows": "bookings.needed",
    "notice_season_asked": "bookings.season",
    "notice_season_warned": "bookings.season",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the page shows it; ``when`` is of the house's clock."""

    id: int
    text: str
    when: str
    href: str
    read: bool


@blueprint.get("/inbox")
@signed_in
def index() -> str:
    """Show a page of messages, the newest first."""
    page = page_number()
    found = notices(
        db.session(),
        actor().person_id or 0,
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
    )
    zone = next((site.zone for site in sites()), "UTC")
    return render_template(
        "inbox/index.html",
        lines=[_line(each, ZoneInfo(zone)) for each in found[:PAGE_SIZE]],
        page=page,
        has_more=len(found) > PAGE_SIZE,
    )


@blueprint.post("/inbox/read")
@signed_in
def read() -> Response:
    """Mark one message, or without ``id`` all, as read."""
    asked = request.form.get("id", "")
    mark_read(actor(), now=now(), ids=[int(asked)] if is_id(asked) else None)
    page = request.form.get("page", "")
    return redirect(url_for(".index", page=page if is_id(page) else None), 303)


def _line(notice: NoticeView, zone: ZoneInfo) -> Line:
    return Line(
        id=notice.id,
        text=sentence(notice.message),
        when=moment(notice.at.astimezone(zone).replace(tzinfo=None)),
        href=_href(notice),
        read=notice.read,
    )


def _href(notice: NoticeView) -> str:
    """Return where a message leads, "" if nowhere."""
    if notice.booking_id is not None and notice.message.code in QUESTIONS:
        return url_for(QUESTIONS[notice.message.code], booking_id=notice.booking_id)
    if notice.booking_id is not None:
        return url_for("bookings.show", booking_id=notice.booking_id)
    if notice.message.code in OF_LEASES:
        return url_for("leases.ours")
    if notice.message.code == "notice_app_password":
        return url_for("devices.index")
    if notice.message.code in connections.NOTICES:
        return url_for("connections.index")
    return url_for("waiting.index") if notice.message.code in OF_THE_LIST else ""
