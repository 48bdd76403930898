"""Work in the background: what died and waits for a decision, and mails kept in a folder."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions import jobs as verbs
from booking.core.errors import NotFound
from booking.core.recurrence import to_local
from booking.core.values import Site
from booking.db import db
from booking.i18n import JOB_KINDS, JOB_STANDINGS
from booking.mail.transport import outbox_files
from booking.queries import jobs as reads
from booking.web.admin.shell import admins, blueprint, own_sites
from booking.web.context import actor, config, now
from booking.web.numbers import is_id, page_number

MOST_JOBS = 200
MAILS_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A job in the list; ``at`` of the house's clock."""

    id: int
    kind: str
    standing: str
    is_dead: bool
    at: object
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the folder: who gets it, what it says."""

    name: str
    to: str
    subject: str
    text: str


@blueprint.get("/work", endpoint="work")
@admins(everywhere=True)
def index() -> str:
    """List what died, what runs and what waits."""
    zone = _zone()
    found = reads.jobs(db.session(), now=now(), limit=MOST_JOBS)
    numbers = reads.counts(db.session(), now=now())
    return render_template(
        "admin/work.html",
        jobs=[
            Line(
                each.id,
                str(JOB_KINDS.get(each.kind, each.kind)),
                str(JOB_STANDINGS[each.standing.value]),
                each.standing is reads.Standing.DEAD,
                to_local(each.at, zone),
                each.attempts,
                each.error,
            )
            for each in found
        ],
        counts=[(JOB_STANDINGS[each.value], number) for each, number in numbers.items()],
        dead=numbers[reads.Standing.DEAD],
        sends_mails=bool(config().mail.smtp_host),
    )


@blueprint.post("/work")
@admins(everywhere=True)
def decide_work() -> Response:
    """Try dead jobs again, or give them up: one (``id``), or all."""
    asked = request.form.get("id", "")
    job_id = int(asked) if is_id(asked) else None
    if request.form.get("what") == "discard":
        verbs.discard(job_id, actor())
    else:
        verbs.retry(job_id, actor(), now=now())
    flash(_("Saved."))
    return redirect(url_for("admin.work"), 303)


@blueprint.get("/outbox", endpoint="outbox")
@admins(everywhere=True)
def outbox() -> str:
    """Show the mails that were written to the folder, the newest first."""
    page = page_number()
    files = outbox_files(config())
    shown = files[(page - 1) * MAILS_A_PAGE : page * MAILS_A_PAGE]
    return render_template(
        "admin/outbox.html",
        mails=[_mail(each) for each in shown],
        folder=config().outbox,
        number=len(files),
        page=page,
        has_more=len(files) > page * MAILS_A_PAGE,
        sends_mails=bool(config().mail.smtp_host),
    )


@blueprint.get("/outbox/<name>")
@admins(everywhere=True)
def outbox_file(name: str) -> Response:
    """Give one mail as a file, as it would have left."""
    # By comparison, not as a path: nothing else of the folder can be asked for.
    found = next((each for each in outbox_files(config()) if each.name == name), None)
    if found is None:
        raise NotFound("mail", name)
    return send_file(found, mimetype="message/rfc822", as_attachment=True, download_name=name)


def _mail(file: Path) -> Mail:
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)  # noqa: S101  the policy makes nothing else
    body = read.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return Mail(file.name, str(read["To"] or ""), str(read["Subject"] or ""), text)


def _zone() -> str:
    first: Site | None = next(iter(own_sites()), None)
    return first.zone if first else "UTC"
