"""The application: the one place that knows every part."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from booking import dav, feeds
from booking.config import Config
from booking.db import db, engine_options, prepare_engine
from booking.resources import resource_dir
from booking.school import use_file
from booking.web import (
    account,
    admin,
    amounts,
    approvals,
    asked_by_mail,
    assets,
    board,
    bookings,
    by_mail,
    compiled,
    connections,
    context,
    dates,
    desks,
    devices,
    errors,
    filters,
    finding,
    health,
    importing,
    inbox,
    invited,
    leases,
    limits,
    people,
    permanences,
    plan,
    programme,
    rooms,
    screens,
    security,
    sentences,
    subscriptions,
    timeline,
    waiting,
    written,
)

MAX_REQUEST_BYTES = 1024 * 1024
MAX_FORM_FIELDS = 500
TRANSLATIONS = Path(__file__).parent / "translations"
PAGES = (
    account,
    admin,
    approvals,
    asked_by_mail,
    board,
    bookings,
    by_mail,
    connections,
    desks,
    devices,
    filters,
    finding,
    health,
    importing,
    inbox,
    invited,
    leases,
    people,
    permanences,
    plan,
    programme,
    rooms,
    screens,
    subscriptions,
    timeline,
    waiting,
)


def utc_now() -> datetime:
    """Return the present; the application's clock unless a test brings its own."""
    return datetime.now(UTC)


def create_app(config: Config, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Return the service for this configuration; the database is not touched yet."""
    app = Flask("booking", template_folder=str(resource_dir() / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=config.signing_key(),
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(
            config.database_url, threads=config.server.threads
        ),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=MAX_FORM_FIELDS,
        PERMANENT_SESSION_LIFETIME=timedelta(days=config.security.session_days),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # once a day: see booking.web.context
        SESSION_COOKIE_SECURE=config.public_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session, which ends by itself
        BABEL_DEFAULT_LOCALE=config.ui.default_language,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_LEVEL=5,
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "text/calendar",
            "application/json",
            "image/svg+xml",
        ],
    )
    app.extensions["booking"] = {"config": config, "clock": clock}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    use_file(config.school_file)
    if config.server.trusted_proxies:
        hops = config.server.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Babel(app, locale_selector=context.formats, default_translation_directories=str(TRANSLATIONS))
    Compress(app)
    limits.init_app(app)  # before anything that reads a form
    csrf = CSRFProtect(app)
    for part in (context, amounts, dates, errors, security, sentences, written, compiled, assets):
        part.init_app(app)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    app.register_blueprint(feeds.blueprint)
    csrf.exempt(feeds.blueprint)
    app.register_blueprint(dav.blueprint)
    csrf.exempt(dav.blueprint)
    return app
