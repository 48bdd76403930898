"""What bookings of the house are for, in the order of its administrators."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.core.categories import BUILT_IN, CategoryView
from booking.models import CategoryRow

_ALL = select(
    CategoryRow.code,
    CategoryRow.name_fr,
    CategoryRow.name_en,
    CategoryRow.position,
    CategoryRow.archived_at.label("archived_at"),
    CategoryRow.version,
)
_ONE = select(CategoryRow.archived_at.label("archived_at")).where(
    CategoryRow.code == bindparam("code")
)


def categories(session: Session) -> list[CategoryView]:
    """Return all categories, archived ones as well; one statement.

    Those of the product that nobody touched stand in its order.
    """
    stored = {row.code: row for row in session.connection().execute(_ALL)}
    found: list[tuple[int, int, CategoryView]] = []
    for index, code in enumerate(dict.fromkeys((*BUILT_IN, *sorted(stored)))):
        row = stored.get(code)
        if row is None:
            view = CategoryView(code, (("fr", ""), ("en", "")), False, 0)  # noqa: FBT003
            found.append((index, index, view))
        else:
            names = (("fr", row.name_fr), ("en", row.name_en))
            view = CategoryView(code, names, row.archived_at is not None, row.version)
            found.append((row.position, index, view))
    return [view for _position, _index, view in sorted(found, key=lambda each: each[:2])]


def is_offered(session: Session, code: str) -> bool:
    """Say whether something new may be of this category."""
    row = session.connection().execute(_ONE, {"code": code}).first()
    return row.archived_at is None if row else code in BUILT_IN
