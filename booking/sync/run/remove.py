"""Ours is taken away there, and nothing that is not."""

from collections.abc import Sequence

from booking.actions import connections as verbs
from booking.core.messages import message
from booking.ical.objects import uid_of
from booking.sync.diff import Agreed, Step, Theirs
from booking.sync.errors import Changed, Refused
from booking.sync.run.visit import Done, Visit

ROUNDS = 3


def remove(visit: Visit, steps: Sequence[Step], done: Done) -> None:
    """Take the objects of these steps away."""
    intended: dict[int, dict[str, object]] = {
        each.agreed.id: {"state": "remove"} for each in steps if each.agreed
    }
    if not intended:
        return
    verbs.begin_steps(visit.claimed, [], intended, now=visit.now())
    for step in steps:
        if step.agreed is not None:
            take_away(visit, step.agreed, done, step.theirs)


def take_away(visit: Visit, agreed: Agreed, done: Done, theirs: Theirs | None = None) -> None:
    """Delete one object, unless it is no longer ours."""
    visit.keep()
    known = visit.known[agreed.id]
    try:
        _delete(visit, agreed.href, theirs.etag if theirs else agreed.etag, known.uid)
    except Changed:
        visit.more = True  # somebody is at it as well: the next run will see
        return
    except Refused as error:
        done.changed[agreed.id] = {"state": "refused", "reason": error.reason.code}
        done.said.append((message("sync_not_removed"), known.booking_id))
        return
    visit.taken.add(agreed.href)
    visit.written.pop(agreed.href, None)
    done.gone.append(agreed.id)
    done.said.append((message("sync_removed"), known.booking_id))


def _delete(visit: Visit, href: str, etag: str | None, uid: str) -> None:
    """Delete an object as long as its UID is ours.

    Raises:
        Changed: If others change it each time that we look.
        Refused: If the server does not let us.
    """
    for _ in range(ROUNDS):
        try:
            visit.remote.delete(href, etag)
            return
        except Changed:
            item = visit.remote.item(href)
            if item is None or uid_of(item.raw) != uid:
                return  # not ours any more
            etag = item.etag
    raise Changed
