"""The app asked in this process: no network, no server, little around it."""

import secrets
import time
from dataclasses import dataclass

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.test import EnvironBuilder, run_wsgi_app

from booking.core.values import Actor
from tests.support.factories import NOW


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took, in milliseconds of the wall and of the CPU."""

    status: int
    body: bytes
    headers: dict[str, str]
    wall_ms: float
    cpu_ms: float


class Browser:
    """Asks an app again and again, signed in or not, as a browser with gzip does."""

    def __init__(self, app: Flask, **headers: str) -> None:
        self.app = app
        self.headers = {"Accept-Encoding": "gzip", "Accept-Language": "fr", **headers}

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for one path."""
        sent = {name.replace("_", "-"): value for name, value in (self.headers | headers).items()}
        environ = EnvironBuilder(path, headers=list(sent.items())).get_environ()
        wall, cpu = time.perf_counter(), time.thread_time()
        body, status, received = run_wsgi_app(self.app.wsgi_app, environ, buffered=True)
        whole = b"".join(body)
        cpu, wall = time.thread_time() - cpu, time.perf_counter() - wall
        return Answer(
            int(status.split()[0]), whole, dict(received), wall_ms=wall * 1000, cpu_ms=cpu * 1000
        )


def cookie(app: Flask, person: Actor, *, epoch: int = 1) -> str:
    """Return the Cookie header of a person who has signed in today and seen a page."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None, "the app has no key"
    value = signer.dumps(
        {
            "_user_id": f"{person.person_id}.{epoch}",
            "_fresh": True,
            "day": f"{NOW:%Y-%m-%d}",
            "csrf_token": secrets.token_hex(20),
        }
    )
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"
