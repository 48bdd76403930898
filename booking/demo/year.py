"""Fills the plan of a demo year: closings, series, special days, and the everyday."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from booking.core.recurrence import expand, first_start, parse_rule, to_utc
from booking.core.values import Category, Visibility
from booking.demo.calendar import DAY, Days, at
from booking.demo.diary import (
    CANCELLATIONS,
    FILLERS,
    NOTES,
    ONE_OFFS,
    REFUSALS,
    SERIES,
    Once,
    Repeating,
)
from booking.demo.house import ROOMS, SITE, SPACES
from booking.demo.people import ADMIN, MEMBER, NEIGHBOUR, ORGANISATIONS, PEOPLE, Somebody
from booking.demo.plan import HOUR, Closing, Outcome, Sheet, Wish, needs_approval

SEED = "pole-sud"
BOOKINGS = 450
HORIZON = timedelta(days=60)  # before the year begins, the house is set up


def make_plan(now: datetime) -> Sheet:
    """Return the plan for the year around ``now`` (naive, wall clock)."""
    sheet = Sheet(Days(now.date()), now, Random(f"{SEED} {now.date()}"))  # noqa: S311 - no secret
    _closings(sheet)
    _great_days(sheet)
    for series in SERIES:
        _repeat(sheet, series)
    _today(sheet)
    _coming_requests(sheet)
    _present_week(sheet)
    _everyday(sheet)
    return sheet


# --- what is fixed first


def _closings(sheet: Sheet) -> None:
    made = at(sheet.days.first, 9) - HORIZON / 2
    for pause in sheet.days.pauses:
        sheet.close(Closing(None, at(pause.start, 0), at(pause.end, 0), pause.reason, made))
    works = sheet.days.monday + 14 * DAY
    soon = sheet.now - timedelta(days=6)
    sheet.close(Closing("lanterne", at(works, 0), at(works + 2 * DAY, 0), "Peinture", soon))
    past = sheet.days.monday - 32 * DAY
    before = at(past - 9 * DAY, 10)
    sheet.close(Closing("atelier-3", at(past, 8), at(past, 20), "Changement des écrans", before))


def _great_days(sheet: Sheet) -> None:
    """The days that everything else makes way for; two of them last through the night."""
    monday = sheet.days.monday
    meeting = _open_day(sheet, monday + 38 * DAY)
    _great(sheet, "Rencontres solidaires", ("boussole", "marmite", "tilleul", "esplanade"),
           at(meeting, 9), 9, ADMIN, 220)  # fmt: skip
    for week, title in ((-6, "Nuit du conte"), (2, "Nuit des étoiles")):
        evening = _open_day(sheet, monday + (7 * week + 5) * DAY)
        _great(sheet, title, ("esplanade",), at(evening, 19), 15, NEIGHBOUR, 60)
    for week, title in ((-3, "Chantier de jeunes"), (0, "Campement des scouts"), (4, "Camp vélo")):
        friday = _open_day(sheet, monday + (7 * week + 4) * DAY)
        camp = _great(sheet, title, ("verger",), at(friday, 0), 72, NEIGHBOUR, 24)
        sheet.wishes[-1] = replace(camp, all_day=True, category=Category.OTHER)


def _great(
    sheet: Sheet,
    title: str,
    spaces: tuple[str, ...],
    start: datetime,
    hours: float,
    organiser: Somebody,
    attendance: int,
) -> Wish:
    return sheet.add(
        Wish(
            spaces=spaces,
            start=start,
            end=start + hours * HOUR,
            title=title,
            organiser=organiser,
            organisation=organiser.organisation,
            asked=sheet.asked_before(start, days=(40, 60)),
            category=Category.EVENT,
            visibility=Visibility.PUBLIC,
            attendance=attendance,
        )
    )


def _open_day(sheet: Sheet, day: date) -> date:
    while not sheet.days.is_open(day):
        day += 7 * DAY
    return day


# --- what repeats


def _repeat(sheet: Sheet, series: Repeating) -> None:
    """Add a series; dates on closed days, or that meet something, are left out."""
    first = sheet.days.first + series.first_week * 7 * DAY
    first += (series.weekday - first.weekday()) % 7 * DAY
    length = series.hours * HOUR
    rule = f"{series.rule};UNTIL={sheet.days.last:%Y%m%d}T235959"
    dates = _dates(at(first, series.hour), rule)
    kept = [
        each
        for each in dates
        if sheet.days.is_open(each.date()) and sheet.is_free(series.spaces, each, each + length)
    ]
    for each in kept:
        sheet.take(series.spaces, each, each + length)
    asked = sheet.asked_before(dates[0], days=(9, 20))
    is_decided = needs_approval(series.spaces)
    sheet.wishes.append(
        Wish(
            spaces=series.spaces,
            start=dates[0],
            end=dates[0] + length,
            title=series.title,
            organiser=_series_organiser(sheet, series.organisation),
            organisation=series.organisation,
            asked=asked,
            category=series.category,
            visibility=series.visibility,
            attendance=series.attendance,
            rule=rule,
            skip=frozenset(dates) - frozenset(kept),
            leaves_out=series.leaves_out,
            visitors=series.visitors,
            outcome=Outcome.APPROVED if is_decided else Outcome.STANDS,
            settled=sheet.answered_after(asked) if is_decided else None,
        )
    )


def _dates(start: datetime, text: str) -> list[datetime]:
    rule = parse_rule(text)
    first = first_start(start, rule, SITE.zone) or start
    end = to_utc(first + timedelta(days=1000), SITE.zone)  # the rule ends by itself, before
    instances = expand(first, HOUR, SITE.zone, rule=rule, until=end)
    return [each.recurrence_id for each in instances]


def _series_organiser(sheet: Sheet, organisation: str) -> Somebody:
    return MEMBER if organisation == MEMBER.organisation else sheet.somebody_of(organisation)


# --- today, and what waits for a decision


def _today(sheet: Sheet) -> None:
    """Put on today's board what a board can show: mine, private, closed, pending, rivals."""
    today = sheet.days.today
    hour = _free_hour(sheet, "boussole", today, (12.5, 12, 13, 11, 16, 17, 8), 1)
    check = Closing("boussole", at(today, hour), at(today, hour + 1), "Contrôle de la visio",
                    sheet.now - timedelta(days=5))  # fmt: skip
    sheet.close(check)
    for title, room, hours, length in (
        ("Préparation du forum", "boussole", (10.5, 10, 14, 15, 16, 8), 1.5),
        ("Rendez-vous partenaires", "lanterne", (16, 15.5, 17, 8.5, 14), 1.5),
    ):
        _own(sheet, title, room, today, hour=_free_hour(sheet, room, today, hours, length),
             hours=length)  # fmt: skip
    hour = _free_hour(sheet, "lanterne", today, (13.5, 14, 13, 12, 17), 1)
    _single(sheet, FILLERS[1], ("lanterne",), at(today, hour), hours=1, mishaps=0)
    hour = _free_hour(sheet, "tilleul", today, (14, 15, 10, 9, 12), 2)
    _request(sheet, "Réunion publique", ("tilleul",), at(today, hour), 2, NEIGHBOUR)
    hour = _free_hour(sheet, "marmite", today, (15.5, 16, 14, 12.5, 17, 9), 2)
    asks = (("Goûter des familles", 2, 0), ("Crêpes partagées", 1.5, 0.5))
    _rivals(sheet, "marmite", at(today, hour), asks)


