"""The people of the house: list, invitations, roles and memberships."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import accounts
from booking.actions.accounts import InvitationRequest
from booking.core.errors import InvalidRequest, NotAllowed, NotFound
from booking.core.permissions import may_administer
from booking.core.values import Actor, Grant, Role
from booking.db import db
from booking.i18n import ROLES
from booking.queries import houses
from booking.queries import people as reads
from booking.queries.people import HeldRole, PersonView
from booking.web.context import actor, config, now, signed_in, sites
from booking.web.dates import dateformat
from booking.web.errors import status_of
from booking.web.numbers import is_id, page_number
from booking.web.spoken import by_field

blueprint = Blueprint("people", __name__)

PAGE_SIZE = 50
PERSON = "/people/<int(max=2147483647):person_id>"


@blueprint.get("/people")
@signed_in
def index() -> str:
    """List people: everybody for admins, the own organisations' for managers."""
    scope = _scope(actor())
    page = page_number()
    search = "".join(filter(str.isprintable, request.args.get("q", "")))[:100].strip()
    found = reads.people(
        db.session(),
        organisation_ids=scope,
        search=search,
        limit=PAGE_SIZE + 1,
        offset=(page - 1) * PAGE_SIZE,
    )
    return render_template(
        "people/index.html",
        people=found[:PAGE_SIZE],
        invitations=reads.open_invitations(db.session(), now=now(), organisation_ids=scope)
        if page == 1 and not search
        else [],
        page=page,
        has_more=len(found) > PAGE_SIZE,
        search=search,
        may_invite=_may_invite_somewhere(actor()),
        role_words=role_words,
        day=_day,
    )


@blueprint.get("/people/invite")
@signed_in
def invite() -> Response:
    """Show the form of an invitation."""
    _scope(actor())
    organisation = request.args.get("organisation", "")
    return _invite_page(
        InvitationRequest(
            email="", organisation_id=int(organisation) if is_id(organisation) else None
        )
    )


@blueprint.post("/people/invite")
@signed_in
def invite_post() -> Response:
    """Make an invitation and show its link, this once."""
    asking = actor()
    try:
        wanted = _read_invitation()
        by_mail = request.form.get("send") == "mail" and bool(config().mail.smtp_host)
        token = accounts.invite(wanted, asking, now=now(), lifetime=_lifetime(), by_mail=by_mail)
    except InvalidRequest as error:
        return _invite_page(_typed(), error=error)
    if by_mail:
        flash(_("The invitation goes to %(email)s by mail.", email=wanted.email))
        return redirect(url_for(".index"), 303)
    return _link_page(_("Invitation for %(email)s", email=wanted.email), token)


@blueprint.post("/people/invitations/<int(max=2147483647):invitation_id>/withdraw")
@signed_in
def withdraw(invitation_id: int) -> Response:
    """Make an invitation void."""
    accounts.withdraw_invitation(invitation_id, actor(), now=now())
    flash(_("The invitation is withdrawn. Its link does not work any more."))
    return redirect(url_for(".index"), 303)


@blueprint.get(PERSON)
@signed_in
def person(person_id: int) -> str:
    """Show one person with what the viewer may do about it."""
    asking = actor()
    found = _visible(person_id, asking)
    is_admin = may_administer(asking)
    names = houses.organisation_names(db.session()) if is_admin else {}
    return render_template(
        "people/person.html",
        person=found,
        is_self=person_id == asking.person_id,
        is_admin=is_admin,
        manages=asking.manages,
        role_words=role_words,
        other_organisations=[
            (key, name)
            for key, name in names.items()
            if key not in {held.scope_id for held in found.organisations}
        ],
        grant_options=_grant_options() if is_admin else [],
        grant_key=grant_key,
    )


@blueprint.post(f"{PERSON}/membership")
@signed_in
def membership(person_id: int) -> Response:
    """Put the person into an organisation, take it out, or change its role there."""
    form = request.form
    _visible(person_id, actor())
    organisation_id = _id(form.get("organisation", ""), "organisation")
    if form.get("what") == "end":
        accounts.end_membership(person_id, organisation_id, actor=actor(), now=now())
    else:
        accounts.set_membership(
            person_id,
            organisation_id,
            is_manager=form.get("what") == "manager",
            actor=actor(),
            now=now(),
        )
    flash(_("Saved."))
    # A manager who lets somebody go may not see the person afterwards.
    gone = form.get("what") == "end" and not may_administer(actor())
    return redirect(url_for(".index") if gone else url_for(".person", person_id=person_id), 303)


@blueprint.post(f"{PERSON}/role")
@signed_in
def role(person_id: int) -> Response:
    """Give a role, or take it back."""
    grant = read_grant(request.form.get("role", ""))
    if grant is None:
        raise InvalidRequest.because("role_invalid", "role")
    change = accounts.revoke_role if request.form.get("what") == "revoke" else accounts.grant_role
    change(person_id, grant, actor=actor(), now=now())
    flash(_("Saved."))
    return redirect(url_for(".person", person_id=person_id), 303)


@blueprint.post(f"{PERSON}/reset")
@signed_in
def reset(person_id: int) -> Response:
    """Make a link to choose a new password and show it, this once."""
    token = accounts.reset_link(person_id, actor(), now=now(), lifetime=_lifetime())
    found = reads.person(db.session(), person_id)
    return _link_page(_("New password for %(name)s", name=found.name), token)


