"""The door: routes, sign-in by app password, and what becomes of errors."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Blueprint, Response, current_app, g, redirect, request
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import HTTPException

from booking.actions.accounts import Limits
from booking.actions.app_passwords import sign_in_device
from booking.config import Config
from booking.core.devices import Device
from booking.core.errors import BookingError, SignInFailed, TooManyAttempts
from booking.dav.bodies import too_large
from booking.dav.errors import Refused, bad_request
from booking.dav.looking import PUBLIC, Looking
from booking.dav.methods import COMPLIANCE, MAKES, METHODS, READ, WRITE, XML, options
from booking.dav.refusals import refusal_of
from booking.db import db
from booking.i18n import LANGUAGES

log = logging.getLogger("booking.dav")
blueprint = Blueprint("dav", __name__)
# What other servers have and this one has not is told by 405, not by a page.
EVERY = (*READ, *WRITE, *MAKES, "COPY", "LOCK", "UNLOCK", "POST", "PATCH", "ACL")
REALM = 'Basic realm="Calendars", charset="UTF-8"'


def dav(path: str = "") -> Response:
    """Answer whatever is asked below ``/dav/``."""
    if request.method == "OPTIONS":
        return _finished(options(None, path))
    try:
        answer = _answered(path)
    except (Refused, BookingError, HTTPException) as error:
        db.session.rollback()
        with force_locale(_language()):
            answer = _refused(_refusal(error))
    return _finished(answer)


def _refusal(error: Refused | BookingError | HTTPException) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, BookingError):
        return refusal_of(error)
    return too_large() if error.code == 413 else bad_request()


def _language() -> str:
    """Return what errors are said in: the account's language, or one that the program asks for."""
    config: Config = current_app.extensions["booking"]["config"]
    default = config.ui.default_language
    known: str | None = g.get("dav_language")
    return known or request.accept_languages.best_match([*LANGUAGES], default) or default


def _answered(path: str) -> Response:
    method = METHODS.get(request.method)
    if method is None:
        raise Refused(405, headers={"Allow": ", ".join((*READ, *WRITE))})
    if not path.isprintable() or len(path) > 2_000:
        raise bad_request(_l("There cannot be such an address."))
    looking = _looking(path)
    with force_locale(looking.language):
        answer = method(looking, path)
    if looking.minimal and answer.status_code in (207, 201, 204):
        answer.headers["Preference-Applied"] = "return=minimal"
    return answer


def _looking(path: str) -> Looking:
    """Return who asks.

    Raises:
        Refused: 401 without a password that fits, unless it is about what is public.
    """
    device, login = _device()
    is_public = path.strip("/").partition("/")[0] == PUBLIC
    if device is None and not is_public:
        raise _unknown()
    if is_public:
        device = None
    config: Config = current_app.extensions["booking"]["config"]
    secret = current_app.secret_key
    key = secret if isinstance(secret, bytes) else str(secret).encode()
    actor = device.actor if device else None
    g.dav_language = actor.locale if actor else None
    return Looking(
        session=db.session(),
        device=device,
        login=login,
        language=(actor.locale if actor else None) or config.ui.default_language,
        base=(config.server.public_url or request.host_url).rstrip("/"),
        root=request.script_root,
        key=hashlib.sha256(b"dav" + key).hexdigest(),
        now=current_app.extensions["booking"]["clock"](),
        minimal="return=minimal" in request.headers.get("Prefer", "").replace(" ", "").lower(),
    )


def _device() -> tuple[Device | None, str]:
    sent = _authorization()
    if sent is None or sent.type != "basic" or not sent.username:
        return None, ""
    config: Config = current_app.extensions["booking"]["config"]
    limits = Limits(
        config.security.sign_in_attempts, timedelta(minutes=config.security.sign_in_window_minutes)
    )
    now = current_app.extensions["booking"]["clock"]()
    address = request.remote_addr or ""
    try:
        found = sign_in_device(
            sent.username, sent.password or "", address=address, now=now, limits=limits
        )
    except SignInFailed:
        raise _unknown() from None
    except TooManyAttempts as error:
        headers = {"Retry-After": str(error.retry_after_s)}
        raise Refused(
            429,
            text=_l("Too many passwords were wrong: wait, then check the password of this app."),
            headers=headers,
        ) from None
    return found, sent.username.strip().lower()


def _authorization() -> Authorization | None:
    try:
        return request.authorization
    except ValueError:  # octets that are no base64
        return None


def _unknown() -> Refused:
    return Refused(
        401,
        text=_l("Sign in with your e-mail address and a password for this app."),
        headers={"WWW-Authenticate": REALM},
    )


def _refused(refused: Refused) -> Response:
    body = refused.body
    kind = XML if refused.condition else "text/plain; charset=utf-8"
    answer = Response(body, refused.status, content_type=kind)
    answer.headers.extend(refused.headers)
    return answer


def _finished(answer: Response) -> Response:
    answer.headers["DAV"] = COMPLIANCE
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    answer.headers["Vary"] = "Authorization, Prefer, Brief"
    return answer


def well_known() -> Response:
    """Lead every method to where calendars are (RFC 6764 §5)."""
    target = f"{request.script_root}/dav/"
    answer = redirect(target, 301, Response)
    assert isinstance(answer, Response)  # noqa: S101  as asked
    answer.headers["Cache-Control"] = "max-age=86400"
    return answer


def _route(address: str, view: Callable[..., Response], methods: Sequence[str] = EVERY) -> None:
    blueprint.add_url_rule(
        address,
        view_func=view,
        methods=methods,
        provide_automatic_options=False,
        merge_slashes=False,
        strict_slashes=False,
    )


_route("/dav", dav)
_route("/dav/", dav)
_route("/dav/<path:path>", dav)
_route("/.well-known/caldav", well_known)
# Some programs ask the bare host, before or in place of the well-known address.
_route("/", dav, ["PROPFIND"])
