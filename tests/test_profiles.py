"""Profiles of Apple devices: what is in them, their signature, and the secret on its way."""

import plistlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from booking import profiles
from tests.support.factories import NOW

KEY = b"k" * 32
ACCOUNT = profiles.Account(
    key="7",
    name="The House",
    house="The House",
    server="https://rooms.example.org/booking/dav/",
    principal="https://rooms.example.org/booking/dav/principals/3/",
    user="member@example.org",
    secret="2222-3333",
)


def test_profile_adds_the_calendars_of_one_person():
    written = profiles.profile(ACCOUNT, description="Adds calendars.")

    assert profiles.profile(ACCOUNT, description="Adds calendars.") == written
    read = plistlib.loads(written)
    [calendars] = read.pop("PayloadContent")
    identifiers = {read.pop("PayloadIdentifier"), calendars.pop("PayloadIdentifier")}
    assert identifiers == {
        "rooms.example.org.booking.7",
        "rooms.example.org.booking.7.caldav",
    }
    assert read.pop("PayloadUUID") != calendars.pop("PayloadUUID")
    assert read == {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadDisplayName": "The House",
        "PayloadOrganization": "The House",
        "PayloadDescription": "Adds calendars.",
        "PayloadRemovalDisallowed": False,
    }
    assert calendars == {
        "PayloadType": "com.apple.caldav.account",
        "PayloadVersion": 1,
        "PayloadDisplayName": "The House",
        "CalDAVAccountDescription": "The House",
        "CalDAVHostName": "rooms.example.org",
        "CalDAVPort": 443,
        "CalDAVUseSSL": True,
        "CalDAVPrincipalURL": "https://rooms.example.org/booking/dav/principals/3/",
        "CalDAVUsername": "member@example.org",
        "CalDAVPassword": "2222-3333",
    }


def test_sealed_secret_is_read_with_the_same_key_and_in_time_alone():
    token = profiles.seal("2222-3333", KEY, now=NOW)

    assert len(token) < 110, "the code that people scan stays coarse"
    assert "2222" not in token
    assert profiles.seal("2222-3333", KEY, now=NOW) != token
    assert profiles.unseal(token, KEY, now=NOW + profiles.LIFETIME) == "2222-3333"
    late = NOW + profiles.LIFETIME + timedelta(seconds=1)
    assert profiles.unseal(token, KEY, now=late) is None
    assert profiles.unseal(token, KEY, now=NOW - timedelta(seconds=1)) is None
    assert profiles.unseal(token, b"x" * 32, now=NOW) is None
    for at in range(0, len(token) - 1, 7):
        other = "A" if token[at] != "A" else "B"
        assert profiles.unseal(token[:at] + other + token[at + 1 :], KEY, now=NOW) is None


@pytest.mark.parametrize("token", ["", "A", "AAAA", "A" * 90, "é" * 40, "A" * 100_000, "\0"])
def test_what_was_not_sealed_is_none(token):
    assert profiles.unseal(token, KEY, now=NOW) is None


def certificate(folder: Path, key, *, ends=NOW + timedelta(days=90)) -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rooms.example.org")])
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(ends)
        .sign(key, algorithm)
    )
    files = folder / "signer.pem", folder / "signer.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.mark.parametrize(
    "make_key",
    [
        pytest.param(lambda: rsa.generate_private_key(65537, 2048), id="RSA"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP256R1()), id="EC"),
    ],
)
def test_signature_is_accepted_by_openssl(tmp_path, make_key):
    files = certificate(tmp_path, make_key())
    data = profiles.profile(ACCOUNT, description="Ajoute les calendriers.\n")
    (tmp_path / "signed").write_bytes(profiles.signed(data, *files))

    found = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "DER", "-in", "signed", "-CAfile", "signer.pem",
         "-purpose", "any", "-no_check_time", "-binary"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip

    assert found.returncode == 0, found.stderr
    assert found.stdout == data


def test_certificates_that_cannot_sign_are_told(tmp_path):
    good = certificate(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    profiles.check_signing(*good, now=NOW)
    with pytest.raises(profiles.CertificateError, match="no longer valid since 2027-06-08"):
        profiles.check_signing(*good, now=NOW + timedelta(days=90))
    (tmp_path / "empty").write_text("")
    with pytest.raises(profiles.CertificateError, match="empty has no certificate"):
        profiles.signed(b"", tmp_path / "empty", good[1])
    with pytest.raises(profiles.CertificateError, match="none has no key"):
        profiles.signed(b"", good[0], tmp_path / "none")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    others = certificate(elsewhere, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(profiles.CertificateError, match="is not the key of"):
        profiles.signed(b"", good[0], others[1])
    of_kind = certificate(elsewhere, ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(profiles.CertificateError, match="a kind that cannot sign"):
        profiles.signed(b"", *of_kind)
