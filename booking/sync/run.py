"""One run of a connection: what changed there, what changed here, then step by step.

Each step is written down before its request and again with what came of it,
fifty at a time.  Whatever happens in between, the next run finds an object
that is what we wanted, or asks again: a condition on every request sees to
it that nothing of somebody else's is written over unseen.
"""

import hashlib
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from flask_babel import force_locale
from sqlalchemy.orm import Session

from booking.actions import connections as verbs
from booking.actions.connections import Claimed, Failure, Outcome
from booking.config import Config
from booking.core.calendars import may_follow
from booking.core.connections import LOSS_ACCEPTED, ConnectionView, RemoteView, Standing, is_loss
from booking.core.errors import NotFound
from booking.core.imports import known_as, rooms_in
from booking.core.messages import Message, message
from booking.core.values import Actor, Door
from booking.db import db
from booking.i18n import sentence
from booking.ical.objects import digest, merged, place_of, title_of, uid_of
from booking.net import Guard
from booking.queries import houses
from booking.queries.connections import bases, connection, is_booked, remote_objects
from booking.queries.people import actor_of
from booking.sync.diff import Agreed, Do, Ours, Rules, Step, Theirs, plan
from booking.sync.errors import (
    Blocked,
    Busy,
    Changed,
    Denied,
    Forbidden,
    Gone,
    Refused,
    RemoteError,
    StaleToken,
)
from booking.sync.ours import House, Text
from booking.sync.pull import MOST_FLIPS, book_new, flips_of, take_over
from booking.sync.remote import AT_ONCE, Item, News, Remote
from booking.sync.transport import Credentials, Transport
from booking.sync.vault import Unopenable, Vault

log = logging.getLogger("booking.sync")
Clock = Callable[[], datetime]

MOST_STEPS = 500  # of one run: then others have their turn
ROUNDS = 3
THREADS = 4  # requests on their way at the same time
PULLS = (Do.APPLY, Do.MERGE, Do.CANCEL, Do.ASK_EDIT, Do.ASK_DELETE)
KEPT_FOR = timedelta(seconds=20)  # then the lease is renewed
_STOPS = (Denied, Gone, Forbidden, Blocked)


def guard_of(config: Config) -> Guard:
    """Return what may be asked: the internet by https, and the operator's trusted hosts."""
    return Guard(trusted=frozenset(config.calendars.trusted_hosts.lower().split()))


def credentials_of(found: ConnectionView, config: Config) -> Credentials:
    """Return how to sign in for a connection.

    Raises:
        Unopenable: If the key of its password is gone.
    """
    account = found.account
    secret = Vault(config).open(account.secret)
    return Credentials(found.url or account.home, account.username, secret, account.scheme)


def run(
    claimed: Claimed, config: Config, clock: Clock, is_stopping: Callable[[], bool] = bool
) -> None:
    """Work a claimed connection through, and give it back with what came of it."""
    session = db.session()
    try:
        result = _result(session, claimed, config, clock, is_stopping)
        session.rollback()
        verbs.finish_run(claimed, result, now=clock())
    except verbs.LostLease:
        log.info("connection %s: paused, ended, or taken over", claimed.id)
    finally:
        db.session.remove()


def _result(
    session: Session,
    claimed: Claimed,
    config: Config,
    clock: Clock,
    is_stopping: Callable[[], bool],
) -> Outcome | Failure:
    try:
        found = connection(session, claimed.id, now=clock())
        reader = actor_of(session, found.person_id, Door.SYNC)
        if not may_follow(reader, found.settings.scope):
            return Failure(message("follow_own_organisations"), stops=True)
        with Transport(guard_of(config), credentials_of(found, config)) as transport:
            remote = Remote(found.url, transport)
            return Run(claimed, found, reader, remote, config, clock, is_stopping).work()
    except verbs.LostLease:
        raise
    except NotFound:
        return Failure(message("remote_owner_gone"), stops=True)
    except Unopenable:
        return Failure(message("remote_key_lost"), stops=True)
    except Busy as error:
        return Failure(error.reason, after_s=error.after_s)
    except RemoteError as error:
        return Failure(error.reason, stops=isinstance(error, _STOPS))
    except Exception:  # a bug of ours must not keep the queue busy
        log.exception("connection %s", claimed.id)
        db.session.rollback()
        return Failure(message("sync_broken"))


@dataclass(slots=True)
class Done:
    """What came of some steps, to be stored: columns by object, what is gone, what to tell."""

    changed: dict[int, dict[str, object]] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    said: list[tuple[Message, int | None]] = field(default_factory=list)


