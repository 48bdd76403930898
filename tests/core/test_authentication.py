"""Authentication-Results: only the topmost header of our relay counts, and only for its domain."""

import pytest

from booking.core.authentication import is_proven, parsed

RELAY, SENDER = "mx.house.example", "anna@mail.example.org"


@pytest.mark.parametrize(
    "header",
    [
        "mx.house.example; dmarc=pass header.from=mail.example.org",
        "mx.house.example; dmarc=pass (p=none dis=none) header.from=mail.example.org",
        "mx.house.example 1; dkim=pass header.d=mail.example.org",
        "mx.house.example; dkim=pass header.d=example.org header.s=x",
        "mx.house.example; dkim=fail header.d=other.org; dkim=pass header.i=@example.org",
        "mx.house.example; spf=pass smtp.mailfrom=anna@mail.example.org",
        "mx.house.example; spf=pass smtp.mailfrom=mail.example.org; dkim=none",
        'MX.house.example; DKIM=PASS reason="good; really" header.d="mail.example.org"',
        "mx.house.example (a (nested) comment);\n\tdkim=pass (ok)\n header.d=mail.example.org",
        "mx.house.example; dmarc=none; dkim=pass header.d=mail.example.org",
    ],
)
def test_proven(header: str) -> None:
    assert is_proven([header, "mx.house.example; dmarc=fail"], SENDER, RELAY)


@pytest.mark.parametrize(
    "header",
    [
        "mx.house.example; none",
        "mx.house.example",
        "",
        "mx.other.example; dmarc=pass header.from=mail.example.org",
        "mx.house.example.evil.org; dmarc=pass header.from=mail.example.org",
        "evil.org; x=mx.house.example; dmarc=pass header.from=mail.example.org",
        "mx.house.example; dmarc=pass header.from=evil.org",
        "mx.house.example; dkim=pass header.d=evil.org",
        "mx.house.example; dkim=pass header.d=org",
        "mx.house.example; dkim=pass header.d=ample.org",
        "mx.house.example; dkim=pass",
        "mx.house.example; dkim=pass header.d=sub.mail.example.org",
        "mx.house.example; spf=pass smtp.mailfrom=evil@evil.org",
        "mx.house.example; spf=pass smtp.helo=mail.example.org",
        "mx.house.example; spf=pass",
        "mx.house.example; spf=softfail smtp.mailfrom=mail.example.org",
        "mx.house.example; dmarc=fail; spf=pass smtp.mailfrom=mail.example.org",
        "mx.house.example; (dmarc=pass header.from=mail.example.org)",
        'mx.house.example; spf=fail reason="; dkim=pass header.d=mail.example.org"',
        "mx.house.example; iprev=pass policy.iprev=192.0.2.1",
        "mx.house.example; auth=pass smtp.auth=anna@mail.example.org",
        "(" * 5_000,
    ],
)
def test_not_proven(header: str) -> None:
    assert not is_proven([header], SENDER, RELAY)


def test_what_stands_below_does_not_count() -> None:
    forged = "mx.house.example; dmarc=pass header.from=mail.example.org"
    assert not is_proven(["mx.house.example; dmarc=fail", forged], SENDER, RELAY)
    assert not is_proven(["other.example; spf=none", forged], SENDER, RELAY)
    assert not is_proven([], SENDER, RELAY)
    assert not is_proven([forged], SENDER, "")


def test_parts_are_read() -> None:
    name, [result] = parsed("mx.a.b; dkim/1=pass (2048-bit) header.d=A.org header.s=key")
    assert (name, result.method, result.said) == ("mx.a.b", "dkim", "pass")
    assert result.properties == {"header.d": "a.org", "header.s": "key"}
