"""Secret links to feeds: made, revoked, marked as used."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from booking import secrets
from booking.actions import record
from booking.actions.accounts.texts import clean_name
from booking.core.calendars import MINE, Filter, Scope, may_follow
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_administer
from booking.core.values import Actor
from booking.db import transact
from booking.models import Floor, Organisation, Person, Site, Space, Subscription
from booking.queries.categories import is_offered

MOST_LINKS = 50  # of one person; whoever needs more has lost the others
MOST_NAMED = 300  # of each kind of condition of a filter
USE_NOTED_EVERY = timedelta(hours=1)
DETAILS = ("full", "busy")


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """A link to make, to the bookings of ``scope``.

    ``person_id`` None means the actor's own link; ``detail`` is ``full`` (as
    the person may see it) or ``busy``.
    """

    name: str
    scope: Scope = MINE
    detail: str = "full"
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """A link that was just made: its id, and the secret that is never shown again."""

    id: int
    token: str

    @property
    def path(self) -> str:
        """The path of the feed, from the root of the service."""
        return f"/feeds/{self.token}.ics"


def create_subscription(
    request: SubscriptionRequest, actor: Actor, *, now: datetime
) -> NewSubscription:
    """Make a link for the actor, or (admins and the operator) for another person.

    Raises:
        InvalidRequest: ``name_missing``, ``name_too_long``, ``text_unprintable``,
            ``space_unknown``, ``choice_invalid`` or ``detail_unknown``, each of its field.
        NotAllowed: ``admins_only``, ``follow_own_organisations``, or ``too_many_links`` where
            a person has enough.
        NotFound: If there is no such person, or an archived one.
    """
    name = clean_name(request.name)
    if request.detail not in DETAILS:
        raise InvalidRequest.because("detail_unknown", "detail")
    person_id = actor.person_id if request.person_id is None else request.person_id
    if person_id is None or (person_id != actor.person_id and not may_administer(actor)):
        raise NotAllowed.because("admins_only")
    token = secrets.new_token()

    def work(session: Session) -> int:
        _check_person(session, person_id)
        _check_scope(session, request.scope, actor)
        row = {
            "token_hash": secrets.hash_token(token),
            "person_id": person_id,
            "detail": request.detail,
            "name": name,
            "created_at": now,
            **_columns(request.scope),
        }
        made = insert(Subscription).values(row).returning(Subscription.id)
        link_id = session.execute(made).scalar_one()
        new = {key: row[key] for key in ("person_id", "detail", "name")}
        new |= {key: value for key, value in _columns(request.scope).items() if value}
        entity = ("subscription", link_id)
        record.audit(session, actor, "create_subscription", entity, now=now, new=new)
        return link_id

    return NewSubscription(transact(work), token)


def _columns(scope: Scope) -> dict[str, Any]:
    """Return the columns that a scope decides."""
    return asdict(replace(scope, only=None)) | {
        "only": None if scope.only is None else scope.only.to_json()
    }


def revoke_subscription(subscription_id: int, actor: Actor, *, now: datetime) -> None:
    """End a link: its address answers 404 from now on.  A revoked one stays revoked.

    Raises:
        NotFound: If there is no such link, or it is not the actor's; admins
            and the operator may revoke all.
    """

    def work(session: Session) -> None:
        owner_id = session.execute(
            select(Subscription.person_id).where(Subscription.id == subscription_id)
        ).scalar()
        if owner_id is None or (owner_id != actor.person_id and not may_administer(actor)):
            raise NotFound("subscription", subscription_id)
        ended = session.execute(
            update(Subscription)
            .where(Subscription.id == subscription_id, Subscription.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(Subscription.id)
        ).scalar()
        if ended is not None:
            entity = ("subscription", subscription_id)
            record.audit(session, actor, "revoke_subscription", entity, now=now)

    transact(work)


def touch_subscription(subscription_id: int, *, now: datetime) -> None:
    """Write down that a link was used; does nothing within an hour of the last time."""
    stale = or_(
        Subscription.last_used_at.is_(None), Subscription.last_used_at <= now - USE_NOTED_EVERY
    )
    note = (
        update(Subscription)
        .where(Subscription.id == subscription_id, stale)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
    transact(lambda session: session.execute(note))


def _check_person(session: Session, person_id: int) -> None:
    # Locked, so that two forms sent at once cannot both make the last link.
    found = session.execute(
        select(Person.archived_at).where(Person.id == person_id).with_for_update(key_share=True)
    ).first()
    if found is None or found.archived_at is not None:
        raise NotFound("person", person_id)
    links = session.execute(
        select(func.count()).where(
            Subscription.person_id == person_id, Subscription.revoked_at.is_(None)
        )
    ).scalar_one()
    if links >= MOST_LINKS:
        raise NotAllowed.because("too_many_links", limit=MOST_LINKS)


def _check_scope(session: Session, scope: Scope, actor: Actor) -> None:
    if not may_follow(actor, scope):
        raise NotAllowed.because("follow_own_organisations")
    for row, id_ in ((Space, scope.space_id), (Site, scope.site_id)):
        if id_ is not None:
            known = select(row.id).where(row.id == id_, row.archived_at.is_(None))
            if session.scalar(known) is None:
                raise InvalidRequest.because("space_unknown", "scope")
    unknown = scope.floor_id is not None and session.get(Floor, scope.floor_id) is None
    unknown = unknown or (
        scope.organisation_id is not None
        and session.get(Organisation, scope.organisation_id) is None
    )
    if unknown:
        raise InvalidRequest.because("choice_invalid", "scope")
    if scope.category is not None and not is_offered(session, scope.category):
        raise InvalidRequest.because("choice_invalid", "category")
    if scope.only is not None:
        _check_filter(session, scope.only)


def _check_filter(session: Session, only: Filter) -> None:
    named: tuple[tuple[Any, tuple[int, ...], str], ...] = (
        (Space, only.space_ids, "space"),
        (Floor, only.floor_ids, "floor"),
        (Organisation, only.organisation_ids, "organisation"),
    )
    for row, ids, field in named:
        if len(ids) > MOST_NAMED:
            raise InvalidRequest.because("filter_too_long", field, most=MOST_NAMED)
        if ids and set(session.scalars(select(row.id).where(row.id.in_(ids)))) != set(ids):
            raise InvalidRequest.because("choice_invalid", field)
    if not all(is_offered(session, each) for each in only.categories[:MOST_NAMED]):
        raise InvalidRequest.because("choice_invalid", "category")
