"""Spaces that fit a wish: the smallest that suffice first, from a house of any size."""

import json
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.core.requests import Fitting
from booking.core.values import SpaceKind
from booking.db import as_json, listed

# Codes of features are looked for as JSON writes them: reading the lists of ten
# thousand spaces in Python took longer than everything else.
_HOLDS = {"sqlite": "instr(features, asked.code)", "postgresql": "strpos(features, asked.code)"}
_FITTING = {
    dialect: text(f"""
WITH asked AS ({listed(dialect, {"code": str})}),
     here AS (SELECT id, capacity, position, CAST(features AS TEXT) AS features FROM space
              WHERE site_id = :site_id AND bookable AND archived_s IS NULL
                AND (:kind = '' OR kind = :kind)
                AND (capacity IS NULL OR capacity >= :attendance))
SELECT id FROM here
WHERE NOT EXISTS (SELECT 1 FROM asked WHERE {holds} = 0)
ORDER BY capacity IS NULL, capacity, position, id LIMIT :most
""")
    for dialect, holds in _HOLDS.items()
}
_OFFERED = text(
    "SELECT DISTINCT kind, CAST(features AS TEXT) FROM space"
    " WHERE site_id = :site_id AND bookable AND archived_s IS NULL"
)


@dataclass(frozen=True, slots=True)
class Offered:
    """The kinds of spaces that a site lets people book, and the codes of what is in them."""

    kinds: frozenset[SpaceKind]
    features: frozenset[str]


def fitting(session: Session, like: Fitting, *, most: int) -> list[int]:
    """Return the ids of spaces that can be booked and fit, the smallest first.

    Those of unknown size come last, equal ones in their order in the house.
    """
    asked = {
        "site_id": like.site_id,
        "kind": like.kind.value if like.kind else "",
        "attendance": like.attendance or 0,
        "rows": as_json([json.dumps(each)] for each in sorted(like.features)),
        "most": most,
    }
    statement = _FITTING[session.get_bind().dialect.name]
    return [*session.connection().execute(statement, asked).scalars()]


def offered(session: Session, site_id: int) -> Offered:
    """Return what there is to ask for in a site."""
    rows = session.connection().execute(_OFFERED, {"site_id": site_id}).all()
    return Offered(
        frozenset(SpaceKind(kind) for kind, _ in rows),
        frozenset(code for _, features in rows for code in json.loads(features)),
    )
