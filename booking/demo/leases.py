"""Who has which office of the demo house: all of it let at 10 €/m² but what is free."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# Office -> its tenant, for as long as anybody remembers.
TENANTS = {
    "Bureau 001": "Association Trois Ponts",
    "Bureau 002": "Association Trois Ponts",
    "Bureau 004": "Coopérative Aubépine",
    "Bureau 005": "Coopérative Aubépine",
    "Bureau 006": "Ressourcerie du Hibou",
    "Bureau 007": "Ressourcerie du Hibou",
    "Bureau 009": "Roue Libre et Compagnie",
    "Bureau 010": "Roue Libre et Compagnie",
    "Bureau 011": "L’Établi du Coin",
    "Bureau 012": "L’Établi du Coin",
    "Bureau 101": "Toit et Demi",
    "Bureau 102": "Toit et Demi",
    "Bureau 105": "Semailles Solidaires",
    "Bureau 106": "Semailles Solidaires",
    "Bureau 107": "Radio Libellule",
    "Bureau 108": "Radio Libellule",
    "Bureau 109": "Atelier Chantournelle",
    "Bureau 111": "Coopérative Aubépine",
}
# Two share one equally; two have one on some days of the week (0 Monday).
HALVES = ("Bureau 003", ("Semailles Solidaires", "Atelier Chantournelle"))
BY_DAYS = (
    "Bureau 110",
    {"Point Emploi Passerelle": (0, 1, 2), "Microcrédit Fourmi": (3, 4)},
)
FREE, ENDING, RENEWED, COMING = "Bureau 008", "Bureau 104", "Bureau 103", "Bureau 112"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Let:
    """An office let in the demo; ``renews`` the lease before it."""

    office: str
    organisation: str
    starts: date
    ends: date | None = None
    share: int = 1
    shares: int = 1
    weekdays: tuple[int, ...] = ()
    renews: bool = False


def lets(today: date) -> Iterator[Let]:
    """Yield what was let, is let and will be let, as of a day."""
    month = today.replace(day=1)
    this_year = date(today.year, 1, 1)
    for number, (office, organisation) in enumerate(TENANTS.items()):
        starts = date(today.year - 4 + number % 3, 1 + number % 12, 1)
        yield Let(office, organisation, starts)
    office, both = HALVES
    for organisation in both:
        yield Let(office, organisation, this_year, share=1, shares=2)
    office, days = BY_DAYS
    for organisation, weekdays in days.items():
        yield Let(office, organisation, this_year, weekdays=weekdays)
    # One ends soon; one was renewed with the new year; one is planned for later.
    ends = _months_on(month, 2) - _DAY
    yield Let(ENDING, "Toit et Demi", date(today.year - 3, 1, 1), ends)
    before = this_year - _DAY
    yield Let(RENEWED, "L’Établi du Coin", date(today.year - 3, 1, 1), before)
    yield Let(RENEWED, "L’Établi du Coin", this_year, date(today.year + 2, 12, 31), renews=True)
    yield Let(COMING, "Radio Libellule", _months_on(month, 2), date(today.year + 3, 12, 31))


def _months_on(first: date, months: int) -> date:
    """Return the first day of a month some months later."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