@blueprint.post(f"{PERSON}/archive")
@signed_in
def archive(person_id: int) -> Response:
    """Close an account."""
    found = reads.person(db.session(), person_id)
    accounts.archive_person(person_id, actor(), now=now())
    flash(_("The account of %(name)s is closed.", name=found.name))
    return redirect(url_for(".index"), 303)


def role_words(held: HeldRole) -> str:
    """Return a role with its scope, such as "Approver, Salle Isère"."""
    name = str(ROLES[held.role.value])
    if held.scope == "site" and len(sites()) < 2:  # a single house never sees the word
        return name
    return f"{name}, {held.scope_name}" if held.scope_name else name


def grant_key(held: HeldRole) -> str:
    """Return a grant as forms carry it: ``approver``, ``approver:site:1``, ``approver:space:7``."""
    scope = "" if held.scope == "all" else f":{held.scope}:{held.scope_id}"
    return f"{held.role.value}{scope}"


def read_grant(key: str) -> Grant | None:
    """Return the grant behind a form's value, None for the empty one.

    Raises:
        InvalidRequest: It is none.
    """
    if not key:
        return None
    name, _colon, scope = key.partition(":")
    if name not in (Role.APPROVER, Role.ADMIN):
        raise InvalidRequest.because("role_invalid", "role")
    if not scope:
        return Grant(Role(name))
    kind, _colon, number = scope.partition(":")
    if kind not in ("site", "space") or not is_id(number):
        raise InvalidRequest.because("role_invalid", "role")
    return Grant(Role(name), **{f"{kind}_id": int(number)})


def _scope(asking: Actor) -> Collection[int] | None:
    """Return the organisations whose people the actor may list; None means everybody."""
    if asking.role is Role.ADMIN:
        return None
    if not asking.manages:
        raise NotAllowed.because("managers_only")
    return asking.manages


def _visible(person_id: int, asking: Actor) -> PersonView:
    """Return a person of the actor's scope; anybody else is not found."""
    scope = _scope(asking)
    found = reads.person(db.session(), person_id)
    held = {each.scope_id for each in found.organisations}
    if found.archived or (scope is not None and not held & set(scope)):
        raise NotFound("person", person_id)
    if scope is None:
        return found
    # What somebody is elsewhere is none of a manager's business, as in the list.
    return replace(
        found, roles=tuple(each for each in found.organisations if each.scope_id in scope)
    )


def _may_invite_somewhere(asking: Actor) -> bool:
    return may_administer(asking) or bool(asking.manages)


def _read_invitation() -> InvitationRequest:
    typed = _typed()
    grant = read_grant(request.form.get("role", ""))
    organisation = request.form.get("organisation", "")
    return InvitationRequest(
        email=typed.email,
        name=typed.name,
        organisation_id=_id(organisation, "organisation") if organisation else None,
        is_manager=typed.is_manager,
        grants=() if grant is None else (grant,),
    )


def _typed() -> InvitationRequest:
    """Return what was typed, for the form to show again."""
    form = request.form
    organisation = form.get("organisation", "")
    return InvitationRequest(
        email=form.get("email", ""),
        name=form.get("name", ""),
        organisation_id=int(organisation) if is_id(organisation) else None,
        is_manager=form.get("is_manager") == "1",
    )


def _invite_page(typed: InvitationRequest, *, error: InvalidRequest | None = None) -> Response:
    asking = actor()
    is_admin = may_administer(asking)
    names = houses.organisation_names(db.session(), None if is_admin else asking.manages)
    options = [(str(key), name) for key, name in names.items()]
    if is_admin:
        options.insert(0, ("", _("No organisation")))
    answer = make_response(
        render_template(
            "people/invite.html",
            typed=typed,
            role=request.form.get("role", ""),
            organisation_options=options,
            grant_options=[("", _("No further role")), *_grant_options()] if is_admin else [],
            sends_mails=bool(config().mail.smtp_host),
            errors=by_field(error) if error else {},
        )
    )
    if error is not None:
        answer.status_code = status_of(error)
    return answer


def _grant_options() -> list[tuple[str, str]]:
    """Return (value, label) of all roles that can be granted."""
    approver, admin = str(ROLES["approver"]), str(ROLES["admin"])
    several = len(sites()) > 1
    options = [("approver", _("Approver of all rooms"))]
    if several:
        options += [(f"approver:site:{site.id}", f"{approver}, {site.name}") for site in sites()]
    options += [
        (f"approver:space:{space.id}", f"{approver}, {space.name}")
        for space in houses.spaces(db.session())
        if space.bookable
    ]
    if several:
        options += [(f"admin:site:{site.id}", f"{admin}, {site.name}") for site in sites()]
    return [*options, ("admin", admin)]


def _link_page(title: str, token: str) -> Response:
    home = config().server.public_url.rstrip("/") or request.host_url.rstrip("/")
    link = home + url_for("account.invitation", token=token)
    until = dateformat(_local(now() + _lifetime()), "long")
    return make_response(render_template("people/link.html", title=title, link=link, until=until))


def _lifetime() -> timedelta:
    return timedelta(days=config().security.invitation_days)


def _id(text: str, kind: str) -> int:
    if not is_id(text):
        raise NotFound(kind, text)
    return int(text)


def _day(moment: datetime) -> str:
    return dateformat(_local(moment), "medium")


def _local(moment: datetime) -> date:
    zone = next((site.zone for site in sites()), "UTC")
    return moment.astimezone(ZoneInfo(zone)).date()
