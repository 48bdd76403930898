"""What stands in a cell: days, amounts, shares, lists, as people and spreadsheets write them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from booking.core.checks import lines
from booking.core.errors import InvalidRequest
from booking.core.letting import MOST_LANES
from booking.core.messages import Message
from booking.core.sheets.tables import heading
from booking.core.values import Document

T = TypeVar("T")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST = re.compile(
    r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4}|[0-9]{2})(?: 00:00(?::00)?)?"
)
_SERIAL = re.compile(r"[0-9]{5}")
_EXCEL_DAY_0 = date(1899, 12, 30)
_CENTURY = 70  # years of two digits below are of this century
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,10})?")
_UNITS = re.compile(r"(?:€|eur|euros?|m²|m2|m\^2|h|heures?|hours?|mois|months?|min|/|par|per|\s)+")
_GROUPS = dict.fromkeys(map(ord, " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}’'"))
_NOT_COMPUTED = re.compile(r"=|#(?:REF|N/A|VALUE|NAME|DIV/0|NUM|NULL|VALEUR|NOM|NOMBRE|NUL)\b.*")
_PARTED = re.compile(r"[,;/\n]+")
_DAYS_PARTED = re.compile(r"(?:[,;/+\s]|\bet\b|\band\b)+")
_WEEKDAYS = (
    ("lun", "mon"),
    ("mar", "tue"),
    ("mer", "wed"),
    ("jeu", "thu"),
    ("ven", "fri"),
    ("sam", "sat"),
    ("dim", "sun"),
)
_NUMBER_OF = {word: number for number, words in enumerate(_WEEKDAYS) for word in words}
_YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai"}
_NO = {"no", "n", "false", "0", "non", "faux"}


@dataclass(slots=True)
class Cells:
    """The cells of a row that are not empty, and what is wrong with them so far."""

    texts: Mapping[str, str]
    wrong: list[Message] = field(default_factory=list)

    def take(self, key: str, read: Callable[[str, str], T]) -> T | None:
        """Return what a cell says, None where it is empty or wrong; ``wrong`` says why."""
        text = self.texts.get(key, "")
        if not text:
            return None
        try:
            if _NOT_COMPUTED.match(text):
                raise InvalidRequest.because("cell_formula", key, text=text[:40])
            return read(text, key)
        except InvalidRequest as error:
            self.wrong.extend(error.messages)
            return None


def text(value: str, key: str) -> str:
    """Return a text; the mark that keeps a spreadsheet from computing it is taken off."""
    del key
    return value[1:] if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@") else value


def day(value: str, key: str) -> date:
    """Return a day: 31/12/2027, 31.12.27, 2027-12-31, or Excel's number of it.

    Raises:
        InvalidRequest: If it is none.
    """
    try:
        if found := _ISO.fullmatch(value):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(value):
            year = int(found[3])
            if len(found[3]) == 2:
                year += 2000 if year < _CENTURY else 1900
            return date(year, int(found[2]), int(found[1]))
    except ValueError:
        raise InvalidRequest.because("cell_day", key, text=value[:40]) from None
    if _SERIAL.fullmatch(value):
        return _EXCEL_DAY_0 + timedelta(days=int(value))
    raise InvalidRequest.because("cell_day", key, text=value[:40])


def amount(value: str, key: str) -> Decimal:
    """Return a number with a point or a comma, whatever groups its digits or follows it.

    Raises:
        InvalidRequest: If it is none.
    """
    plain = value.casefold().translate(_GROUPS)
    found = re.match(r"[0-9.,]+", plain)
    digits = found[0] if found else ""
    if not found or (plain != digits and not _UNITS.fullmatch(plain[found.end() :])):
        raise InvalidRequest.because("cell_number", key, text=value[:40])
    mark = max(digits.rfind("."), digits.rfind(","))
    if mark >= 0:  # the last mark is that of the fraction, others group the digits
        whole = digits[:mark].replace(",", "").replace(".", "")
        digits = f"{whole}.{digits[mark + 1 :]}"
    if not _AMOUNT.fullmatch(digits):
        raise InvalidRequest.because("cell_number", key, text=value[:40])
    return Decimal(digits)


def whole(value: str, key: str) -> int:
    """Return a whole number.

    Raises:
        InvalidRequest: If it is none.
    """
    found = amount(value, key)
    if found != int(found):
        raise InvalidRequest.because("cell_number", key, text=value[:40])
    return int(found)


def yes_or_no(value: str, key: str) -> bool:
    """Return whether a cell says yes.

    Raises:
        InvalidRequest: If it says neither.
    """
    word = heading(value)
    if word not in _YES | _NO:
        raise InvalidRequest.because("cell_yes_no", key, text=value[:40])
    return word in _YES


def share(value: str, key: str) -> tuple[int, int]:
    """Return a share such as 1/2, 50 % or 0,5 as how many of how many.

    Raises:
        InvalidRequest: If it is none, or of more than can be told apart.
    """
    left, bar, right = value.replace(" ", "").partition("/")
    try:
        if bar:
            found, parts = int(left), int(right)
        else:
            number = amount(value.rstrip("% \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"), key)
            exact = Fraction(number) / (100 if "%" in value else 1)
            near = exact.limit_denominator(MOST_LANES)
            if abs(near - exact) > Fraction(1, 200):
                raise ValueError
            found, parts = near.numerator, near.denominator
    except (ValueError, InvalidRequest):
        raise InvalidRequest.because("cell_share", key, text=value[:40]) from None
    if not 1 <= found <= parts <= MOST_LANES:
        raise InvalidRequest.because("cell_share", key, text=value[:40])
    return found, parts


def weekdays(value: str, key: str) -> frozenset[int]:
    """Return days of the week (0 Monday), by their first letters, also mon-fri; all are none.

    Raises:
        InvalidRequest: If a word is none.
    """
    days: set[int] = set()
    for word in filter(None, _DAYS_PARTED.split(value.casefold())):
        first, _, last = word.partition("-")
        ends = [_NUMBER_OF.get(each.strip(".")[:3]) for each in (first, last or first)]
        if ends[0] is None or ends[1] is None or ends[1] < ends[0]:
            raise InvalidRequest.because("cell_weekday", key, text=word[:40])
        days.update(range(ends[0], ends[1] + 1))
    return frozenset() if len(days) == 7 else frozenset(days)


def listed(value: str, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the codes of what a cell lists, parted by commas; other words stay as they are."""
    parts = (each.strip() for each in _PARTED.split(value))
    return tuple(dict.fromkeys(words.get(heading(each), each) for each in parts if each))


def choices(words: Mapping[str, str]) -> Callable[[str, str], tuple[str, ...]]:
    """Return a reader of lists in which every word has to be known."""

    def read(value: str, key: str) -> tuple[str, ...]:
        found = listed(value, words)
        for each in found:
            if each not in words.values():
                raise InvalidRequest.because("cell_choice", key, text=each[:40])
        return found

    return read


def choice(words: Mapping[str, str]) -> Callable[[str, str], str]:
    """Return a reader of one known word."""

    def read(value: str, key: str) -> str:
        found = words.get(heading(value))
        if found is None:
            raise InvalidRequest.because("cell_choice", key, text=value[:40])
        return found

    return read


def documents(value: str, key: str) -> tuple[Document, ...]:
    """Return the documents of a cell, one on each line: the link last, its title before."""
    del key
    found = []
    for line in lines(value).splitlines():
        title, _, url = line.strip().rpartition(" ")
        if url:
            found.append(Document(title.strip() or url, url))
    return tuple(found)
