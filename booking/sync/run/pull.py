"""What was changed there: taken over, put back, or asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from booking.actions import connections as verbs
from booking.actions.objects import free_instead, notify_refusal
from booking.core.errors import BookingError
from booking.core.messages import message
from booking.core.values import Door
from booking.sync.diff import Agreed, Do, Step, Theirs
from booking.sync.ours import Text
from booking.sync.remote import Item
from booking.sync.run.through_verbs import MOST_FLIPS, flips_of, take_over
from booking.sync.run.visit import Done, Visit, as_there

PULLS = (Do.APPLY, Do.MERGE, Do.CANCEL, Do.ASK_EDIT, Do.ASK_DELETE)


def pull(visit: Visit, steps: Sequence[Step], done: Done) -> list[Step]:
    """Take changes over, or ask; return what is to be put back instead."""
    if not steps:
        return []
    texts = visit.texts(steps)
    before = visit.bases([each.agreed for each in steps])
    put_back = []
    for step in steps:
        text = texts.get(step.ours.booking_id) if step.ours else None
        if step.agreed is not None and text is not None:
            visit.keep()
            if _one(visit, step, step.agreed, text, before.get(step.agreed.id, b""), done):
                put_back.append(replace(step, do=Do.PUSH))
    return put_back


def _one(visit: Visit, step: Step, agreed: Agreed, text: Text, base: bytes, done: Done) -> bool:
    """Take one change over, or ask; return whether ours goes back instead."""
    booking_id = visit.known[agreed.id].booking_id
    flips, since = flips_of(visit.known[agreed.id], visit.now())
    asks = step.do in (Do.ASK_EDIT, Do.ASK_DELETE)
    if asks or (flips > MOST_FLIPS and step.do is not Do.CANCEL):
        _ask(visit, step, agreed, text, done)
        return False
    flipped = {"flips": flips, "flips_since_s": since}
    result = take_over(step, text.raw, base, visit.reader, now=visit.now())
    if result.again:
        visit.more = True
    elif result.refused is not None:
        there = Item(step.theirs.etag or "", step.theirs.raw) if step.theirs else Item("", text.raw)
        tell_refused(visit, result.refused, there, text.title, booking_id, done)
        done.say("sync_put_back", booking_id, title=text.title)
        visit.flips[agreed.id] = flipped
        return True
    elif step.do is Do.CANCEL or step.theirs is None:
        done.gone.append(agreed.id)
        done.say("sync_cancelled", None, title=text.title)
    else:
        _taken_over(visit, step.theirs, agreed, done, flipped)
        done.say("sync_taken_over", booking_id, title=text.title)
    return False


def _taken_over(
    visit: Visit, theirs: Theirs, agreed: Agreed, done: Done, flipped: Mapping[str, object]
) -> None:
    """Store a change that was taken over; at the next look ours is compared with it."""
    stored = as_there(theirs.etag, theirs.raw)
    pushed = {"pushed": stored["theirs"], "version": -1}
    done.changed[agreed.id] = {**stored, **pushed, **flipped}
    visit.more = True


def _ask(visit: Visit, step: Step, agreed: Agreed, text: Text, done: Done) -> None:
    theirs = step.theirs if step.theirs is not None and step.theirs.etag else None
    is_edit = theirs is not None
    there = as_there(theirs.etag, theirs.raw) if theirs is not None else {"etag": None}
    reason = "edit" if is_edit else "delete"
    done.changed[agreed.id] = {**there, "state": "ask", "reason": reason}
    if agreed.state != "ask":
        code = "sync_asks_edit" if is_edit else "sync_asks_delete"
        done.say(code, visit.known[agreed.id].booking_id, title=text.title)
        verbs.tell_question(visit.claimed, text.title, now=visit.now())


def tell_refused(
    visit: Visit, error: BookingError, there: Item, title: str, booking_id: int | None, done: Done
) -> None:
    """Write down and tell, once for each version there, why it was refused and what is free."""
    done.said.append((error.messages[0] if error.messages else message("time_taken"), booking_id))
    if free := free_instead(error):
        done.say("sync_free_instead", booking_id, title=title, free=free)
    notify_refusal(
        there.raw,
        error,
        visit.reader,
        door=Door.SYNC,
        booking_id=booking_id,
        version=there.etag,
        now=visit.now(),
    )
