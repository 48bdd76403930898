"""Configuration profiles of Apple devices: a calendar account that is added by opening a file.

The secret of the account is known when it is made, and stored nowhere.  On its
way to the device, a quarter of an hour at most, it travels sealed in the link
of the file.
"""

import base64
import hashlib
import hmac
import os
import plistlib
import struct
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

LIFETIME = timedelta(minutes=15)
MEDIA_TYPE = "application/x-apple-aspen-config"
MOST_TOKEN = 500
NONCE_BYTES = 12
_PURPOSE = b"secret of a device"


class CertificateError(Exception):
    """Certificate or key of the operator cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a profile adds: ``server`` is the whole address, ``principal`` that of the person."""

    key: str
    name: str
    house: str
    server: str
    principal: str
    user: str
    secret: str


def seal(secret: str, key: bytes, *, now: datetime) -> str:
    """Return a short text, fit for a URL, that ``unseal`` turns back with the same key."""
    when, nonce = struct.pack(">Q", int(now.timestamp())), os.urandom(NONCE_BYTES)
    box = _vault(key).encrypt(nonce, secret.encode(), when)
    return base64.urlsafe_b64encode(when + nonce + box).decode().rstrip("=")


def unseal(token: str, key: bytes, *, now: datetime) -> str | None:
    """Return what was sealed, None where it was not, or not within ``LIFETIME``."""
    if len(token) > MOST_TOKEN:
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        when, nonce = raw[:8], raw[8 : 8 + NONCE_BYTES]
        secret = _vault(key).decrypt(nonce, raw[8 + NONCE_BYTES :], when)
        sealed_at = struct.unpack(">Q", when)[0]
    except (ValueError, struct.error, InvalidTag):
        return None
    age_s = int(now.timestamp()) - sealed_at
    return secret.decode() if 0 <= age_s <= LIFETIME.total_seconds() else None


def profile(account: Account, *, description: str) -> bytes:
    """Return a profile as a property list; the same account is always the same profile.

    A device that installs it again replaces what it has.
    """
    at = urlsplit(account.server)
    is_secure = at.scheme == "https"
    own = f"{at.hostname or 'localhost'}.booking.{account.key}"
    calendars = {
        **_payload("com.apple.caldav.account", f"{own}.caldav", account.name),
        "CalDAVAccountDescription": account.name,
        "CalDAVHostName": at.hostname or "localhost",
        "CalDAVPort": at.port or (443 if is_secure else 80),
        "CalDAVUseSSL": is_secure,
        "CalDAVPrincipalURL": account.principal,
        "CalDAVUsername": account.user,
        "CalDAVPassword": account.secret,
    }
    whole = {
        **_payload("Configuration", own, account.name),
        "PayloadOrganization": account.house,
        "PayloadDescription": description,
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [calendars],
    }
    return plistlib.dumps(whole)


def signed(data: bytes, certificate: Path, key: Path) -> bytes:
    """Return a profile inside a signature (CMS, RFC 5652 §5) that devices check.

    ``certificate`` is PEM, the signer's first, then those between it and the root.

    Raises:
        CertificateError: If one of the files cannot be used, or they do not belong together.
    """
    signer, *between = _certificates(certificate)
    private = _private_key(key)
    if private.public_key() != signer.public_key():
        raise CertificateError(f"{key} is not the key of the certificate in {certificate}")
    builder = PKCS7SignatureBuilder().set_data(data).add_signer(signer, private, hashes.SHA256())
    for each in between:
        builder = builder.add_certificate(each)
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def check_signing(certificate: Path, key: Path, *, now: datetime) -> None:
    """Look whether profiles can be signed, now and by a certificate that is in force.

    Raises:
        CertificateError: If not; the text says why.
    """
    signed(b"", certificate, key)
    ends = _certificates(certificate)[0].not_valid_after_utc
    if ends <= now:
        raise CertificateError(f"{certificate} is no longer valid since {ends:%Y-%m-%d}")


def _payload(kind: str, identifier: str, name: str) -> dict[str, object]:
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, identifier)).upper(),
        "PayloadDisplayName": name,
    }


def _vault(key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, _PURPOSE, hashlib.sha256))


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificateError(f"{file} has no certificate that can be read: {error}") from error


def _private_key(file: Path) -> RSAPrivateKey | EllipticCurvePrivateKey:
    try:
        found = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{file} has no key that can be read: {error}") from error
    if not isinstance(found, RSAPrivateKey | EllipticCurvePrivateKey):
        raise CertificateError(f"{file} has a key of a kind that cannot sign")
    return found
