"""A new password in the forms that devices take: codes to scan, a profile to install."""

import logging

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.actions.app_passwords import NewAppPassword
from booking.core.errors import NotFound
from booking.db import db
from booking.queries.app_passwords import AppPasswordView, app_password_of_secret
from booking.secrets import hash_app_secret
from booking.web.context import config, now, sites
from booking.web.devices.address import Address, own_address, server
from booking.web.devices.blueprint import blueprint

log = logging.getLogger("booking.profiles")


def made_page(made: NewAppPassword, name: str) -> Response:
    """Return the page of a new password, the only one that shows it."""
    from booking import profiles  # noqa: PLC0415  loads a library that nothing else here needs

    at = own_address()
    token = profiles.seal(made.secret, config().signing_key(), now=now())
    apple = f"{at.server.removesuffix('dav/')}{url_for('.profile', token=token)[1:]}"
    davx5 = at.for_davx5(made.secret)
    page = render_template(
        "devices/made.html",
        at=at,
        name=name,
        password_id=made.id,
        secret_text=made.secret,
        apple=apple,
        davx5=davx5,
        apple_qr=_code(apple),
        davx5_qr=_code(davx5),
    )
    return make_response(page)


@blueprint.get("/profile/devices/apple/<token>")
def profile(token: str) -> Response:
    """Return the profile of a password that was just made; the link itself is the way in.

    It works until the password is used, so the device that installs the profile ends it.
    """
    from booking import profiles  # noqa: PLC0415

    secret = profiles.unseal(token, config().signing_key(), now=now())
    view = app_password_of_secret(db.session(), hash_app_secret(secret)) if secret else None
    if secret is None or view is None or view.last_used_at is not None:
        raise NotFound("profile")
    answer = make_response(_signed(_profile(view, secret)))
    answer.content_type = profiles.MEDIA_TYPE
    answer.headers["Content-Disposition"] = 'attachment; filename="calendars.mobileconfig"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _profile(view: AppPasswordView, secret: str) -> bytes:
    from booking import profiles  # noqa: PLC0415

    at = Address(server(), view.owner_email, view.person_id)
    house = next((site.name for site in sites()), _("Room booking"))
    account = profiles.Account(
        key=str(view.id),
        name=house,
        house=house,
        server=at.server,
        principal=at.principal,
        user=at.user,
        secret=secret,
    )
    description = _("Adds the calendars of %(house)s to this device.", house=house)
    return profiles.profile(account, description=description)


def _signed(data: bytes) -> bytes:
    """Return the profile, signed where the operator has a certificate for it."""
    from booking import profiles  # noqa: PLC0415

    if (signer := config().profile_signer) is None:
        return data
    try:
        return profiles.signed(data, *signer)
    except profiles.CertificateError as error:
        # It works unsigned as well; the device says so to whoever installs it.
        log.error("a profile was not signed", extra={"reason": str(error)})
        return data


def _code(text: str) -> str:
    import segno  # noqa: PLC0415  few pages draw codes

    # Black on white in both themes: not every camera reads the reverse.
    drawn: str = segno.make(text, error="m").svg_data_uri(scale=4, border=4, light="#fff")
    return drawn
