"""What people see and do in the browser: the board, the dialog, the mouse, the finger."""

import re
from types import TracebackType
from typing import Self

from playwright.sync_api import Locator, Page, expect

from booking.core.values import Actor, Space
from tests.browser.conftest import TIMEOUT_MS
from tests.support.factories import PASSWORD, House

ENDS = ("first", "last")
HOLD_MS = 350  # how long a finger rests before it drags

expect.set_options(timeout=TIMEOUT_MS)


def enter(page: Page, house: House, person: Actor) -> Page:
    """Sign a person in without drawing a page: two requests instead of two pages."""
    asking = page.context.request
    token = re.search(r'name="csrf-token" content="([^"]+)"', asking.get("/sign-in").text())
    assert token
    form = {"email": house.email(person), "password": PASSWORD, "csrf_token": token[1]}
    answer = asking.post("/sign-in", form=form, max_redirects=0)
    assert answer.status == 303, answer.text()
    return page


def date_of(house: House, day: int = 0) -> str:
    """Return the date ``day`` days after tomorrow, as addresses have it."""
    return house.at(0, day=day).date().isoformat()


def open_board(page: Page, house: House, *, day: int = 0, view: str = "day") -> None:
    """Open the board by its address."""
    page.goto(f"/board/{house.site.slug}/{view}/{date_of(house, day)}")


def lane(page: Page, space: Space) -> Locator:
    """Return the column of a space on the board of a day."""
    return page.locator(f"#board .lane[data-space='{space.id}']")


def slot(page: Page, space: Space, at: str) -> Locator:
    """Return the link that books a space from ``at`` (HH:MM)."""
    return lane(page, space).get_by_role("link", name=at, exact=True)


def block(within: Page | Locator, title: str) -> Locator:
    """Return a booking on the board."""
    return within.locator(".bk").filter(has_text=title)


def dialog(page: Page) -> Locator:
    """Return the open dialog."""
    return page.get_by_role("dialog")


def said(page: Page) -> Locator:
    """Return the line that tells what was done."""
    return page.locator("#status")


def choose_room(form: Locator, space: Space, *, chosen: bool = True) -> None:
    """Choose a room in the form, or leave it out."""
    form.locator(f"[name=space][value='{space.id}']").set_checked(chosen)


def fold_out(within: Page | Locator, name: str) -> None:
    """Open a part of the form by its heading."""
    within.locator("summary").filter(has_text=name).click()


def point(page: Page, space: Space, hour: float) -> tuple[float, float]:
    """Return where an hour of a space lies in the window, in pixels."""
    column = lane(page, space)
    box = column.bounding_box()
    assert box, "the lane is not shown"
    first, last = (float(page.locator("#board").get_attribute(f"data-{end}") or 0) for end in ENDS)
    height = box["height"] * (hour - first) / (last - first)
    return box["x"] + box["width"] / 2, box["y"] + height


def grip(page: Page, title: str) -> tuple[float, float]:
    """Return the middle of the edge that a booking is lengthened by."""
    box = block(page, title).locator(".grip").bounding_box()
    assert box, f"{title} has no grip"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Mouse:
    """The left button, held down in a block: ``with Mouse(page, start) as mouse``."""

    def __init__(self, page: Page, start: tuple[float, float]) -> None:
        self._page, self._start = page, start

    def __enter__(self) -> Self:
        self._page.mouse.move(*self._start)
        self._page.mouse.down()
        return self

    def to(self, x: float, y: float) -> None:
        """Drag."""
        self._page.mouse.move(x, y, steps=4)

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._page.mouse.up()


class Finger:
    """A finger on the screen during a block, in which no time passes but by ``rest``."""

    def __init__(self, page: Page, start: tuple[float, float]) -> None:
        self._page, self._at = page, start
        self._screen = page.context.new_cdp_session(page)

    def __enter__(self) -> Self:
        self._page.clock.pause_at(self._page.evaluate("Date.now()") / 1000 + 1)
        self._touch("touchStart", self._at)
        return self

    def rest(self, for_ms: int = HOLD_MS) -> None:
        """Let the finger lie, without more said as long as a drag needs."""
        self._page.clock.run_for(for_ms)

    def to(self, x: float, y: float, *, steps: int = 5) -> None:
        """Draw over the screen."""
        from_x, from_y = self._at
        for step in range(1, steps + 1):
            part = step / steps
            self._touch("touchMove", (from_x + (x - from_x) * part, from_y + (y - from_y) * part))
        self._at = (x, y)

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._touch("touchEnd", None)
        self._page.clock.resume()
        self._screen.detach()

    def _touch(self, kind: str, at: tuple[float, float] | None) -> None:
        points = [] if at is None else [{"x": at[0], "y": at[1]}]
        self._screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
