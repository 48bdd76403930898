"""What every page needs to know: who looks, in which language, at what time."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from booking import i18n
from booking.config import Config
from booking.core.errors import NotAllowed, NotFound
from booking.core.values import Actor, Site, Space
from booking.db import db
from booking.i18n import LANGUAGES
from booking.queries import houses
from booking.queries.categories import categories
from booking.queries.people import Viewer, viewer_of
from booking.web.security import SHARED

P = ParamSpec("P")
Page = Response | str | tuple[str, int]
COOKIE_LANGUAGE = "lang"
COOKIE_THEME = "theme"
A_YEAR_S = 365 * 86_400
THEMES = ("auto", "light", "dark")


class SignedIn(UserMixin):
    """What Flask-Login carries around: a viewer, never a row."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer

    def get_id(self) -> str:
        """Return person and epoch; a new epoch ends the sessions that carry the old one."""
        return f"{self.viewer.person_id}.{self.viewer.epoch}"


def config() -> Config:
    """Return the operator's settings."""
    settings: Config = current_app.extensions["booking"]["config"]
    return settings


def now() -> datetime:
    """Return the present, aware, by the application's clock."""
    moment: datetime = current_app.extensions["booking"]["clock"]()
    return moment


def viewer() -> Viewer | None:
    """Return who looks at the page, None when nobody is signed in."""
    if g.get("nobody_known", False):
        return None
    user = current_user._get_current_object()
    return user.viewer if isinstance(user, SignedIn) else None


def forget_viewer() -> None:
    """Answer this request as to a stranger: the database that knows people may be gone."""
    g.nobody_known = True


def actor() -> Actor:
    """Return the signed-in person as the actions want it.

    Raises:
        NotAllowed: If nobody is signed in.
    """
    looking = viewer()
    if looking is None:
        raise NotAllowed.because("sign_in_first")
    return looking.actor


def sites() -> list[Site]:
    """Return the sites that are in use."""
    return [each for each in all_sites().values() if not each.is_archived]


def all_sites() -> dict[int, Site]:
    """Return the sites by id, archived ones as well, read once a request."""
    if "sites" not in g:
        g.sites = {each.id: each for each in houses.sites(db.session())}
    found: dict[int, Site] = g.sites
    return found


def site_named(slug: str) -> Site:
    """Return the site with this slug.

    Raises:
        NotFound: If there is none.
    """
    found = next((each for each in sites() if each.slug == slug), None)
    if found is None:
        raise NotFound("site", slug)
    return found


def spaces() -> dict[int, Space]:
    """Return the spaces of all sites by id, in their order, read once a request."""
    if "spaces" not in g:
        g.spaces = {space.id: space for space in houses.spaces(db.session())}
    found: dict[int, Space] = g.spaces
    return found


def category_names() -> dict[str, str]:
    """Return code -> name of all categories, read once a request."""
    if "category_names" not in g:
        known = categories(db.session())
        g.categories_offered = [each.code for each in known if not each.is_archived]
        g.category_names = i18n.category_names(known)
    found: dict[str, str] = g.category_names
    return found


def offered_categories(kept: str = "") -> dict[str, str]:
    """Return code -> name of what may be chosen, and of what is chosen already (``kept``)."""
    names = category_names()
    return {code: names[code] for code in names if code in g.categories_offered or code == kept}


def is_fragment() -> bool:
    """Whether a script asks for a part of the page only."""
    return request.headers.get("X-Fragment") == "1"


def signed_in(page: Callable[P, Page]) -> Callable[P, Page]:
    """Let signed-in people pass, send everybody else to the sign-in page."""

    @functools.wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Page:
        if viewer() is not None:
            return page(*args, **kwargs)
        if is_fragment():
            raise NotAllowed.because("sign_in_first")
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.sign_in", next=wanted))

    return guarded


def locale() -> str:
    """Return the reader's language: link, cookie, profile, browser, then the house's.

    Signing in and saving the profile set the cookie, a language link changes it.
    """
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    kept = request.cookies.get(COOKIE_LANGUAGE, "")
    if kept in LANGUAGES:
        return kept
    looking = viewer()
    if looking is not None and looking.locale in LANGUAGES:
        return str(looking.locale)
    default = config().ui.default_language
    return request.accept_languages.best_match(list(LANGUAGES), default) or default


def formats() -> str:
    """Return the locale of dates and numbers: English as Europe writes it, 24 hours a day."""
    language = locale()
    return "en_GB" if language == "en" else language


def theme() -> str:
    """Return auto, light or dark: the cookie's choice, then the profile's."""
    kept = request.cookies.get(COOKIE_THEME, "")
    if kept in THEMES:
        return kept
    looking = viewer()
    return looking.theme if looking is not None else "auto"


def init_app(app: Flask) -> None:
    """Wire sign-in and what every template may use."""
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None  # addresses change on phones; the cookie is signed

    @manager.user_loader
    def load(key: str) -> SignedIn | None:
        person_id, _, epoch = key.partition(".")
        if not (person_id.isdecimal() and epoch.isdecimal()):
            return None
        found = viewer_of(db.session(), int(person_id), now=now())
        if found is None or found.epoch != int(epoch):
            return None
        return SignedIn(found)

    @app.before_request
    def keep_signed_in() -> None:
        """Renew the session's cookie once a day, so that it ends for those who stay away.

        Not with every answer: one that is still under way at the sign-out
        would sign the person in again.
        """
        if request.path.startswith(SHARED):
            return
        today = now().date().isoformat()
        if "_user_id" in session and session.get("day") != today:
            session["day"] = today

    @app.after_request
    def keep_language(response: Response) -> Response:
        is_page = request.method == "GET" and not request.path.startswith(SHARED)
        asked = request.args.get("lang", "") if is_page else ""
        if asked in LANGUAGES:
            response.set_cookie(
                COOKIE_LANGUAGE,
                asked,
                max_age=A_YEAR_S,
                samesite="Lax",
                secure=request.is_secure,
                httponly=True,
            )
        return response

    @app.context_processor
    def for_every_template() -> dict[str, object]:
        return {
            "viewer": viewer(),
            "sites": sites,
            "theme": theme,
            "locale": locale,
            "languages": LANGUAGES,
            "is_fragment": is_fragment,
            "category_names": category_names,
        }
