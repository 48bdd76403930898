"""Categories of bookings: named, put in order, taken out of what is offered."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.actions import record
from booking.actions.spaces.checks import admins_only
from booking.core.categories import (
    BUILT_IN,
    MOST_CATEGORIES,
    CategoryView,
    checked_names,
    code_for,
)
from booking.core.errors import InvalidRequest, NotFound, Stale
from booking.core.values import Actor
from booking.db import transact
from booking.models import CategoryRow
from booking.queries.categories import categories

_Result = TypeVar("_Result")


def create_category(names: dict[str, str], actor: Actor, *, now: datetime) -> str:
    """Add a category at the end and return its code; ``names`` by language.

    Raises:
        NotAllowed: If the actor does not run the installation.
        InvalidRequest: If a name is missing, too long or there already.
    """
    admins_only(actor)
    clean = checked_names(names, built_in=False)

    def store(session: Session) -> str:
        known = categories(session)
        if len(known) >= MOST_CATEGORIES:
            raise InvalidRequest.because("too_many_categories", limit=MOST_CATEGORIES)
        _refuse_twins(known, "", clean)
        code = code_for(clean["en"], [each.code for each in known])
        _insert(session, code, position=_last(session, known) + 1, **_columns(clean))
        new = {"code": code, **_columns(clean)}
        record.audit(session, actor, "create", ("category", 0), now=now, new=new)
        return code

    return _unless_raced(lambda: transact(store))


def name_category(
    code: str, names: dict[str, str], actor: Actor, *, version: int, now: datetime
) -> int:
    """Give a category other names and return its version; "" is the product's own name.

    Raises:
        NotAllowed: If the actor does not run the installation.
        NotFound: If there is no such category.
        InvalidRequest: If a name is too long, there already, or missing where it is nobody else's.
        Stale: If somebody changed it since.
    """
    admins_only(actor)
    clean = checked_names(names, built_in=code in BUILT_IN)

    def store(session: Session) -> int:
        known = categories(session)
        before = _seen(known, code, version)
        _refuse_twins(known, code, clean)
        _write(session, known, before, _columns(clean))
        old = {"code": code, **_columns(dict(before.names))}
        new = {"code": code, **_columns(clean)}
        record.audit(session, actor, "edit", ("category", 0), now=now, old=old, new=new)
        return version + 1

    return _unless_raced(lambda: transact(store))


def offer_category(code: str, actor: Actor, *, offered: bool, version: int, now: datetime) -> int:
    """Take a category out of what is offered, or bring it back; bookings keep theirs.

    Raises:
        NotAllowed, NotFound, Stale: As ``name_category``.
        InvalidRequest: If it is the last one that is offered.
    """
    admins_only(actor)

    def store(session: Session) -> int:
        known = categories(session)
        before = _seen(known, code, version)
        if not offered and [each.code for each in known if not each.is_archived] == [code]:
            raise InvalidRequest.because("last_category")
        _write(session, known, before, {"archived_at": None if offered else now})
        verb = "restore" if offered else "archive"
        record.audit(session, actor, verb, ("category", 0), now=now, new={"code": code})
        return version + 1

    return _unless_raced(lambda: transact(store))


def order_categories(codes: Sequence[str], actor: Actor, *, now: datetime) -> None:
    """Put the categories into this order; those that are not named come after.

    Raises:
        NotAllowed: If the actor does not run the installation.
    """
    admins_only(actor)

    def store(session: Session) -> None:
        known = categories(session)
        by_code = {each.code: each for each in known}
        wanted = [each for each in dict.fromkeys(codes) if each in by_code]
        after = [*wanted, *(each for each in by_code if each not in wanted)]
        for position, code in enumerate(after):
            if by_code[code].version:
                session.execute(
                    update(CategoryRow).where(CategoryRow.code == code).values(position=position)
                )
            else:
                _insert(session, code, position=position, name_fr="", name_en="")
        old, new = {"categories": list(by_code)}, {"categories": after}
        record.audit(session, actor, "order", ("category", 0), now=now, old=old, new=new)

    _unless_raced(lambda: transact(store))


def _columns(names: dict[str, str]) -> dict[str, object]:
    return {f"name_{language}": name for language, name in names.items()}


def _seen(known: Sequence[CategoryView], code: str, version: int) -> CategoryView:
    found = next((each for each in known if each.code == code), None)
    if found is None:
        raise NotFound("category", code)
    if found.version != version:
        raise Stale(found.version)
    return found


def _refuse_twins(known: Sequence[CategoryView], code: str, names: dict[str, str]) -> None:
    """Refuse a name that another category has in the same language."""
    for language, name in names.items():
        others = {
            dict(each.names).get(language, "").casefold() for each in known if each.code != code
        }
        if name and name.casefold() in others:
            raise InvalidRequest.because("name_taken", language, name=name)


def _write(
    session: Session,
    known: Sequence[CategoryView],
    before: CategoryView,
    values: dict[str, object],
) -> None:
    if before.version == 0:
        position = [each.code for each in known].index(before.code)
        fresh = {"position": position, "name_fr": "", "name_en": "", **values}
        _insert(session, before.code, **fresh)
        return
    changed = session.execute(
        update(CategoryRow)
        .where(CategoryRow.code == before.code, CategoryRow.version == before.version)
        .values(version=before.version + 1, **values)
    )
    if cast("CursorResult[Any]", changed).rowcount != 1:
        raise Stale(before.version + 1)


def _insert(session: Session, code: str, **values: object) -> None:
    session.execute(insert(CategoryRow).values(code=code, version=1, **values))


def _last(session: Session, known: Sequence[CategoryView]) -> int:
    stored = session.scalar(select(func.max(CategoryRow.position)))
    return max(stored or 0, len(known) - 1)


def _unless_raced(verb: Callable[[], _Result]) -> _Result:
    try:
        return verb()
    except IntegrityError:  # somebody else was the first to write it
        raise Stale(1) from None
