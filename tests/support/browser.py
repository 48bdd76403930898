"""A real Chromium, and what no page may do in it."""

import os
import shutil
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

NAMES = (  # without windows first: it draws the same pages with half of the work
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Only what is wrong comes back: all that axe knows of a board takes longer to send than to find.
BARRIERS = """options => axe.run(options).then(({violations}) => violations.flatMap(
  ({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html.slice(0, 200)}`)))"""


def chromium() -> str | None:
    """Return the path of a Chromium: ``$CHROMIUM``, or the first one on the PATH."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [*([named] if named else []), *NAMES])), None)


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at: width in CSS pixels and colour scheme."""

    width: int
    theme: str

    @property
    def is_phone(self) -> bool:
        """Whether it is as narrow as a phone, which is held upright and touched."""
        return self.width < 600

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}"


WIDE = Look(1280, "light")
PHONE = Look(390, "light")
LOOKS = (WIDE, Look(1280, "dark"), PHONE, Look(390, "dark"))


@dataclass  # without slots: Playwright hangs its own things on it
class Watch:
    """Collects what a page does wrong: console errors, uncaught errors, foreign requests.

    ``expected`` are HTTP codes (409, 422) that a test means to cause: Chromium
    writes each failed request to the console, which is then no fault.  ``others``
    are hosts to which a test means to go.
    """

    host: str
    expected: set[int] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # Answers are judged by their codes, in `_answered`.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text} ({message.location})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        is_page = parts.scheme not in ("data", "blob", "about")
        if is_page and parts.netloc not in (self.host, *self.others):
            self.faults.append(f"request to another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} for {response.url}")


def axe(page: Page, *rules: str) -> None:
    """Fail where axe finds a barrier on the page as it is; ``rules`` look at these alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"resultTypes": ["violations"], "preload": False}
    found = page.evaluate(BARRIERS, options | ({"runOnly": rules} if rules else {}))
    assert not found, f"{page.url}:\n" + "\n".join(found)
