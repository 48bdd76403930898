"""May this actor do this verb to that?  Pure, asked by the actions, never by a door alone."""

from typing import Protocol

from booking.core.values import Actor, Role


class Owned(Protocol):
    """What ownership is read from: booking views, occurrence views."""

    @property
    def site_id(self) -> int: ...
    @property
    def organiser_id(self) -> int | None: ...
    @property
    def created_by_id(self) -> int | None: ...
    @property
    def organisation_id(self) -> int | None: ...


def may_administer(actor: Actor, site_id: int | None = None) -> bool:
    """Whether the actor runs this site (None: the whole installation)."""
    if actor.operator:
        return True
    return any(
        grant.role is Role.ADMIN and grant.site_id in (None, site_id) for grant in actor.grants
    )


def may_approve(actor: Actor, *, space_id: int, site_id: int) -> bool:
    """Whether the actor decides requests for this space; admins of its site do."""
    if may_administer(actor, site_id):
        return True
    return any(
        grant.role is Role.APPROVER
        and grant.space_id in (None, space_id)
        and grant.site_id in (None, site_id)
        for grant in actor.grants
    )


def may_approve_any(actor: Actor) -> bool:
    """Whether the actor decides requests for at least one space."""
    return actor.operator or any(
        grant.role in (Role.APPROVER, Role.ADMIN) for grant in actor.grants
    )


def is_own(actor: Actor, booking: Owned) -> bool:
    """Whether the actor organises or made the booking."""
    return actor.person_id is not None and actor.person_id in (
        booking.organiser_id,
        booking.created_by_id,
    )


def may_change(actor: Actor, booking: Owned) -> bool:
    """Whether the actor may edit, move or cancel the booking."""
    return (
        is_own(actor, booking)
        or (booking.organisation_id is not None and booking.organisation_id in actor.manages)
        or may_administer(actor, booking.site_id)
    )


def may_book_for(actor: Actor, organisation_id: int | None, *, site_id: int) -> bool:
    """Whether the actor may book in the name of this organisation (None: of none)."""
    return (
        organisation_id is None
        or organisation_id in actor.organisations
        or may_administer(actor, site_id)
    )


def may_keep_permanence(actor: Actor, organisation_id: int | None, *, site_id: int) -> bool:
    """Whether the actor may make and change permanences of this organisation."""
    return organisation_id in actor.manages or may_administer(actor, site_id)


def may_receive(actor: Actor, permanence: Owned) -> bool:
    """Whether the actor says who receives today: anybody of the organisation does."""
    return permanence.organisation_id in actor.organisations or may_change(actor, permanence)


def may_invite(actor: Actor, organisation_id: int | None) -> bool:
    """Whether the actor may invite people; managers only into what they manage."""
    return may_administer(actor) or (
        organisation_id is not None and organisation_id in actor.manages
    )