def _coming_requests(sheet: Sheet) -> None:
    """Requests of the last days for the coming weeks, some of them rivals, and two answers."""
    days = [day for day in sheet.days.open_days() if day > sheet.days.today and day.weekday() < 6]
    for ahead, title, room, length in (
        (1, "Atelier conserves", "marmite", 2.5),
        (2, "Conférence : le sol vivant", "tilleul", 2),
        (4, "Repas de l’équipe", "marmite", 2),
        (7, "Assemblée générale", "tilleul", 2.5),
        (9, "Stage de théâtre", "tilleul", 3),
        (12, "Cuisine du monde", "marmite", 3),
        (16, "Loto solidaire", "tilleul", 3),
    ):
        hour = _free_hour(sheet, room, days[ahead], (14, 10, 15, 9, 12, 17), length)
        organiser = MEMBER if ahead in (4, 9) else sheet.dice.choice(PEOPLE[5:])
        _request(sheet, title, (room,), at(days[ahead], hour), length, organiser)
    for ahead, asks in (
        (3, (("Repas partagé", 2, 0), ("Atelier pain", 2.5, 0.5))),
        (6, (("Anniversaire de l’AMAP", 2, 0), ("Atelier conserves", 2, 1), ("Brunch", 3, 0.5))),
    ):
        hour = _free_hour(sheet, "marmite", days[ahead], (11.5, 14, 10, 15), 3.5)
        _rivals(sheet, "marmite", at(days[ahead], hour), asks)
    _answers(sheet, days)


