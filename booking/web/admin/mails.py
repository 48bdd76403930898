"""The words of mails, read and written in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.mail_texts import MailTextRequest, set_mail_text
from booking.core.errors import InvalidRequest, Stale
from booking.core.mail_texts import KINDS, MOST_BODY, MOST_SUBJECT, filled
from booking.core.messages import Message
from booking.core.recurrence import to_local
from booking.db import db
from booking.i18n import LANGUAGES, LINK_MAILS, NOTICES, SENTENCES, SUBJECTS, spoken_params
from booking.mail.compose import speaking
from booking.queries.mail_texts import OwnWords, all_own_words
from booking.web.admin.shell import admins, blueprint
from booking.web.admin.typed import told
from booking.web.context import actor, now, sites
from booking.web.numbers import is_id

TITLES = {
    **NOTICES,
    **{code: SUBJECTS[code] for code in ("notice_reminder", "notice_app_password")},
    **LINK_MAILS,
}
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Form:
    """The words of one language: what is typed, what they read like, what ours are."""

    locale: str
    language: str
    typed: OwnWords
    ours: OwnWords
    reads: OwnWords
    errors: Mapping[str, list[str]]


@blueprint.get("/mails", endpoint="mail_texts")
@admins(everywhere=True)
def index() -> str:
    """List the kinds of mail, and which have words of their own."""
    own = all_own_words(db.session())
    kinds = [
        (kind, TITLES[kind], [LANGUAGES[each] for each in LANGUAGES if (kind, each) in own])
        for kind in KINDS
    ]
    return render_template("admin/mails.html", kinds=kinds)


@blueprint.get("/mails/<kind>")
@admins(everywhere=True)
def mail_text(kind: str) -> Response:
    """Show what a kind of mail says."""
    return _page(kind)


@blueprint.post("/mails/<kind>")
@admins(everywhere=True)
def mail_text_post(kind: str) -> Response:
    """Give a kind of mail other words in one language, or (both empty) ours again."""
    locale, version = request.form.get("locale", ""), request.form.get("version", "")
    if locale not in LANGUAGES:
        abort(400)
    typed = OwnWords(
        request.form.get("subject", ""),
        request.form.get("body", ""),
        int(version) if is_id(version) else 0,
    )
    wish = MailTextRequest(kind, locale, typed.subject, typed.body, typed.version)
    try:
        set_mail_text(wish, actor(), now=now())
    except (InvalidRequest, Stale) as error:
        errors, status = told(error)
        return _page(kind, {locale: (typed, errors)}, status=status)
    flash(_("Saved."))
    return redirect(url_for("admin.mail_text", kind=kind), 303)


Wrong = Mapping[str, tuple[OwnWords, Mapping[str, list[str]]]]


def _page(kind: str, wrong: Wrong = MappingProxyType({}), *, status: int = 200) -> Response:
    if kind not in KINDS:
        abort(404)
    own = all_own_words(db.session())
    forms = []
    for locale, language in LANGUAGES.items():
        stored = own.get((kind, locale), OwnWords())
        typed, errors = wrong.get(locale, (stored, {}))
        if "" in errors:  # somebody else was faster: theirs is shown, and sent on top of
            typed = OwnWords(typed.subject, typed.body, stored.version)
        ours, example = _ours(kind, locale)
        forms.append(
            Form(
                locale,
                language,
                typed,
                ours,
                OwnWords(filled(typed.subject, example), filled(typed.body, example)),
                errors,
            )
        )
    page = render_template(
        "admin/mail.html",
        kind=kind,
        title=TITLES[kind],
        forms=forms,
        placeholders=KINDS[kind],
        most_subject=MOST_SUBJECT,
        most_body=MOST_BODY,
    )
    return make_response(page, status)


def _ours(kind: str, locale: str) -> tuple[OwnWords, Mapping[str, str]]:
    """Return what the mail says as it comes, and an example of all that it can name."""
    site = next(iter(sites()), None)
    house = site.name if site else ""
    at = to_local(now() + A_DAY, site.zone if site else "UTC").replace(minute=0, second=0)
    with speaking(locale):
        example = spoken_params(
            Message(
                kind,
                {
                    "actor": "Ada Lovelace",
                    "name": "Ada Lovelace",
                    "inviter": "Grace Hopper",
                    "house": house,
                    "title": _("Choir practice"),
                    "space": _("Large room"),
                    "instead": _("Small room"),
                    "device": "Thunderbird",
                    "reason": _("The room is being painted."),
                    "words": _("It has more light."),
                    "number": 3,
                    "start": at,
                    "at": at + A_DAY,
                    "until": at + A_DAY,
                },
            )
        )
        placeholders = {name: f"{{{name}}}" for name in KINDS[kind]}
        if kind not in SUBJECTS:
            return OwnWords(), example
        subject, sentence = SUBJECTS[kind] % placeholders, SENTENCES[kind] % placeholders
    return OwnWords(f"{subject}", f"{sentence}"), example
