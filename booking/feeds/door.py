"""The routes: a calendar behind a secret link, and the programme of a house for anybody.

The ETag is made of what the bytes depend on, before there are any: a program
that asks again for an unchanged calendar is answered after three small reads.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from booking import __version__, squeezed
from booking.actions.subscriptions import USE_NOTED_EVERY, touch_subscription
from booking.config import Config
from booking.core.calendars import may_follow
from booking.core.errors import NotFound
from booking.core.values import Actor, Door
from booking.db import db
from booking.feeds.build import build_event, build_free_busy, feed_of, monday, programme_of
from booking.feeds.permanences import build_permanences
from booking.i18n import LANGUAGES
from booking.queries import houses
from booking.queries.feed import feed_state, public_state
from booking.queries.people import actor_of
from booking.queries.programme import public_date
from booking.queries.subscriptions import SubscriptionView, subscription_of_token
from booking.secrets import hash_token
from booking.shelves import Shelf
from booking.written import Written, size_of

log = logging.getLogger("booking.feeds")
blueprint = Blueprint("feeds", __name__)
MOST_BYTES = 16 * 1024 * 1024  # of each shelf
MOST_ADDRESSES = 10_000
CALENDAR = "text/calendar; charset=utf-8"
Body: TypeAlias = bytes | Iterator[bytes]
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


@blueprint.get("/feeds/<token>.ics")
def feed(token: str) -> Response:
    """Answer the calendar behind a link, 304 where the program has it, 404 plainly."""
    session, now = db.session(), _now()
    try:
        link, reader = _link(session, token)
    except NotFound:
        return _nothing()
    state = feed_state(session, link.scope, person_id=link.person_id)
    language, base = _language(reader), _base()
    words = _tag(link.token_hash, link.detail, language, base, _rights(reader), state.names)
    etag = _tag(words, monday(now), state.revision)

    def made() -> Body:
        found = feed_of(session, link, reader, language=language, base=base, now=now)
        if found.is_long:
            return found.pieces()
        body, written = found.whole(kept.get(words))
        kept.put(words, written)
        return body

    kept = _shelves().written
    return _private(_answer(etag, made, now=now), link, now)


@blueprint.get("/feeds/<token>.ifb")
def free_busy(token: str) -> Response:
    """Answer when it is busy behind a link, and nothing else: whatever its reader may see."""
    session, now = db.session(), _now()
    try:
        link, _reader = _link(session, token)
    except NotFound:
        return _nothing()
    state = feed_state(session, link.scope, person_id=link.person_id)
    etag = _tag("busy", link.token_hash, monday(now), state.revision)
    answer = _answer(
        etag, lambda: build_free_busy(session, link, now=now), now=now, name="busy.ifb"
    )
    return _private(answer, link, now)


def _link(session: Session, token: str) -> tuple[SubscriptionView, Actor]:
    """Return the link with this token, and who reads by it.

    Raises:
        NotFound: If there is none, or none any more.
    """
    if not _TOKEN.fullmatch(token):
        raise NotFound("subscription")
    link = subscription_of_token(session, hash_token(token))
    reader = actor_of(session, link.person_id, Door.WEB)
    if not may_follow(reader, link.scope):  # any more
        raise NotFound("subscription")
    return link, reader


def _private(response: Response, link: SubscriptionView, now: datetime) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    _note_use(link, now)
    return response


def _nothing() -> Response:
    return Response("There is no calendar at this address.\n", 404, mimetype="text/plain")


@blueprint.get("/programme.ics")
@blueprint.get("/programme/<slug>.ics")
def programme(slug: str = "") -> Response:
    """Answer what is public in a house (the first one without a name), 304 where it is known."""

    def made(*args: Any, **named: Any) -> Body:
        found = programme_of(*args, **named)
        return found.pieces() if found.is_long else found.whole()[0]

    return _public(slug, "programme", made)


@blueprint.get("/permanences.ics")
@blueprint.get("/permanences/<slug>.ics")
def permanences(slug: str = "") -> Response:
    """Answer who receives in a house (the first one without a name), 304 where it is known."""
    return _public(slug, "permanences", build_permanences)


def _public(slug: str, name: str, build_it: Callable[..., Body]) -> Response:
    session, now = db.session(), _now()
    shown = (
        each for each in houses.sites(session) if each.policy.programme and not each.is_archived
    )
    site = next((each for each in shown if slug in ("", each.slug)), None)
    if site is None:
        return _nothing()
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else _config().ui.default_language
    state = public_state(session, site.id)
    etag = _tag(name, site.id, language, _base(), monday(now), state)
    response = _answer(
        etag,
        lambda: build_it(session, site, language=language, base=_base(), now=now),
        now=now,
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/programme/events/<int(max=2147483647):occurrence_id>.ics")
def programme_event(occurrence_id: int) -> Response:
    """Answer one date of the programme as a file."""
    session = db.session()
    views = public_date(session, occurrence_id)
    sites = (each for each in houses.sites(session) if views and each.id == views[0].site_id)
    site = next((each for each in sites if each.policy.programme and not each.is_archived), None)
    if site is None:
        return _nothing()
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else _config().ui.default_language
    body = build_event(session, occurrence_id, site, language=language, base=_base())
    response = Response(body, content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="event.ics"'
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


def _tag(*depends_on: object) -> str:
    """Return a tag of all that something depends on, the program among it."""
    return hashlib.sha256(repr((__version__, *depends_on)).encode()).hexdigest()[:32]


def _rights(reader: Actor) -> object:
    return (
        sorted(map(repr, reader.grants)),
        sorted(reader.organisations),
        sorted(reader.manages),
    )


def _language(reader: Actor) -> str:
    return reader.locale or _config().ui.default_language


def _answer(
    etag: str, made: Callable[[], Body], *, now: datetime, name: str = "bookings.ics"
) -> Response:
    """Answer 304 where the program has it, else the bytes made for this tag, now or before.

    Nothing is made for HEAD.  What comes in pieces is sent as it comes, and not kept.
    ``now`` is from before anything was read.
    """
    changed_at = _changed_at(etag)
    if _is_known(etag, changed_at):
        response = Response(status=304)
        response.set_etag(etag)
    else:
        shelf = _shelves().feeds
        packed = shelf.get(etag)
        body: Body = iter(()) if packed or request.method == "HEAD" else made()
        if isinstance(body, bytes):
            packed = squeezed.squeeze(body)
            shelf.put(etag, packed)
        response = squeezed.answer(packed or body, CALENDAR, etag)
        response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    if changed_at <= now:
        response.last_modified = changed_at
    return response


def _changed_at(etag: str) -> datetime:
    """Return the first whole second since which this process knows this version at this address.

    It is told once it has come, in answers begun since: whatever changes after such an
    answer is noted in a later second.  So the date is as good as a tag (RFC 9110 §8.8.2.2).
    """
    shelf = _shelves().changes
    known = shelf.get(request.url)
    if known is None or known[0] != etag:
        known = etag, _now().replace(microsecond=0) + timedelta(seconds=1)
        shelf.put(request.url, known)
    return known[1]


def _is_known(etag: str, changed_at: datetime) -> bool:
    """Whether the program has this version, by its tag or, where it names none, by its date."""
    if request.if_none_match:
        return squeezed.is_known(etag)
    since = request.if_modified_since
    return since is not None and changed_at <= since


class _Shelves:
    """Feeds as they were sent, and what is written in them: kept for the next program that asks."""

    def __init__(self) -> None:
        self.feeds: Shelf[bytes] = Shelf(MOST_BYTES, len)
        self.changes: Shelf[tuple[str, datetime]] = Shelf(MOST_ADDRESSES)
        self.written: Shelf[Written] = Shelf(MOST_BYTES, size_of)


def _shelves() -> _Shelves:
    shelves: _Shelves = current_app.extensions.setdefault("booking.feeds", _Shelves())
    return shelves


def _note_use(link: SubscriptionView, now: datetime) -> None:
    """Keep the time of the last use, once an hour; a calendar is worth more than that."""
    if link.last_used_at is not None and now - link.last_used_at < USE_NOTED_EVERY:
        return
    try:
        touch_subscription(link.id, now=now)
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("the last use of a calendar link was not stored", extra={"reason": str(error)})