def _answers(sheet: Sheet, days: list[date]) -> None:
    """What the member finds in the inbox: one yes and one no of yesterday."""
    yesterday = sheet.at_work(sheet.days.today - DAY)
    for ahead, outcome, title, reason in (
        (10, Outcome.APPROVED, "Bilan de l’année", ""),
        (11, Outcome.REFUSED, "Pot de départ", REFUSALS[0]),
    ):
        hour = _free_hour(sheet, "tilleul", days[ahead], (10, 14, 9, 16, 12), 2)
        _request(sheet, title, ("tilleul",), at(days[ahead], hour), 2, MEMBER)
        sheet.wishes[-1] = replace(
            sheet.wishes[-1],
            asked=sheet.at_work(sheet.days.today - 4 * DAY),
            outcome=outcome,
            settled=yesterday,
            reason=reason,
        )


def _free_hour(
    sheet: Sheet, room: str, day: date, hours: tuple[float, ...], length: float
) -> float:
    """Return the first of the hours, else of all quarters of the day, that is free."""
    anything = (quarter / 4 for quarter in range(8 * 4, 22 * 4))
    for hour in (*hours, *anything):
        if sheet.is_free((room,), at(day, hour), at(day, hour) + length * HOUR):
            return hour
    raise AssertionError(f"{room} is full on {day}")


def _own(sheet: Sheet, title: str, room: str, day: date, *, hour: float, hours: float) -> None:
    sheet.add(
        Wish(
            spaces=(room,),
            start=at(day, hour),
            end=at(day, hour + hours),
            title=title,
            organiser=MEMBER,
            organisation=MEMBER.organisation,
            asked=sheet.asked_before(at(day, hour), days=(2, 9)),
            attendance=6,
            note=NOTES[0],
        )
    )


def _request(
    sheet: Sheet,
    title: str,
    spaces: tuple[str, ...],
    start: datetime,
    hours: float,
    organiser: Somebody,
) -> None:
    """Add a request that nobody has decided yet."""
    sheet.add(
        Wish(
            spaces=spaces,
            start=start,
            end=start + hours * HOUR,
            title=title,
            organiser=organiser,
            organisation=organiser.organisation,
            asked=sheet.asked_lately(),
            category=Category.OTHER,
            attendance=12,
        )
    )


def _rivals(
    sheet: Sheet, room: str, start: datetime, asks: tuple[tuple[str, float, float], ...]
) -> None:
    """Add requests for one time, each with its title, its hours and how much later it begins."""
    organisers = sheet.dice.sample(PEOPLE[4:], len(asks))
    for (title, hours, later), organiser in zip(asks, organisers, strict=True):
        _request(sheet, title, (room,), start + later * HOUR, hours, organiser)


# --- the everyday


def _present_week(sheet: Sheet) -> None:
    """Fill the present week until every room has something to show, today most of all."""
    for day in sheet.days.week:
        is_weekend = day.weekday() >= 5
        wanted = 4 if day == sheet.days.today else 2 if is_weekend else 3
        kinds = [each for each in ONE_OFFS if (each.when == "weekend") == is_weekend]
        for room in ROOMS:
            fitting = [each for each in (*kinds, *FILLERS) if room in each.rooms]
            small = [each for each in FILLERS if room in each.rooms]
            for choice in (*[fitting] * 6, *[small] * 12):
                if sheet.bookings_on(room, day) < wanted:
                    kind = sheet.dice.choice(_fresh(sheet, choice))
                    _place(sheet, replace(kind, rooms=(room,)), day, mishaps=0)


