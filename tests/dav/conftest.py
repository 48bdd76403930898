"""What the tests of the CalDAV server share: programs that ask, and answers taken apart."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from booking.actions.app_passwords import AppPasswordRequest, create_app_password
from booking.core.values import OPERATOR, Actor
from tests.support.factories import NOW, House

D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
NAMESPACES = (
    'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:S="http://calendarserver.org/ns/" xmlns:A="http://apple.com/ns/ical/"'
)


@dataclass(slots=True)
class Program:
    """A calendar program of a person; ``user`` None has no account."""

    client: FlaskClient
    user: Actor | None
    secret: str = ""

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> TestResponse:
        """Send a request; ``Content_Type`` and the like are headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.user is not None:
            pair = f"{self.user.name.lower()}@example.org:{self.secret}".encode()
            named.setdefault("Authorization", f"Basic {base64.b64encode(pair).decode()}")
        named.setdefault("Content-Type", "application/xml")
        return self.client.open(path, method=method, data=body, headers=named)

    def home(self, *parts: str) -> str:
        """Return an address below the person's calendars."""
        person = self.user.person_id if self.user else 0
        return f"/dav/cal/{person}/" + "/".join(map(quote, parts))

    def report(self, path: str, name: str, inner: str, **headers: str) -> TestResponse:
        """Ask for a report: its element with what is in it."""
        return self.ask("REPORT", path, f"<{name} {NAMESPACES}>{inner}</{name}>", **headers)

    def properties(self, path: str, *names: str, depth: str = "0") -> dict[str, dict[str, str]]:
        """Return the properties of what is at an address, by href and name."""
        inner = "".join(f"<{name}/>" for name in names)
        body = f"<propfind {NAMESPACES}><prop>{inner}</prop></propfind>"
        return found(self.ask("PROPFIND", path, body, Depth=depth))

    def query(self, path: str, filters: str, *, data: str = "<C:calendar-data/>") -> dict[str, str]:
        """Return the calendar data of what a filter lets through, by name."""
        asked = f"<prop><getetag/>{data}</prop><C:filter>{filters}</C:filter>"
        return texts(self.report(path, "C:calendar-query", asked))

    def sync(self, path: str, token: str = "", more: str = "") -> tuple[dict[str, str], str]:
        """Return name -> ETag, "" for what is gone, and the next token."""
        asked = f"<sync-token>{token}</sync-token><sync-level>1</sync-level>{more}"
        answer = self.report(path, "sync-collection", f"{asked}<prop><getetag/></prop>")
        root = tree(answer)
        changed = {
            name_of(each): each.findtext(f".//{D}getetag") or ""
            for each in root.findall(f"{D}response")
        }
        return changed, root.findtext(f"{D}sync-token") or ""


def tree(answer: TestResponse) -> etree._Element:
    """Return the XML of a 207."""
    assert answer.status_code == 207, (answer.status, answer.text)
    return etree.fromstring(answer.data)


def name_of(response: etree._Element) -> str:
    """Return the last part of a response's address."""
    return (response.findtext(f"{D}href") or "").rstrip("/").rpartition("/")[2]


def found(answer: TestResponse) -> dict[str, dict[str, str]]:
    """Return the properties that are there, as the text of their XML, by href and local name."""
    said: dict[str, dict[str, str]] = {}
    for response in tree(answer).findall(f"{D}response"):
        values = said.setdefault(response.findtext(f"{D}href") or "", {})
        for propstat in response.findall(f"{D}propstat"):
            if "200" in (propstat.findtext(f"{D}status") or ""):
                for each in propstat.find(f"{D}prop"):
                    inner = "".join(etree.tostring(part, encoding="unicode") for part in each)
                    values[etree.QName(each).localname] = (each.text or "") + inner
    return said


def texts(answer: TestResponse) -> dict[str, str]:
    """Return the calendar data of a report, unfolded, by the name of its object."""
    return {
        name_of(each): (each.findtext(f".//{C}calendar-data") or "").replace("\r\n ", "")
        for each in tree(answer).findall(f"{D}response")
    }


def condition(answer: TestResponse) -> str:
    """Return the name of the condition that did not hold (RFC 4918 §16)."""
    root = etree.fromstring(answer.data)
    assert root.tag == f"{D}error", answer.text
    return str(etree.QName(root[0]).localname)


@pytest.fixture
def program(app: Flask, house: House) -> Callable[..., Program]:
    """Return what gives a person's program: ``program(house.member, access="read")``."""

    def of(user: Actor | None, access: str = "write") -> Program:
        if user is None:
            return Program(app.test_client(), None)
        with app.app_context():
            request = AppPasswordRequest("Phone", access, user.person_id)
            made = create_app_password(request, OPERATOR, now=NOW)
        return Program(app.test_client(), user, made.secret)

    return of


@pytest.fixture
def member(program: Callable[..., Program], house: House) -> Program:
    """Return the member's program."""
    return program(house.member)


@pytest.fixture
def stranger(program: Callable[..., Program], house: House) -> Program:
    """Return the program of somebody of another organisation."""
    return program(house.stranger)
