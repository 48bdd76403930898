"""Signing in and out, one-time links, and one's own profile."""

from collections.abc import Container
from datetime import timedelta
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from booking.actions import accounts
from booking.actions.accounts import Acceptance, Limits, MailChoice, Profile
from booking.core.errors import BookingError, InvalidRequest, TooManyAttempts
from booking.core.permissions import may_approve_any
from booking.db import db
from booking.i18n import FOR_APPROVERS, LANGUAGES, NOTICE_GROUPS, NOTICES, length_words
from booking.queries.people import Viewer, mail_choice, open_invitation, viewer_of
from booking.secrets import hash_token
from booking.web.context import (
    A_YEAR_S,
    COOKIE_LANGUAGE,
    COOKIE_THEME,
    SignedIn,
    actor,
    config,
    is_fragment,
    now,
    signed_in,
    viewer,
)
from booking.web.errors import status_of
from booking.web.spoken import by_field

blueprint = Blueprint("account", __name__)

HOME = "/"


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """Show the form, or lead on whoever is signed in."""
    if request.method == "POST":
        return _signed_in()
    wanted = own_path(request.args.get("next", ""))
    if viewer() is not None:
        return redirect(wanted)
    return _sign_in_page(wanted)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    logout_user()
    session.clear()
    answer = redirect(url_for(".sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'  # boards that the browser keeps
    return answer


@blueprint.get("/invitations/<token>")
def invitation(token: str) -> Response:
    """Show who invites, and the form of a one-time link."""
    return _invitation_page(token)


@blueprint.post("/invitations/<token>")
def accept(token: str) -> Response:
    """Use the link up, and sign in."""
    form = request.form
    chosen = Acceptance(
        password=form.get("password", ""), name=form.get("name", ""), email=form.get("email", "")
    )
    try:
        person_id = accounts.accept_invitation(token, chosen, now=now())
    except InvalidRequest as error:
        return _invitation_page(token, chosen=chosen, error=error)
    looking = begin_session(person_id)
    flash(_("Welcome, %(name)s.", name=looking.name))
    return redirect(HOME, 303)


@blueprint.get("/profile")
@signed_in
def profile() -> Response:
    """Show name, language, theme and password."""
    return _profile_page()


@blueprint.post("/profile")
@signed_in
def profile_post() -> Response:
    """Store name, language and theme; cookies make them count at once."""
    form = request.form
    wanted = Profile(
        name=form.get("name", ""), locale=form.get("locale") or None, theme=form.get("theme", "")
    )
    try:
        accounts.update_profile(wanted, actor(), now=now())
    except InvalidRequest as error:
        return _profile_page(wanted=wanted, error=error)
    answer = redirect(url_for(".profile"), 303)
    _keep(answer, COOKIE_THEME, wanted.theme)
    if wanted.locale is None:
        answer.delete_cookie(COOKIE_LANGUAGE)
    else:
        _keep(answer, COOKIE_LANGUAGE, wanted.locale)
    flash(_("Saved."))
    return answer


@blueprint.post("/profile/password")
@signed_in
def password() -> Response:
    """Change one's own password; all other sessions end."""
    form = request.form
    asking = actor()
    try:
        accounts.change_own_password(
            form.get("current", ""),
            form.get("password", ""),
            actor=asking,
            now=now(),
            limits=limits(),
        )
    except (InvalidRequest, TooManyAttempts) as error:
        return _profile_page(error=error, of="password")
    begin_session(asking.person_id or 0)
    flash(_("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for(".profile"), 303)


@blueprint.post("/profile/mails")
@signed_in
def mails() -> Response:
    """Store what the person gets by mail; what is not ticked stays in the inbox alone."""
    ticked = set(request.form.getlist("mail"))
    offered = _offered()
    remind = request.form.get("remind", "0")
    wanted = MailChoice(
        frozenset(offered) - ticked, int(remind) if remind.isdecimal() and len(remind) < 4 else -1
    )
    try:
        accounts.choose_mails(wanted, actor(), known=offered)
    except InvalidRequest as error:
        return _profile_page(error=error, of="mails")
    flash(_("Saved."))
    return redirect(url_for(".profile"), 303)


@blueprint.get("/password-forgotten")
def forgotten() -> Response:
    """Ask for the address that a link for a new password goes to."""
    return _forgotten_page()


@blueprint.post("/password-forgotten")
def forgotten_post() -> Response:
    """Mail the link; the answer is the same whether or not somebody has the address."""
    email = request.form.get("email", "")
    try:
        if config().mail.smtp_host:
            accounts.forgotten_password(email, address=request.remote_addr or "", now=now())
    except (InvalidRequest, TooManyAttempts) as error:
        return _forgotten_page(email=email, error=error)
    return _forgotten_page(email=email, is_sent=True)


@blueprint.post("/theme")
def theme() -> Response:
    """Keep a theme in the cookie, and in the profile of whoever is signed in."""
    wanted = request.form.get("theme", "")
    if wanted not in accounts.THEMES:
        raise InvalidRequest.because("theme_unknown", "theme")
    if viewer() is not None:
        accounts.choose_theme(wanted, actor())
    back = own_path(request.form.get("next", ""))
    answer = make_response("", 204) if is_fragment() else redirect(back, 303)
    _keep(answer, COOKIE_THEME, wanted)
    return answer


def own_path(wanted: str) -> str:
    """Return ``wanted`` where it is a path of this service, else the first page.

    Browsers read ``//host`` and ``/\\host`` as another host, and leave tabs
    and line ends out before they read at all.
    """
    if not wanted.startswith("/") or "\\" in wanted or not wanted.isprintable():
        return HOME
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or wanted.startswith("//"):
        return HOME
    return wanted


def begin_session(person_id: int) -> Viewer:
    """Sign a person in with a session that knows nothing of the one before."""
    looking = viewer_of(db.session(), person_id)
    if looking is None:  # archived in this very moment
        raise InvalidRequest.because("sign_in_first")
    session.clear()
    session.permanent = True
    login_user(SignedIn(looking))
    refresh()  # the language may be another from here on
    return looking


def limits() -> Limits:
    """Return how many tries may fail, as the operator says."""
    security = config().security
    window = timedelta(minutes=security.sign_in_window_minutes)
    return Limits(security.sign_in_attempts, window)


def _signed_in() -> Response:
    form = request.form
    wanted, email = own_path(form.get("next", "")), form.get("email", "")
    try:
        person_id = accounts.sign_in(
            email,
            form.get("password", ""),
            address=request.remote_addr or "",
            now=now(),
            limits=limits(),
        )
    except BookingError as error:
        return _sign_in_page(wanted, email=email, error=error)
    return _with_choices(redirect(wanted, 303), begin_session(person_id))


def _sign_in_page(wanted: str, *, email: str = "", error: BookingError | None = None) -> Response:
    answer = make_response(
        render_template(
            "account/sign_in.html",
            wanted=wanted,
            email=email[:254],
            errors=by_field(error) if error else {},
            sends_mails=bool(config().mail.smtp_host),
        )
    )
    return _refused(answer, error)


def _invitation_page(
    token: str, *, chosen: Acceptance | None = None, error: BookingError | None = None
) -> Response:
    found = open_invitation(db.session(), hash_token(token), now=now())
    answer = make_response(
        render_template(
            "account/invitation.html",
            token=token,
            invitation=found,
            name=chosen.name[:200] if chosen else found.name,
            email=chosen.email[:254] if chosen else "",
            errors=by_field(error) if error else {},
        )
    )
    return _refused(answer, error)


def _forgotten_page(
    *, email: str = "", error: BookingError | None = None, is_sent: bool = False
) -> Response:
    answer = make_response(
        render_template(
            "account/forgotten.html",
            email=email[:254],
            errors=by_field(error) if error else {},
            is_sent=is_sent,
            sends_mails=bool(config().mail.smtp_host),
        )
    )
    return _refused(answer, error)


def _offered() -> list[str]:
    """Return the codes of messages that the person may have by mail or not, in their order."""
    decides = may_approve_any(actor())
    return [code for code in NOTICES if decides or code not in FOR_APPROVERS]


def _notices(off: Container[str]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return the messages by what they are about: code, words, and whether a mail goes out."""
    offered = _offered()
    groups = (
        (title, [(code, str(words[code]), code not in off) for code in words if code in offered])
        for title, words in NOTICE_GROUPS
    )
    return [(str(title), those) for title, those in groups if those]


def _profile_page(
    *, wanted: Profile | None = None, error: BookingError | None = None, of: str = "profile"
) -> Response:
    looking = viewer()
    assert looking is not None  # noqa: S101 - the page is for people who are signed in
    errors = {of: by_field(error)} if error else {}
    off, remind = mail_choice(db.session(), looking.actor.person_id or 0)
    answer = make_response(
        render_template(
            "account/profile.html",
            profile=wanted or Profile(looking.name, looking.locale, looking.theme),
            errors=errors.get("profile", {}),
            password_errors=errors.get("password", {}),
            mail_errors=errors.get("mails", {}),
            language_options=[("", _("As the browser says")), *LANGUAGES.items()],
            notices=_notices(off),
            remind=remind,
            remind_options=[(each, _reminder(each)) for each in accounts.REMINDERS],
        )
    )
    return _refused(answer, error)


def _reminder(hours: int) -> str:
    return _("%(length)s before", length=length_words(hours * 60)) if hours else _("Never")


def _refused(answer: Response, error: BookingError | None) -> Response:
    if error is not None:
        answer.status_code = status_of(error)
    if isinstance(error, TooManyAttempts):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _with_choices(answer: Response, looking: Viewer) -> Response:
    """Let the profile's language and theme count on this device, whoever used it before."""
    if looking.locale in LANGUAGES:
        _keep(answer, COOKIE_LANGUAGE, str(looking.locale))
    _keep(answer, COOKIE_THEME, looking.theme)
    return answer


def _keep(answer: Response, name: str, value: str) -> None:
    # Not httponly: the switch in the header reads and writes the theme.
    answer.set_cookie(
        name,
        value,
        max_age=A_YEAR_S,
        samesite="Lax",
        secure=request.is_secure,
        httponly=name == COOKIE_LANGUAGE,
    )
