"""What must be true of every database, whatever was done to it."""

from sqlalchemy import Engine, text

from booking.db import count_overlaps, guard_problem

UNHELD = """
SELECT allocation.id FROM allocation
JOIN space ON space.id = allocation.space_id
JOIN space_part ON space_part.space_id = space.id
WHERE (allocation.state = 'confirmed'
       OR allocation.state = 'requested' AND space.requests_hold)
  AND NOT EXISTS (
    SELECT 1 FROM hold
    WHERE hold.allocation_id = allocation.id
      AND hold.part_id = space_part.part_id
      AND hold.start_s = allocation.start_s - allocation.setup_s
      AND hold.end_s = allocation.end_s + allocation.cleanup_s)
"""

UNFOUNDED = """
SELECT hold.id FROM hold
LEFT JOIN allocation ON allocation.id = hold.allocation_id
LEFT JOIN space ON space.id = allocation.space_id
LEFT JOIN closure ON closure.id = hold.closure_id
LEFT JOIN want ON want.id = hold.want_id AND want.state IN ('waiting', 'offered')
LEFT JOIN lease ON lease.id = hold.lease_id AND hold.layer = 'let'
LEFT JOIN space_part
  ON space_part.space_id = allocation.space_id AND space_part.part_id = hold.part_id
WHERE closure.id IS NULL AND want.id IS NULL AND lease.id IS NULL
  AND (allocation.id IS NULL
       OR allocation.state NOT IN ('confirmed', 'requested')
       AND (allocation.state <> 'expired' OR allocation.released_s IS NULL
            OR hold.end_s > allocation.released_s)
       OR allocation.state = 'requested' AND NOT space.requests_hold
       OR space_part.part_id IS NULL)
"""

UNHELD_OFFERS = """
SELECT want.id FROM want
WHERE want.state = 'offered' AND NOT EXISTS (SELECT 1 FROM hold WHERE hold.want_id = want.id)
"""

UNHELD_LEASES = """
SELECT lease.id FROM lease
WHERE NOT EXISTS (SELECT 1 FROM hold WHERE hold.lease_id = lease.id AND hold.layer = 'let')
"""

BEYOND_THE_LANES = """
SELECT hold.id FROM hold JOIN space ON space.id = hold.part_id
WHERE hold.layer = 'let' AND hold.lane >= space.let_lanes
"""

TORN = """
SELECT allocation.id FROM allocation
JOIN occurrence ON occurrence.id = allocation.occurrence_id
WHERE allocation.start_s <> occurrence.start_s OR allocation.end_s <> occurrence.end_s
"""

MISCOUNTED = """
SELECT allocation.id FROM allocation
JOIN occurrence ON occurrence.id = allocation.occurrence_id
JOIN booking ON booking.id = occurrence.booking_id
WHERE coalesce(allocation.organisation_id, 0) <> coalesce(booking.organisation_id, 0)
   OR coalesce(allocation.person_id, 0) <> CASE
        WHEN booking.organisation_id IS NULL THEN coalesce(booking.organiser_id, 0) ELSE 0 END
"""

UNREVISED = """
SELECT collection.id FROM collection
LEFT JOIN change ON change.collection_id = collection.id
GROUP BY collection.id, collection.revision
HAVING collection.revision < coalesce(max(change.revision), 0)
"""


PROBLEMS = {
    "allocations claim their time without a hold": UNHELD,
    "holds have no source that may hold": UNFOUNDED,
    "places of the waiting list are offered what nothing holds": UNHELD_OFFERS,
    "leases hold nothing": UNHELD_LEASES,
    "leases hold more shares than their space has": BEYOND_THE_LANES,
    "allocations have another time than their occurrence": TORN,
    "allocations count to another account than their booking": MISCOUNTED,
    "collections are behind their changes": UNREVISED,
}
# One question, as it is asked after each test.
QUESTION = text(
    " UNION ALL ".join(
        f"SELECT '{problem}' AS problem, id FROM ({query}) AS found_{nth}"
        for nth, (problem, query) in enumerate(PROBLEMS.items())
    )
)


def assert_house_in_order(engine: Engine) -> None:
    """Fail where the stored holds and what they come from do not agree.

    The guard stands, nothing overlaps, every allocation that claims its time
    has its holds, and every hold has a source that may hold.
    """
    with engine.connect() as connection:
        assert guard_problem(connection) is None
        assert count_overlaps(connection) == 0, "overlapping holds are stored"
        assert connection.execute(QUESTION).all() == []
