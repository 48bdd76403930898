"""Ours is put there: written down first, then asked, four requests on their way at a time."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from booking.actions import connections as verbs
from booking.core.messages import message
from booking.ical.objects import digest, merged, uid_of
from booking.sync.diff import Agreed, Ours, Step, Theirs
from booking.sync.errors import Changed, Refused, RemoteError
from booking.sync.ours import Text
from booking.sync.remote import Item, Remote
from booking.sync.run.remove import take_away
from booking.sync.run.visit import Done, Visit, as_there

ROUNDS = 3
THREADS = 4


@dataclass(slots=True)
class Job:
    """An object that is to be put; ``id`` and ``href`` are set when it is written down."""

    ours: Ours
    text: Text
    agreed: Agreed | None
    theirs: Theirs | None
    was_deleted: bool = False
    id: int = 0
    href: str = ""

    @property
    def booking_id(self) -> int:
        """The booking that it shows."""
        return self.ours.booking_id


def push(visit: Visit, steps: Sequence[Step], done: Done) -> None:
    """Put what these steps say; what went well is in ``done``, whatever is raised.

    Raises:
        RemoteError: The first that is not of one object alone.
    """
    if not steps:
        return
    texts = visit.texts(steps)
    jobs = [job for each in steps if (job := _job(visit, each, texts, done))]
    before = visit.bases([each.agreed for each in jobs])
    _intend(visit, jobs)
    failed: RemoteError | None = None
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [
            (each, pool.submit(_put, visit.remote, each, before.get(each.id, b""))) for each in jobs
        ]
        for job, answer in waiting:
            if failed is not None and answer.cancel():
                continue
            try:
                visit.keep()
                _answered(visit, job, answer, done)
            except RemoteError as error:
                failed = failed or error  # what was put meanwhile counts all the same
    if failed is not None:
        raise failed


def _job(visit: Visit, step: Step, texts: Mapping[int, Text], done: Done) -> Job | None:
    """Return what is to be put, None where nothing need be, and where nothing may be."""
    ours, agreed = step.ours, step.agreed
    if ours is None:
        return None
    text = texts.get(ours.booking_id)
    if text is None:  # its owner may not see it any more
        if agreed is not None:
            take_away(visit, agreed, done)
        return None
    is_there = agreed is not None and agreed.state == "synced" and agreed.etag
    if is_there and agreed and agreed.pushed == text.digest and step.theirs is None:
        done.changed[agreed.id] = {"version": ours.version}
        return None
    theirs = step.theirs if step.theirs and step.theirs.etag else None
    return Job(ours, text, agreed, theirs, was_deleted=bool(step.theirs and not theirs))


def _intend(visit: Visit, jobs: Sequence[Job]) -> None:
    """Write down what is about to be put."""
    new, changed = [], {}
    for job in jobs:
        wanted: dict[str, object] = {
            "state": "push",
            "pushed": job.text.digest,
            "version": job.ours.version,
        }
        if job.agreed is not None:
            job.id, job.href = job.agreed.id, job.agreed.href
            changed[job.id] = wanted
        else:
            job.href = visit.remote.href_for(_name(job.text.uid))
            row = {"booking_id": job.booking_id, "uid": job.text.uid, "href": job.href}
            new.append({**wanted, **row})
    made = verbs.begin_steps(visit.claimed, new, changed, now=visit.now())
    for job, id_ in zip((each for each in jobs if each.agreed is None), made, strict=True):
        job.id = id_


def _answered(visit: Visit, job: Job, answer: Future[dict[str, object]], done: Done) -> None:
    try:
        stored = answer.result()
    except Refused as error:
        done.changed[job.id] = {"state": "refused", "reason": error.reason.code}
        done.said.append((message("sync_refused", title=job.text.title), job.booking_id))
    except Changed:
        visit.more = True  # somebody is at it as well: its next run will see
    else:
        done.changed[job.id] = {**stored, **visit.flips.get(job.id, {})}
        visit.written[job.href] = str(stored["etag"])
        code = "sync_put" if job.agreed is None else "sync_changed"
        done.say(code, job.booking_id, title=job.text.title)


def _put(remote: Remote, job: Job, base: bytes) -> dict[str, object]:
    """Put an object and return what to store of it.

    Raises:
        Changed: If others change it each time that we look.
        Refused: If the server does not take it.
    """
    etag = job.theirs.etag if job.theirs else job.agreed.etag if job.agreed else None
    if job.was_deleted:
        etag, base = None, b""
    elif job.theirs:
        base = job.theirs.raw
    for _ in range(ROUNDS):
        raw = merged(job.text.raw, base) if base else job.text.raw
        try:
            told = remote.put(job.href, raw, etag)
        except Changed:
            item = remote.item(job.href)
            if item is not None and uid_of(item.raw) != job.text.uid:
                raise Refused("remote_name_taken") from None
            if item is not None and digest(item.raw) == job.text.digest:
                return as_there(item.etag, item.raw)  # ours, of a run that was cut off
            etag, base = (item.etag, item.raw) if item else (None, b"")
        else:
            # Without an etag the server stored something else (RFC 4791 §5.3.4).
            item = Item(told, raw) if told else remote.item(job.href)
            if item is not None:
                return as_there(item.etag, item.raw)
    raise Changed


def _name(uid: str) -> str:
    """Return the name of the file of an object, whatever its UID has in it."""
    return hashlib.sha256(uid.encode()).hexdigest()[:40]
