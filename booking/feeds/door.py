"""The routes: a calendar behind a secret link, and the programme of a house for anybody.

The ETag is made of what the bytes depend on, before there are any: a program
that asks again for an unchanged calendar is answered after four small reads.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from booking import __version__, squeezed
from booking.actions.subscriptions import USE_NOTED_EVERY, touch_subscription
from booking.config import Config
from booking.core.errors import NotFound
from booking.core.values import Actor, Door
from booking.db import db
from booking.feeds.build import build, build_programme, monday
from booking.feeds.shelf import Shelf
from booking.i18n import LANGUAGES
from booking.queries import houses
from booking.queries.feed import feed_state, public_state
from booking.queries.people import actor_of
from booking.queries.subscriptions import SubscriptionView, subscription_of_token
from booking.secrets import hash_token

log = logging.getLogger("booking.feeds")
blueprint = Blueprint("feeds", __name__)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


@blueprint.get("/feeds/<token>.ics")
def feed(token: str) -> Response:
    """Answer the calendar behind a link, 304 where the program has it, 404 plainly."""
    session, now = db.session(), _now()
    try:
        if not _TOKEN.fullmatch(token):
            raise NotFound("subscription")
        link = subscription_of_token(session, hash_token(token))
        reader = actor_of(session, link.person_id, Door.WEB)
    except NotFound:
        return Response("There is no calendar at this address.\n", 404, mimetype="text/plain")
    etag = _etag(session, link, reader, now=now)
    if squeezed.is_known(etag):
        response = Response(status=304)
        response.set_etag(etag)
    else:
        response = _calendar(session, link, reader, etag=etag, now=now)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    _note_use(link, now)
    return response


@blueprint.get("/programme.ics")
@blueprint.get("/programme/<slug>.ics")
def programme(slug: str = "") -> Response:
    """Answer what is public in a house (the first one without a name), 304 where it is known."""
    session, now = db.session(), _now()
    shown = (each for each in houses.sites(session) if each.policy.programme)
    site = next((each for each in shown if slug in ("", each.slug)), None)
    if site is None:
        return Response("There is no calendar at this address.\n", 404, mimetype="text/plain")
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else _config().ui.default_language
    state = public_state(session, site.id)
    depends_on = (__version__, "programme", site.id, language, _base(), monday(now), state)
    etag = hashlib.sha256(repr(depends_on).encode()).hexdigest()[:32]
    if squeezed.is_known(etag):
        response = Response(status=304)
        response.set_etag(etag)
    else:
        response = _kept(
            etag,
            lambda: build_programme(session, site, language=language, base=_base(), now=now),
            now=now,
        )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _now() -> datetime:
    moment: datetime = current_app.extensions["booking"]["clock"]()
    return moment


def _config() -> Config:
    config: Config = current_app.extensions["booking"]["config"]
    return config


def _base() -> str:
    """Return the address of the service as its users know it, without a slash at its end."""
    return (_config().server.public_url or request.host_url).rstrip("/")


def _etag(session: Session, link: SubscriptionView, reader: Actor, *, now: datetime) -> str:
    """Return a tag of all that the bytes depend on: bookings, names, reader, week, program."""
    rights = (
        sorted(map(repr, reader.grants)),
        sorted(reader.organisations),
        sorted(reader.manages),
    )
    depends_on = (
        __version__,
        link.token_hash,
        link.detail,
        _language(reader),
        _base(),
        rights,
        monday(now),
        feed_state(session, person_id=link.person_id, space_id=link.space_id),
    )
    return hashlib.sha256(repr(depends_on).encode()).hexdigest()[:32]


def _language(reader: Actor) -> str:
    return reader.locale or _config().ui.default_language


def _calendar(
    session: Session, link: SubscriptionView, reader: Actor, *, etag: str, now: datetime
) -> Response:
    def made() -> bytes:
        return build(session, link, reader, language=_language(reader), base=_base(), now=now)

    return _kept(etag, made, now=now)


def _kept(etag: str, made: Callable[[], bytes], *, now: datetime) -> Response:
    """Answer with the bytes that were made for this tag before, else make them."""
    shelf: Shelf = current_app.extensions.setdefault("booking.feeds", Shelf())
    kept = shelf.get(etag)
    if kept is None:
        kept = squeezed.squeeze(made()), now
        shelf.put(etag, *kept)
    packed, built_at = kept
    response = squeezed.answer(packed, "text/calendar; charset=utf-8", etag)
    response.last_modified = built_at
    response.headers["Content-Disposition"] = 'inline; filename="bookings.ics"'
    return response


def _note_use(link: SubscriptionView, now: datetime) -> None:
    """Keep the time of the last use, once an hour; a calendar is worth more than that."""
    if link.last_used_at is not None and now - link.last_used_at < USE_NOTED_EVERY:
        return
    try:
        touch_subscription(link.id, now=now)
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("the last use of a calendar link was not stored", extra={"reason": str(error)})
