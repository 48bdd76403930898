"""Questions about a series that a mail leads to: a page, a button for each answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from booking.core import permissions
from booking.core.errors import BookingError, NotAllowed, Stale
from booking.core.values import BookingView
from booking.db import db
from booking.queries import houses
from booking.web.bookings.words import rule_words
from booking.web.context import actor
from booking.web.spoken import by_field

KEEP, END = "keep", "end"


@dataclass(frozen=True, slots=True)
class Answer:
    """A button; ``ends`` tells that the series, or its place, is given up by it."""

    key: str
    label: str

    @property
    def ends(self) -> bool:
        """Whether something is given up."""
        return self.key == END


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; without answers there is nothing to answer any more, as ``text`` says."""

    title: str
    facts: Sequence[str]
    text: str
    answers: Sequence[Answer] = ()


def asked() -> str:
    """Return the answer by which the reader comes, or which was given."""
    return END if request.values.get("answer") == END else KEEP


def in_front(*answers: Answer) -> list[Answer]:
    """Return answers with the one last, and so in front, by which the reader comes."""
    return sorted(answers, key=lambda each: each.key == asked())


def series_facts(booking: BookingView) -> list[str]:
    """Return where a series takes place, and how often."""
    rooms = houses.spaces_by_id(db.session(), booking.usual_spaces).values()
    rule = rule_words(booking.rule) if booking.rule else ""
    return [each for each in (", ".join(room.name for room in rooms), rule) if each]


def check_may_answer(booking: BookingView) -> None:
    """Refuse whoever may not change the booking.

    Raises:
        NotAllowed: If it is somebody else's.
    """
    if not permissions.may_change(actor(), booking):
        raise NotAllowed.because("not_your_booking")


def question_page(
    booking: BookingView, question: Question, error: BookingError | None = None
) -> Response:
    """Return the page, with what is wrong if something is."""
    status = 200 if error is None else 409 if isinstance(error, Stale) else 422
    errors = by_field(error) if error else {}
    page = render_template(
        "bookings/question.html", booking=booking, question=question, errors=errors
    )
    return make_response(page, status)
