"""What is to be done for each object, from three states: ours, as last agreed on, theirs.  Pure.

The house's word counts for time and place.  Nothing is ever cancelled because
something is missing at the other end, unless the owner said so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from booking.core.connections import Deletes, Edits


class Do(StrEnum):
    """A step; those from ``APPLY`` on change bookings, or ask whether they shall."""

    PUSH = "push"  # make the object there what ours is
    REMOVE = "remove"  # take it away there
    NOTE = "note"  # theirs says the same: remember its etag
    FORGET = "forget"  # gone on both sides
    LEAVE = "leave"  # what is over and was deleted there stays deleted there
    APPLY = "apply"  # take their change over
    MERGE = "merge"  # both changed
    CANCEL = "cancel"
    ASK_EDIT = "ask_edit"
    ASK_DELETE = "ask_delete"


@dataclass(frozen=True, slots=True)
class Ours:
    """A booking that the calendar shows; ``is_over`` when its last date has passed."""

    booking_id: int
    version: int
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was last agreed on: our version, and the digests of both sides.

    ``state`` is as in ``booking.models.RemoteObject``.
    """

    id: int
    href: str
    etag: str | None
    version: int
    theirs: str = ""
    pushed: str = ""
    state: str = "synced"


@dataclass(frozen=True, slots=True)
class Theirs:
    """An object there that is not as it was; ``etag`` None where it is gone."""

    href: str
    etag: str | None
    digest: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner chose."""

    edits: Edits
    deletes: Deletes


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with one object."""

    do: Do
    ours: Ours | None = None
    agreed: Agreed | None = None
    theirs: Theirs | None = None


def plan(
    ours: Mapping[int, Ours],
    agreed: Iterable[tuple[int | None, Agreed]],
    theirs: Mapping[str, Theirs],
    rules: Rules,
) -> Iterator[Step]:
    """Yield what is to be done, first what changed there, then what changed here.

    ``ours`` are by booking; ``agreed`` come with their booking, None where there is
    none any more; ``theirs`` are by href, and only what changed.  What is over and
    was never there is not put there.
    What waits for its owner (``ask``) or is the owner's alone (``left``) is
    left alone until the owner decides, or it goes.
    """
    later: list[Step] = []
    known_ids = set()
    for booking_id, known in agreed:
        known_ids.add(booking_id)
        wanted = ours.get(booking_id) if booking_id is not None else None
        step = _step(wanted, known, theirs.get(known.href), rules)
        if step is None:
            continue
        if step.theirs is not None:
            yield step
        else:
            later.append(step)
    new = (each for id_, each in ours.items() if id_ not in known_ids and not each.is_over)
    yield from (*later, *(Step(Do.PUSH, each) for each in new))


def _step(ours: Ours | None, known: Agreed, theirs: Theirs | None, rules: Rules) -> Step | None:
    if theirs is not None and theirs.etag is None:
        do = _gone(ours, known, rules)
    elif theirs is not None and theirs.digest not in (known.theirs, known.pushed):
        do = _edited(ours, known, rules)
    else:
        do = _same(ours, known)
        if do is None and theirs is not None:
            do = Do.NOTE
    return None if do is None else Step(do, ours, known, theirs)


def _gone(ours: Ours | None, known: Agreed, rules: Rules) -> Do | None:
    """Decide about an object that is no longer there."""
    if ours is None:
        return Do.FORGET
    if known.state == "push" and known.etag is None:
        return Do.PUSH  # it never was
    if ours.is_over:
        return Do.LEAVE
    if known.state in ("left", "ask"):
        return None
    return {
        Deletes.RESTORE: Do.PUSH,
        Deletes.CANCEL: Do.CANCEL,
        Deletes.ASK: Do.ASK_DELETE,
    }[rules.deletes]


def _edited(ours: Ours | None, known: Agreed, rules: Rules) -> Do | None:
    """Decide about an object that its owner, or another program, changed there."""
    if ours is None:
        return Do.REMOVE
    if rules.edits is Edits.RESTORE or ours.is_over:
        return Do.PUSH
    if known.state == "ask":
        return Do.ASK_EDIT
    if ours.version != known.version:
        return Do.MERGE
    return Do.APPLY if rules.edits is Edits.FOLLOW else Do.ASK_EDIT


def _same(ours: Ours | None, known: Agreed) -> Do | None:
    """Decide about an object that is there as we know it."""
    if ours is None:
        return Do.REMOVE if known.etag or known.state == "push" else Do.FORGET
    if known.state in ("ask", "left"):
        return None
    if known.state in ("push", "remove"):
        return Do.PUSH  # begun, and not heard of: or its booking is back
    if ours.version != known.version:
        return Do.PUSH
    return None
