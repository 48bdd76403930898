"""A page with one button: yes, this mail that asks for a room is from me.

Looking decides nothing: programs that look into mails follow every link in them.
"""

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response

from booking.actions.mail_requests import confirm_request
from booking.asked_by_mail import asked_by_link
from booking.core.errors import InvalidRequest, NotFound
from booking.core.mail_in import Standing
from booking.core.mail_requests import VALID, MailRequest
from booking.db import db
from booking.i18n import LANGUAGES
from booking.ical.reading import read_one
from booking.queries import houses
from booking.queries.mail_requests import mail_request, rooms_of_mail
from booking.web.bookings.words import span_words
from booking.web.context import config, now

blueprint = Blueprint("asked_by_mail", __name__, url_prefix="/asked-by-mail")


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """Show what the mail asks for; nothing happens by looking at it."""
    asked = _asked(token)
    with force_locale(_language(asked)):
        return _page(asked, token)


@blueprint.post("/<token>")
def confirm(token: str) -> Response:
    """Let it be booked."""
    asked = _asked(token)
    confirm_request(asked.id, now=now())
    return redirect(url_for(".show", token=token), 303)


def _asked(token: str) -> MailRequest:
    """Return what a link stands for.

    Raises:
        NotFound: If it is none of ours, or was asked too long ago.
    """
    received_id = asked_by_link(token, config().signing_key())
    found = mail_request(db.session(), received_id) if received_id is not None else None
    if found is None or now() - found.at >= VALID:
        raise NotFound("answer_link")
    return found


def _language(asked: MailRequest) -> str:
    return asked.locale if asked.locale in LANGUAGES else config().ui.default_language


def _page(asked: MailRequest, token: str) -> Response:
    asked_for = rooms_of_mail(db.session(), asked.id)
    spaces = houses.spaces_by_id(db.session(), asked_for)
    site = houses.site(db.session(), spaces[asked.space_id].site_id)
    title = when = ""
    try:
        event = read_one(asked.content, zone=site.zone)
    except InvalidRequest:  # the answer will say so
        event = None
    if event is not None:
        title, when = event.title, span_words(event.start, event.end, all_day=event.all_day)
    page = make_response(
        render_template(
            "asked_by_mail.html",
            asked=asked,
            asks=asked.state == Standing.ASKS,
            token=token,
            spaces=[spaces[each] for each in asked_for],
            site=site,
            title=title,
            when=when,
            is_series=event is not None and event.is_series,
        )
    )
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page