class Run:
    """A run of one connection."""

    def __init__(
        self,
        claimed: Claimed,
        found: ConnectionView,
        reader: Actor,
        remote: Remote,
        config: Config,
        clock: Clock,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._claimed = claimed
        self._found = found
        self._remote = remote
        self._reader = reader
        self._turned: dict[int, Mapping[str, object]] = {}
        self._clock = clock
        self._kept_at = clock()
        self._is_stopping = is_stopping
        self._session = db.session()
        self._house = House(self._session, found, reader, config)
        self._more = False
        self._known: dict[int, RemoteView] = {}
        self._written: dict[str, str] = {}  # href -> etag of what this run put there
        self._taken: set[str] = set()

    def work(self) -> Outcome | Failure:
        """Do what is to be done, and return what came of it.

        Raises:
            RemoteError: Where the other server does not let us.
            LostLease: Where the connection is no longer ours.
        """
        found, house = self._found, self._house
        if found.state is Standing.ENDING:
            return self._end()
        news, token, ctag = self._news()
        is_quiet = (found.seen, found.known) == (house.revision, house.known)
        if is_quiet and news is None:
            return Outcome(token, ctag, house.revision, house.known, moved=False)
        self._known = {each.id: each for each in remote_objects(self._session, found.id)}
        theirs = self._theirs(news) if news is not None else {}
        gone = sum(each.etag is None for each in theirs.values())
        there = sum(each.etag is not None for each in self._known.values())
        accepted = found.reason is not None and found.reason.code == LOSS_ACCEPTED
        if is_loss(gone, there) and not accepted:
            return Failure(message("remote_emptied", number=gone, known=there), stops=True)
        rules = Rules(found.settings.edits, found.settings.deletes)
        ours = house.bookings(self._clock())
        steps = plan(ours, self._agreed(), theirs, rules)
        moved = self._do(steps)
        if news is not None and not news.whole and found.settings.books:
            moved = self._book(news) or moved
        if token and self._written:
            token = self._settled(token)
        return Outcome(token, ctag, house.revision, house.known, moved=moved, more=self._more)

    def _settled(self, token: str) -> str | None:
        """Return the token after what we wrote, None where somebody else wrote as well.

        A server need not tell of what came and went since a token (RFC 6578
        §3.4): what is written now and deleted there before the next run would
        be taken to be there for ever.
        """
        news = self._remote.news(token)
        if any(news.etags.get(href) != etag for href, etag in self._written.items()):
            self._more = True
            return None
        others = news.etags.keys() - self._written.keys()
        known = {each.href: each.etag for each in self._known.values()}
        if any(href in known and known[href] != news.etags[href] for href in others):
            self._more = True
            return token
        return token if news.gone & known.keys() - self._taken else news.token

    def outlook(self) -> tuple[list[Step], int]:
        """Return what would be done, and how many objects there are not ours; writes nothing.

        Raises:
            RemoteError: Where the other server does not let us.
        """
        self._known = {each.id: each for each in remote_objects(self._session, self._found.id)}
        self._remote.standing()
        news = self._remote.listing()
        theirs = self._theirs(news)
        ours = self._house.bookings(self._clock())
        rules = Rules(self._found.settings.edits, self._found.settings.deletes)
        known = {each.href for each in self._known.values()}
        return list(plan(ours, self._agreed(), theirs, rules)), len(news.etags.keys() - known)

    def texts_of(self, steps: Sequence[Step]) -> Mapping[int, Text]:
        """Return the texts of what would be put."""
        return self._house.texts([each.ours.booking_id for each in steps if each.ours])

    def _end(self) -> Outcome:
        """Take our events away there, as the owner asked."""
        self._known = {each.id: each for each in remote_objects(self._session, self._found.id)}
        steps = (
            Step(Do.REMOVE if known.etag or known.state == "push" else Do.FORGET, agreed=known)
            for _id, known in self._agreed()
        )
        moved = self._do(steps)
        return Outcome(None, None, -1, "", moved=moved, more=self._more)

    def _agreed(self) -> Iterator[tuple[int | None, Agreed]]:
        # With other words of the house every text may be another: a version that never was.
        same_words = self._found.known == self._house.known
        for each in self._known.values():
            version = each.version if same_words else -1
            yield (
                each.booking_id,
                Agreed(
                    each.id, each.href, each.etag, version, each.theirs, each.pushed, each.state
                ),
            )

    # -- what changed there

    def _news(self) -> tuple[News | None, str | None, str | None]:
        """Return what changed there (None: nothing), and the token and ctag to go on from."""
        found, remote = self._found, self._remote
        if found.sync_token:
            try:
                news = remote.news(found.sync_token)
            except StaleToken:
                pass
            else:
                changed = news if news.etags or news.gone else None
                return changed, news.token, found.ctag
        standing = remote.standing()
        if standing.token:
            try:
                news = remote.news("")
            except RemoteError as error:
                # It has tokens and does not take them: a plain list will do.
                log.info("connection %s: %s", found.id, error)
            else:
                return news, news.token, standing.ctag
        if standing.ctag and standing.ctag == found.ctag:
            return None, None, standing.ctag
        return remote.listing(), None, standing.ctag

    def _theirs(self, news: News) -> dict[str, Theirs]:
        """Return the objects of ours that are not there as they were, by href."""
        known = {each.href: each for each in self._known.values()}
        there = {each.href for each in known.values() if each.etag}
        other = [
            href for href, etag in news.etags.items() if href in known and known[href].etag != etag
        ]
        gone = there - news.etags.keys() if news.whole else news.gone & there
        theirs = {href: Theirs(href, None) for href in sorted(gone)}
        for href, item in self._remote.items(other):
            self._keep()
            theirs[href] = Theirs(href, item.etag, digest(item.raw), item.raw)
        return theirs

    # -- step by step

    def _do(self, steps: Iterator[Step]) -> bool:
        """Do steps, fifty at a time; return whether there were any."""
        left, moved = MOST_STEPS, False
        while some := list(islice(steps, AT_ONCE)):
            if left <= 0 or self._is_stopping():
                self._more = True
                return True
            left -= len(some)
            moved = any(each.do is not Do.NOTE for each in some) or moved
            self._some(some)
        return moved

    def _some(self, steps: Sequence[Step]) -> None:
        done = Done()
        try:
            for each in steps:
                if each.agreed is not None:
                    self._without_request(each, each.agreed, done)
            put_back = self._pull([each for each in steps if each.do in PULLS], done)
            pushed = [each for each in steps if each.do is Do.PUSH and each.ours]
            self._push([*put_back, *pushed], done)
            self._remove([each for each in steps if each.do is Do.REMOVE], done)
        finally:
            # What went well is kept, whatever stopped the rest.
            if done.changed or done.gone or done.said:
                verbs.store_steps(
                    self._claimed, done.changed, done.gone, done.said, now=self._clock()
                )

    def _without_request(self, step: Step, agreed: Agreed, done: Done) -> None:
        theirs = step.theirs
        if step.do is Do.NOTE and theirs is not None:
            done.changed[agreed.id] = _as_there(theirs.etag, theirs.raw)
        elif step.do is Do.FORGET:
            done.gone.append(agreed.id)
        elif step.do is Do.LEAVE:
            done.changed[agreed.id] = {"state": "left", "etag": None, "base": None}

    # -- what was changed there

    def _pull(self, steps: Sequence[Step], done: Done) -> list[Step]:
        """Take changes over, or ask; return what is to be put back instead."""
        if not steps:
            return []
        texts = self.texts_of(steps)
        ids = [each.agreed.id for each in steps if each.agreed]
        before = {id_: zlib.decompress(raw) for id_, raw in bases(self._session, ids).items()}
        self._session.rollback()
        put_back = []
        for step in steps:
            agreed, ours = step.agreed, step.ours
            text = texts.get(ours.booking_id) if ours else None
            if agreed is None or ours is None or text is None:
                continue
            self._keep()
            flips, since = flips_of(self._known[agreed.id], self._clock())
            asks = step.do in (Do.ASK_EDIT, Do.ASK_DELETE)
            if asks or (flips > MOST_FLIPS and step.do is not Do.CANCEL):
                self._ask(step, agreed, text, done)
                continue
            base = before.get(agreed.id, b"")
            result = take_over(step, text.raw, base, self._reader, now=self._clock())
            if result.again:
                self._more = True
            elif result.refused is not None:
                self._refused(result.refused, text.title, ours.booking_id, done)
                done.said.append((Message("sync_put_back", {"title": text.title}), ours.booking_id))
                put_back.append(replace(step, do=Do.PUSH))
                self._turned[agreed.id] = {"flips": flips, "flips_since_s": since}
            elif step.do is Do.CANCEL:
                done.gone.append(agreed.id)
                done.said.append((Message("sync_cancelled", {"title": text.title}), None))
            else:
                self._taken_over(step, agreed, done, {"flips": flips, "flips_since_s": since})
                code = Message("sync_taken_over", {"title": text.title})
                done.said.append((code, ours.booking_id))
        return put_back

    def _taken_over(
        self, step: Step, agreed: Agreed, done: Done, turned: Mapping[str, object]
    ) -> None:
        """Store a change that was taken over; at the next look ours is compared with it."""
        assert step.theirs is not None
        stored = _as_there(step.theirs.etag, step.theirs.raw)
        pushed = {"pushed": stored["theirs"], "version": -1}
        done.changed[agreed.id] = {**stored, **pushed, **turned}
        self._more = True

    def _ask(self, step: Step, agreed: Agreed, text: Text, done: Done) -> None:
        is_edit = step.theirs is not None and step.theirs.etag is not None
        asked: dict[str, object] = {"state": "ask", "reason": "edit" if is_edit else "delete"}
        if is_edit and step.theirs is not None:
            done.changed[agreed.id] = {**_as_there(step.theirs.etag, step.theirs.raw), **asked}
        else:
            done.changed[agreed.id] = {**asked, "etag": None}
        if agreed.state != "ask":
            code = "sync_asks_edit" if is_edit else "sync_asks_delete"
            booking_id = self._known[agreed.id].booking_id
            done.said.append((Message(code, {"title": text.title}), booking_id))
            verbs.tell_question(self._claimed, text.title, now=self._clock())

    def _refused(self, reason: Message, title: str, booking_id: int | None, done: Done) -> None:
        """Write down and tell why something could not be taken over."""
        done.said.append((reason, booking_id))
        with force_locale(self._house.language):
            words = sentence(reason)
        verbs.tell_refusal(self._claimed, title, words, booking_id, now=self._clock())

    def _book(self, news: News) -> bool:
        """Book what its owner wrote there with a room of ours as its place."""
        hrefs = news.etags.keys() - {each.href for each in self._known.values()}
        hrefs -= self._written.keys()
        rooms = {
            known_as(each.name): each.id for each in houses.spaces(self._session) if each.bookable
        }
        done, new = Done(), []
        for href, item in self._remote.items(sorted(hrefs)) if hrefs else ():
            uid = uid_of(item.raw)
            if not uid or not rooms_in(place_of(item.raw), rooms) or is_booked(self._session, uid):
                continue
            self._keep()
            made = book_new(item.raw, self._reader, now=self._clock())
            if isinstance(made, Message):
                title = title_of(item.raw)
                done.said.append((Message("sync_not_booked", {"title": title}), None))
                self._refused(made, title, None, done)
                continue
            stored = _as_there(item.etag, item.raw)
            row = {"booking_id": made, "uid": uid, "href": href, "version": -1}
            new.append({**stored, **row, "pushed": stored["theirs"]})
            done.said.append((Message("sync_booked", {"title": title_of(item.raw)}), made))
            self._more = True
        if new:
            verbs.begin_steps(self._claimed, new, {}, now=self._clock())
        if done.said:
            verbs.store_steps(self._claimed, {}, (), done.said, now=self._clock())
        return bool(new)

    # -- putting

    def _push(self, steps: Sequence[Step], done: Done) -> None:
        if not steps:
            return
        texts = self._house.texts([each.ours.booking_id for each in steps if each.ours])
        jobs = [job for each in steps if (job := self._job(each, texts, done))]
        kept = [each.agreed.id for each in jobs if each.agreed]
        before = {id_: zlib.decompress(raw) for id_, raw in bases(self._session, kept).items()}
        self._intend(jobs)
        failed: RemoteError | None = None
        with ThreadPoolExecutor(THREADS) as pool:
            waiting = [
                (each, pool.submit(self._put, each, before.get(each.id, b""))) for each in jobs
            ]
            for job, answer in waiting:
                if failed is not None and answer.cancel():
                    continue
                try:
                    self._keep()
                    self._answered(job, answer, done)
                except RemoteError as error:
                    failed = failed or error  # what was put meanwhile counts all the same
        if failed is not None:
            raise failed

    def _answered(self, job: "Job", answer: "Future[dict[str, object]]", done: Done) -> None:
        try:
            stored = answer.result()
        except Refused as error:
            done.changed[job.id] = {"state": "refused", "reason": error.reason.code}
            done.said.append((message("sync_refused", title=job.title), job.booking_id))
        except Changed:
            self._more = True  # somebody is at it as well: its next run will see
        else:
            done.changed[job.id] = {**stored, **self._turned.get(job.id, {})}
            self._written[job.href] = str(stored["etag"])
            code = "sync_put" if job.is_new else "sync_changed"
            done.said.append((Message(code, {"title": job.title}), job.booking_id))

    def _job(self, step: Step, texts: Mapping[int, Text], done: Done) -> "Job | None":
        """Return what is to be put, None where nothing need be, and where nothing may be."""
        ours, agreed = step.ours, step.agreed
        if ours is None:
            return None
        text = texts.get(ours.booking_id)
        if text is None:  # its owner may not see it any more
            if agreed is not None:
                self._take_away(agreed, done)
            return None
        is_there = agreed is not None and agreed.state == "synced" and agreed.etag
        if is_there and agreed and agreed.pushed == text.digest and step.theirs is None:
            done.changed[agreed.id] = {"version": ours.version}
            return None
        theirs = step.theirs if step.theirs and step.theirs.etag else None
        return Job(ours, text, agreed, theirs, was_deleted=bool(step.theirs and not theirs))

    def _intend(self, jobs: Sequence["Job"]) -> None:
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
                job.href = self._remote.href_for(_name(job.text.uid))
                new.append(
                    {
                        **wanted,
                        "booking_id": job.booking_id,
                        "uid": job.text.uid,
                        "href": job.href,
                    }
                )
        made = verbs.begin_steps(self._claimed, new, changed, now=self._clock())
        for job, id_ in zip((each for each in jobs if each.is_new), made, strict=True):
            job.id = id_

    def _put(self, job: "Job", base: bytes) -> dict[str, object]:
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
                told = self._remote.put(job.href, raw, etag)
            except Changed:
                item = self._remote.item(job.href)
                if item is not None and uid_of(item.raw) != job.text.uid:
                    raise Refused("remote_name_taken") from None
                if item is not None and digest(item.raw) == job.text.digest:
                    return _as_there(item.etag, item.raw)  # ours, of a run that was cut off
                etag, base = (item.etag, item.raw) if item else (None, b"")
            else:
                # Without an etag the server stored something else (RFC 4791 §5.3.4).
                item = Item(told, raw) if told else self._remote.item(job.href)
                if item is not None:
                    return _as_there(item.etag, item.raw)
        raise Changed

    # -- taking away

    def _remove(self, steps: Sequence[Step], done: Done) -> None:
        agreed = [each.agreed for each in steps if each.agreed]
        if not agreed:
            return
        intended: dict[int, dict[str, object]] = {each.id: {"state": "remove"} for each in agreed}
        verbs.begin_steps(self._claimed, [], intended, now=self._clock())
        for step in steps:
            if step.agreed is not None:
                self._take_away(step.agreed, done, step.theirs)

    def _take_away(self, agreed: Agreed, done: Done, theirs: Theirs | None = None) -> None:
        self._keep()
        etag = theirs.etag if theirs else agreed.etag
        uid = self._known[agreed.id].uid
        try:
            for _ in range(ROUNDS):
                try:
                    self._remote.delete(agreed.href, etag)
                    break
                except Changed:
                    item = self._remote.item(agreed.href)
                    if item is None or uid_of(item.raw) != uid:
                        break  # not ours any more
                    etag = item.etag
        except Refused as error:
            done.changed[agreed.id] = {"state": "refused", "reason": error.reason.code}
            done.said.append((message("sync_not_removed"), self._known[agreed.id].booking_id))
            return
        self._taken.add(agreed.href)
        self._written.pop(agreed.href, None)
        done.gone.append(agreed.id)
        done.said.append((message("sync_removed"), self._known[agreed.id].booking_id))

    def _keep(self) -> None:
        """Renew the lease while requests take long."""
        now = self._clock()
        if now - self._kept_at >= KEPT_FOR:
            verbs.keep(self._claimed, now=now)
            self._kept_at = now


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

    @property
    def is_new(self) -> bool:
        """Whether it was never there."""
        return self.agreed is None

    @property
    def title(self) -> str:
        """What it is called, for the diary."""
        return self.text.title


def _as_there(etag: str | None, raw: bytes) -> dict[str, object]:
    """Return the columns of an object that both sides agree on."""
    return {
        "state": "synced",
        "etag": etag,
        "theirs": digest(raw),
        "base": zlib.compress(raw),
        "reason": "",
    }


def _name(uid: str) -> str:
    """Return the name of the file of an object, whatever its UID has in it."""
    return hashlib.sha256(uid.encode()).hexdigest()[:40]
