"""What each kind of job does, and the work that comes round by itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from booking import imports, inbox, mail, sources
from booking.actions import (
    checkins,
    expiry,
    invitees,
    leases,
    mail_requests,
    received,
    reminders,
    renewals,
    serving,
    wants,
)
from booking.actions.accounts.invitations import LINK_JOB
from booking.actions.bookings.extend import extend_series
from booking.actions.bookings.retime import retime
from booking.actions.connections import GIVE_BACK, forget_drafts, forget_sign_ins
from booking.actions.forgetting import forget_busy_times, forget_changes
from booking.actions.imports import forget_old
from booking.actions.sheets import WORK as SHEETS
from booking.actions.sheets import forget_sheets
from booking.actions.sources import WORK, plan_sources
from booking.config import Config
from booking.core.errors import NotFound
from booking.jobs.runner import Handler, Periodic, Permanent
from booking.net import Guard
from booking.vault import Vault


def _mail(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    try:
        mail.deliver(int(payload["notice"]), config, now=now)
    except mail.Refused as error:
        raise Permanent(str(error)) from error


def _link(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    try:
        mail.deliver_link(int(payload["invitation"]), config, now=now)
    except mail.Refused as error:
        raise Permanent(str(error)) from error


def _invite(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    dates = tuple(map(datetime.fromisoformat, str(payload.get("gone", "")).split()))
    news = mail.News(int(payload.get("version", 0)), dates)
    mail.deliver_invitation(int(payload["invitee"]), config, news=news, now=now)


def _ask_sender(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    try:
        mail.deliver_question(int(payload["received"]), config, now=now)
    except mail.Refused as error:
        raise Permanent(str(error)) from error


def _answer_for_room(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    try:
        mail.deliver_room_answer(int(payload["received"]), config, now=now)
    except mail.Refused as error:
        raise Permanent(str(error)) from error


def _book_by_mail(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    inbox.book_one(int(payload["received"]), config, now=now)


def _mail_in(_payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    inbox.read_mailbox(config, now=now)


def _forget_mails(_payload: Mapping[str, Any], now: datetime) -> None:
    received.forget_mails(now=now)


def _remind(_payload: Mapping[str, Any], now: datetime) -> None:
    reminders.remind(now=now)


def _expire(_payload: Mapping[str, Any], now: datetime) -> None:
    expiry.expire_requests(now=now)


def _remind_approvers(_payload: Mapping[str, Any], now: datetime) -> None:
    expiry.remind_approvers(now=now)


def _retime(_payload: Mapping[str, Any], now: datetime) -> None:
    retime(now=now)


def _extend(_payload: Mapping[str, Any], now: datetime) -> None:
    extend_series(now=now)


def _serve(payload: Mapping[str, Any], now: datetime) -> None:
    serving.serve(int(payload["want"]), now=now)


def _serve_due(_payload: Mapping[str, Any], now: datetime) -> None:
    serving.serve_due(now=now)


def _no_shows(_payload: Mapping[str, Any], now: datetime) -> None:
    checkins.release_no_shows(now=now)


def _plan_renewals(_payload: Mapping[str, Any], now: datetime) -> None:
    renewals.plan_renewals(now=now)


def _renew(payload: Mapping[str, Any], now: datetime) -> None:
    renewals.renew(int(payload["booking"]), now=now)


def _import(payload: Mapping[str, Any], _now: datetime) -> None:
    clock = current_app.extensions["booking"]["clock"]
    try:
        imports.work(int(payload["file"]), now=clock)
    except NotFound:  # its person has deleted it meanwhile
        return


def _sheet(payload: Mapping[str, Any], _now: datetime) -> None:
    # Here: it brings the words of both languages along, and few houses need it twice.
    from booking.imports.sheets import look, write  # noqa: PLC0415

    clock = current_app.extensions["booking"]["clock"]
    try:
        look(int(payload["sheet"]), now=clock())
        write(int(payload["sheet"]), now=clock)
    except NotFound:  # its person has deleted it meanwhile
        return


def _forget_imports(_payload: Mapping[str, Any], now: datetime) -> None:
    forget_old(now=now)
    forget_sheets(now=now)


def _forget_drafts(_payload: Mapping[str, Any], now: datetime) -> None:
    forget_drafts(now=now)
    forget_sign_ins(now=now)


def _give_tokens_back(payload: Mapping[str, Any], _now: datetime) -> None:
    from booking.sync.tokens import give_back  # noqa: PLC0415  ciphers, where they are needed

    config: Config = current_app.extensions["booking"]["config"]
    person, provider, secret = (payload[each] for each in ("person", "provider", "secret"))
    give_back(int(person), str(provider), str(secret), config, _guard(config))


def _source(payload: Mapping[str, Any], _now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    clock = current_app.extensions["booking"]["clock"]
    language = config.ui.default_language
    guard, vault = _guard(config), Vault(config)
    sources.refresh(int(payload["source"]), guard, vault, clock=clock, language=language)


def _plan_sources(_payload: Mapping[str, Any], now: datetime) -> None:
    plan_sources(now=now)


def _forget_changes(_payload: Mapping[str, Any], now: datetime) -> None:
    forget_changes(now=now)
    forget_busy_times(now=now)


def _leases(_payload: Mapping[str, Any], now: datetime) -> None:
    leases.remind_of_leases(now=now)


def _extend_leases(_payload: Mapping[str, Any], now: datetime) -> None:
    leases.extend_leases(now=now)


def _guard(config: Config) -> Guard:
    return Guard(trusted=frozenset(config.calendars.trusted_hosts.lower().split()))


HANDLERS: Mapping[str, Handler] = {
    "mail": Handler(_mail),
    LINK_JOB: Handler(_link),
    invitees.JOB: Handler(_invite),
    mail_requests.ASK: Handler(_ask_sender),
    mail_requests.BOOK: Handler(_book_by_mail),
    mail_requests.ANSWER: Handler(_answer_for_room),
    "mail_in": Handler(_mail_in),
    "forget_mails": Handler(_forget_mails, atomic=True),
    "remind": Handler(_remind, atomic=True),
    "remind_approvers": Handler(_remind_approvers, atomic=True),
    "retime": Handler(_retime),
    "expire": Handler(_expire),
    "extend": Handler(_extend),
    wants.SERVE: Handler(_serve, atomic=True),
    "waiting": Handler(_serve_due),
    "no_shows": Handler(_no_shows),
    "leases": Handler(_leases, atomic=True),
    "extend_leases": Handler(_extend_leases),
    "renewals": Handler(_plan_renewals),
    renewals.RENEW: Handler(_renew, atomic=True),
    "import": Handler(_import),
    WORK: Handler(_source),
    "sources": Handler(_plan_sources, atomic=True),
    SHEETS: Handler(_sheet),
    "forget_imports": Handler(_forget_imports, atomic=True),
    "forget_drafts": Handler(_forget_drafts, atomic=True),
    GIVE_BACK: Handler(_give_tokens_back),
    "forget_changes": Handler(_forget_changes, atomic=True),
}
PERIODIC: Mapping[str, Periodic] = {
    "sources": Periodic(every=timedelta(minutes=1), kind="sources"),
    "mail_in": Periodic(every=timedelta(minutes=1), kind="mail_in"),
    "forget_mails": Periodic(every=timedelta(days=1), kind="forget_mails"),
    "remind": Periodic(every=timedelta(minutes=10), kind="remind"),
    "remind_approvers": Periodic(every=timedelta(minutes=10), kind="remind_approvers"),
    "retime": Periodic(every=timedelta(hours=6), kind="retime"),
    "expire": Periodic(every=timedelta(minutes=10), kind="expire"),
    "no_shows": Periodic(every=timedelta(minutes=1), kind="no_shows"),
    "forget_imports": Periodic(every=timedelta(hours=1), kind="forget_imports"),
    "forget_drafts": Periodic(every=timedelta(hours=6), kind="forget_drafts"),
    "forget_changes": Periodic(every=timedelta(hours=6), kind="forget_changes"),
    "extend": Periodic(every=timedelta(hours=6), kind="extend"),
    "renewals": Periodic(every=timedelta(hours=6), kind="renewals"),
    "leases": Periodic(every=timedelta(hours=1), kind="leases"),
    "extend_leases": Periodic(every=timedelta(hours=24), kind="extend_leases"),
    "waiting": Periodic(every=timedelta(minutes=5), kind="waiting"),
}