def _fresh(sheet: Sheet, kinds: list[Once]) -> list[Once]:
    """Return those that the present week has not seen, all of them where it has seen all."""
    week = {wish.title for wish in sheet.wishes if wish.start.date() in sheet.days.week}
    return [each for each in kinds if each.title not in week] or kinds


def _everyday(sheet: Sheet) -> None:
    """Add what comes once, more of it near today, until the year has its number."""
    days = list(sheet.days.open_days())
    weights = [_weight((day - sheet.days.today).days, day.weekday()) for day in days]
    while len(sheet.wishes) < BOOKINGS:
        day = sheet.dice.choices(days, weights)[0]
        is_weekend = day.weekday() >= 5
        kinds = [each for each in ONE_OFFS if (each.when == "weekend") == is_weekend]
        _place(sheet, sheet.dice.choice(kinds), day)


def _weight(ahead: int, weekday: int) -> float:
    """Return how busy a day is: plans reach weeks ahead, memories months back."""
    near = 5 if abs(ahead) <= 10 else 2.2 if -60 <= ahead <= 40 else 1.2 if ahead < 90 else 0.6
    return near * (0.25 if weekday == 6 else 0.4 if weekday == 5 else 1)


def _place(sheet: Sheet, kind: Once, day: date, *, mishaps: float = 1) -> None:
    """Find a time for it on this day; none is fine, too.  ``mishaps`` 0: nothing is called off."""
    length = sheet.dice.choice(kind.hours)
    hours = (18.0, 18.5) if kind.when == "evening" else tuple(h / 2 for h in range(17, 36))
    for _ in range(6):
        room, hour = sheet.dice.choice(kind.rooms), sheet.dice.choice(hours)
        if kind.when != "evening" and hour + length > 20:
            continue
        if sheet.is_free((room,), at(day, hour), at(day, hour + length)):
            _single(sheet, kind, (room,), at(day, hour), hours=length, mishaps=mishaps)
            return


def _single(
    sheet: Sheet,
    kind: Once,
    spaces: tuple[str, ...],
    start: datetime,
    *,
    hours: float,
    mishaps: float = 1,
) -> None:
    organisation = kind.organisation or sheet.dice.choice(tuple(ORGANISATIONS))
    seats = SPACES[spaces[0]].get("capacity") or 1000
    if "Visio" in kind.title and sheet.is_free(("visio",), start, start + hours * HOUR):
        spaces = (*spaces, "visio")
    wish = Wish(
        spaces=spaces,
        start=start,
        end=start + hours * HOUR,
        title=kind.title,
        organiser=sheet.somebody_of(organisation),
        organisation=organisation,
        asked=sheet.asked_before(start),
        category=kind.category,
        visibility=kind.visibility,
        attendance=min(sheet.dice.randint(*kind.people), seats),
        note=sheet.dice.choice(NOTES) if sheet.dice.random() < 0.12 else "",
    )
    sheet.add(_settled(sheet, wish, mishaps))


def _settled(sheet: Sheet, wish: Wish, mishaps: float) -> Wish:
    """Decide what becomes of it, at a moment between the asking and its start."""
    settled = sheet.answered_after(wish.asked)
    if settled >= min(sheet.now, wish.start):
        return wish
    chance = sheet.dice.random()
    if needs_approval(wish.spaces):
        is_refused = chance < 0.12 * mishaps
        outcome = Outcome.REFUSED if is_refused else Outcome.APPROVED
        reason = sheet.dice.choice(REFUSALS) if is_refused else ""
        return replace(wish, outcome=outcome, settled=settled, reason=reason)
    if chance < 0.07 * mishaps:
        reason = sheet.dice.choice(CANCELLATIONS)
        return replace(wish, outcome=Outcome.CANCELLED, settled=settled, reason=reason)
    return wish
