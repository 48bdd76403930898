"""Names and addresses as people type them, made safe to store, to show and to mail."""

import re
import unicodedata

from booking.core.errors import InvalidRequest

NAME_LIMIT = 120
EMAIL_LIMIT = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
LOCAL_LIMIT = 64  # RFC 5321 §4.5.3.1.1

# RFC 5322 §3.2.3 dot-atom.  Quoted local parts are valid too, but nobody has one.
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

# Marks that turn the text after them around: U+202A-E and U+2066-9.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_VISIBLE = ("L", "N", "S", "P")


def clean_email(text: str) -> str:
    """Return an e-mail address in lower case, its domain in ASCII (RFC 5891).

    Only ASCII may stand before the @, so both engines agree on lower case.

    Raises:
        InvalidRequest: ``email_missing`` or ``email_invalid``, on the field ``email``.
    """
    address = text.strip(" ").lower()
    if not address:
        raise InvalidRequest.because("email_missing", "email")
    local, _at, domain = address.rpartition("@")
    ascii_domain = _ascii(domain)
    labels = ascii_domain.split(".")
    if (
        len(local) > LOCAL_LIMIT
        or len(local) + 1 + len(ascii_domain) > EMAIL_LIMIT
        or not _LOCAL.fullmatch(local)
        or len(labels) < 2
        or labels[-1].isdecimal()
        or not all(_LABEL.fullmatch(label) for label in labels)
    ):
        raise InvalidRequest.because("email_invalid", "email")
    return f"{local}@{ascii_domain}"


def clean_name(text: str) -> str:
    """Return a person's name in any script, on one line, composed (NFC).

    Marks that would turn the text around it are taken out.

    Raises:
        InvalidRequest: ``name_missing``, ``name_too_long`` or
            ``text_unprintable``, on the field ``name``.
    """
    # Measured first: normalising 10 MB would keep the service busy.
    if len(text) > NAME_LIMIT * 10:
        raise InvalidRequest.because("name_too_long", "name", limit=NAME_LIMIT)
    name = unicodedata.normalize("NFC", " ".join(text.translate(_BIDI).split()))
    kinds = {unicodedata.category(letter) for letter in name}
    if kinds & {"Cc", "Cs"}:
        raise InvalidRequest.because("text_unprintable", "name")
    if not any(kind[0] in _VISIBLE for kind in kinds):
        raise InvalidRequest.because("name_missing", "name")
    if len(name) > NAME_LIMIT:
        raise InvalidRequest.because("name_too_long", "name", limit=NAME_LIMIT)
    return name


def _ascii(domain: str) -> str:
    """Return the domain as the name service knows it, or "" where it cannot be one."""
    if len(domain) > EMAIL_LIMIT:
        return ""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
