"""Is what is asked of a lease possible?  Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from booking.core.checks import MOST_NOTE, lines, one_line
from booking.core.errors import InvalidRequest
from booking.core.letting import FIRST_DAY, LAST_DAY, MOST_LANES, let_times
from booking.core.messages import Message, message
from booking.core.requests import LeaseRequest
from booking.core.values import Document, Included

MOST_AREA, MOST_RENT = Decimal(100_000), Decimal(10_000)
MOST_NOTICE_MONTHS = 36
MOST_ROOMS = timedelta(hours=10_000)
MOST_DOCUMENTS, MOST_DOCUMENT_TITLE, MOST_URL = 20, 120, 500
AREA_PLACES, RENT_PLACES = 2, 4


def checked_lease(request: LeaseRequest) -> LeaseRequest:
    """Return the request with clean texts.

    Raises:
        InvalidRequest: With a message for each field that is wrong.
    """
    documents = tuple(
        Document(one_line(each.title), each.url.strip())
        for each in request.documents
        if each.title.strip() or each.url.strip()
    )
    weekdays = request.weekdays if len(request.weekdays) < 7 else frozenset[int]()
    clean = replace(request, documents=documents, weekdays=weekdays, note=lines(request.note))
    wrong = [*_wrong_time(clean), *_wrong_amounts(clean), *_wrong_documents(clean.documents)]
    if not clean.includes <= {*Included}:
        wrong.append(message("choice_invalid", "includes"))
    if len(clean.note) > MOST_NOTE:
        wrong.append(message("note_too_long", "note", limit=MOST_NOTE))
    if wrong:
        raise InvalidRequest(*wrong)
    return clean


def _wrong_time(request: LeaseRequest) -> Iterable[Message]:
    last = request.ends or request.starts
    if not (FIRST_DAY <= request.starts <= LAST_DAY and FIRST_DAY <= last <= LAST_DAY):
        yield message("time_out_of_range", "starts")
    elif last < request.starts:
        yield message("lease_ends_first", "ends")
    elif not request.weekdays <= {*range(7)}:
        yield message("choice_invalid", "weekdays")
    elif not let_times(request.starts, request.ends, request.weekdays, "UTC"):
        yield message("lease_no_day", "weekdays")
    if not 1 <= request.share <= request.shares <= MOST_LANES:
        yield message("lease_share", "share")


def _wrong_amounts(request: LeaseRequest) -> Iterable[Message]:
    if not 0 < request.area_m2 <= MOST_AREA or _places(request.area_m2) > AREA_PLACES:
        yield message("lease_area", "area_m2")
    if not 0 <= request.rent_m2 <= MOST_RENT or _places(request.rent_m2) > RENT_PLACES:
        yield message("lease_rent", "rent_m2")
    if not 0 <= request.months_notice <= MOST_NOTICE_MONTHS:
        most = MOST_NOTICE_MONTHS
        yield message("number_out_of_range", "months_notice", least=0, most=most)
    if request.rooms is not None and not timedelta(0) <= request.rooms <= MOST_ROOMS:
        most = MOST_ROOMS // timedelta(hours=1)
        yield message("number_out_of_range", "rooms", least=0, most=most)


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 99


def _wrong_documents(documents: tuple[Document, ...]) -> Iterable[Message]:
    if len(documents) > MOST_DOCUMENTS:
        yield message("lease_documents", "documents", limit=MOST_DOCUMENTS)
    for each in documents:
        if not _is_link(each.url):
            yield message("lease_link", "documents", url=each.url[:60])
        if len(each.title) > MOST_DOCUMENT_TITLE:
            yield message("name_too_long", "documents", limit=MOST_DOCUMENT_TITLE)


def _is_link(url: str) -> bool:
    """Whether a text is an https address: anything else could run, or travel in the clear."""
    if len(url) > MOST_URL or not url.isprintable() or any(each in url for each in ' "<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
