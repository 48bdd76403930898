"""What every answer carries, and how large a question may be."""

import logging
import secrets
import time

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from booking.logs import request_id

log = logging.getLogger("booking.access")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # links that are secrets stay in the house
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
QUIET = ("/static/", "/health")
SHARED = (
    "/static/",
    "/favicon.ico",
    "/feeds/",
    "/dav/",
    "/.well-known/",
    "/programme.ics",
    "/screens/",
    "/embed/",
    "/health",
)


class Sessions(SecureCookieSessionInterface):
    """Sessions of pages: what caches may share neither varies by them nor carries their cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request; who sends no cookie has an empty one at once."""
        return super().open_session(app, request) if request.cookies else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store the session in its cookie, where it has changed."""
        if session.modified or not request.path.startswith(SHARED):
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Add a request id, the access log, the security headers and the sessions' cookie."""
    app.session_interface = Sessions()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        request_id.set(secrets.token_hex(4))

    @app.after_request
    def finish(response: Response) -> Response:
        said = {*response.headers.keys(lower=True)}
        for name, value in HEADERS.items():
            if name.lower() not in said:
                response.headers.add(name, value)
        response.headers.add("X-Request-Id", request_id.get())
        if "cache-control" not in said:
            response.headers.add("Cache-Control", "no-store")
        took_ms = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
        level = logging.DEBUG if request.path.startswith(QUIET) else logging.INFO
        log.log(
            level,
            "%s %s %s",
            request.method,
            request.path,
            response.status_code,
            extra={"ms": took_ms},
        )
        return response
