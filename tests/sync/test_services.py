"""The calendars of a mail address are found by DNS, and asked under the guard (RFC 6764)."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from booking.net import Guard
from booking.sync import discovery, services
from booking.sync.errors import RemoteError
from tests.support.calendars import CalendarServer
from tests.support.name_server import Names, name_server
from tests.support.odd_calendars import Proxy, proxy

TRUSTING = Guard(trusted=frozenset({"localhost"}))
SRV, TXT = ("_caldavs._tcp.example.test", "SRV"), ("_caldavs._tcp.example.test", "TXT")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> str:
    """Return a file with a key and a certificate of its own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + made.public_bytes(pem))
    return str(file)


@pytest.fixture
def names() -> Iterator[Names]:
    with name_server() as found:
        yield found


@pytest.fixture
def tls(
    radicale_server: CalendarServer, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    """Return Radicale by https, with a certificate that counts here."""
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with proxy(radicale_server.url, context) as found:
        yield found


def test_server_and_path_come_from_dns_and_are_agreed_to(names, tls):
    port = int(tls.url.rpartition(":")[2])
    names.records[SRV] = ["20 0 1 far.example.test.", f"10 5 {port} localhost."]
    names.records[TXT] = ['"txtvers=1" "path=/mia/"']

    with pytest.raises(discovery.Elsewhere) as caught:
        discovery.locate("mia@example.test", TRUSTING, names.resolver)

    assert caught.value.url == f"{tls.url}/mia/"
    assert names.asked == [SRV, TXT]
    # What was agreed to is an address: DNS has no part in it any more.
    assert discovery.locate(caught.value.url, TRUSTING, names.resolver) == caught.value.url
    assert len(names.asked) == 2


def test_private_server_named_by_dns_is_not_asked(names, tls):
    port = int(tls.url.rpartition(":")[2])
    names.records[SRV] = [f"0 0 {port} localhost."]

    with pytest.raises(RemoteError):
        discovery.locate("example.test", Guard(), names.resolver)

    assert names.asked == [SRV, TXT]
    assert tls.seen == []


@pytest.mark.parametrize(
    ("srv", "txt", "found"),
    [
        ([], [], []),
        (["0 0 0 ."], [], []),
        (["0 0 443 dav.example.test."], [], ["/.well-known/caldav", "/"]),
        (["0 0 443 dav.example.test."], ['"path=/dav"'], ["/dav", "/"]),
        (["0 0 443 dav.example.test."], ['"path=//evil.test/"'], ["/.well-known/caldav", "/"]),
        (["0 0 443 dav.example.test."], ['"path=/a b"'], ["/.well-known/caldav", "/"]),
        (["0 0 443 a\\@b.test."], [], []),
    ],
)
def test_what_dns_says(names, srv, txt, found):
    names.records = {SRV: srv, TXT: txt}

    urls = services.services("example.test", names.resolver)

    assert urls == [f"https://dav.example.test{each}" for each in found]


@pytest.mark.parametrize("typed", ["https://example.test", "localhost", "192.0.2.1", "a.test:8443"])
def test_dns_is_not_asked_for_an_address(names, typed):
    with pytest.raises((RemoteError, discovery.Elsewhere)):
        discovery.locate(typed, Guard(seconds=2), names.resolver)

    assert names.asked == []


def test_without_dns_nothing_is_found(names):
    names.is_mute, names.resolver.lifetime = True, 0.2

    assert services.services("example.test", names.resolver) == []
    assert services.services("a" * 70 + ".test", names.resolver) == []
