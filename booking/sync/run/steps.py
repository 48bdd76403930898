"""A run as a whole: look at both sides, plan, and do the plan fifty steps at a time."""

from collections.abc import Iterator, Sequence
from itertools import islice

from booking.actions.connections import Failure, Outcome
from booking.core.connections import LOSS_ACCEPTED, Standing, is_loss
from booking.core.messages import message
from booking.sync.diff import Agreed, Do, Step, Theirs, plan
from booking.sync.remote import AT_ONCE
from booking.sync.run.new import book_news
from booking.sync.run.news import news_of, settled, theirs_of
from booking.sync.run.pull import PULLS, pull
from booking.sync.run.push import push
from booking.sync.run.remove import remove
from booking.sync.run.visit import Done, Visit, as_there

MOST_STEPS = 500  # of one run: then others have their turn


def work(visit: Visit) -> Outcome | Failure:
    """Do what is to be done, and return what came of it.

    Raises:
        RemoteError: Where the other server does not let us.
        LostLease: Where the connection is no longer ours.
    """
    found, house = visit.found, visit.house
    if found.state is Standing.ENDING:
        return _end(visit)
    news, token, ctag = news_of(visit)
    is_quiet = (found.seen, found.known) == (house.revision, house.known)
    if is_quiet and news is None:
        return Outcome(token, ctag, house.revision, house.known, moved=False)
    visit.read_known()
    theirs = theirs_of(visit, news) if news is not None else {}
    if (failure := _loss(visit, theirs)) is not None:
        return failure
    reads_new = news is not None and not news.whole and found.settings.books
    is_new = reads_new and news is not None and book_news(visit, news)
    moved = _do(visit, _plan(visit, theirs)) or is_new
    if token and visit.written:
        token = settled(visit, token)
    return Outcome(token, ctag, house.revision, house.known, moved=moved, more=visit.more)


def outlook(visit: Visit) -> tuple[list[Step], int]:
    """Return what would be done, and how many objects there are not ours; writes nothing.

    Raises:
        RemoteError: Where the other server does not let us.
    """
    visit.read_known()
    visit.remote.standing()
    news = visit.remote.listing()
    steps = list(_plan(visit, theirs_of(visit, news)))
    return steps, len(news.etags.keys() - {each.href for each in visit.known.values()})


def _loss(visit: Visit, theirs: dict[str, Theirs]) -> Failure | None:
    """Return why the run stops where so much has vanished that its owner has to say a word."""
    reason = visit.found.reason
    if reason is not None and reason.code == LOSS_ACCEPTED:
        return None
    gone = sum(each.etag is None for each in theirs.values())
    there = sum(each.etag is not None for each in visit.known.values())
    if not is_loss(gone, there):
        return None
    return Failure(message("remote_emptied", number=gone, known=there), stops=True)


def _plan(visit: Visit, theirs: dict[str, Theirs]) -> Iterator[Step]:
    return plan(visit.bookings(), _agreed(visit), theirs, visit.rules)


def _agreed(visit: Visit) -> Iterator[tuple[int | None, Agreed]]:
    # With other words of the house every text may be another: a version that never was.
    same_words = visit.found.known == visit.house.known
    for each in visit.known.values():
        version = each.version if same_words else -1
        yield (
            each.booking_id,
            Agreed(each.id, each.href, each.etag, version, each.theirs, each.pushed, each.state),
        )


def _end(visit: Visit) -> Outcome:
    """Take our events away there, as the owner asked."""
    visit.read_known()
    steps = (
        Step(Do.REMOVE if known.etag or known.state == "push" else Do.FORGET, agreed=known)
        for _id, known in _agreed(visit)
    )
    moved = _do(visit, steps)
    return Outcome(None, None, -1, "", moved=moved, more=visit.more)


def _do(visit: Visit, steps: Iterator[Step]) -> bool:
    """Do steps, fifty at a time; return whether there were any."""
    left, moved = MOST_STEPS, False
    while some := list(islice(steps, AT_ONCE)):
        if left <= 0 or visit.is_stopping():
            visit.more = True
            return True
        left -= len(some)
        moved = any(each.do is not Do.NOTE for each in some) or moved
        _some(visit, some)
    return moved


def _some(visit: Visit, steps: Sequence[Step]) -> None:
    done = Done()
    try:
        for each in steps:
            if each.agreed is not None:
                _without_request(each, each.agreed, done)
        put_back = pull(visit, [each for each in steps if each.do in PULLS], done)
        pushed = [each for each in steps if each.do is Do.PUSH and each.ours]
        push(visit, [*put_back, *pushed], done)
        remove(visit, [each for each in steps if each.do is Do.REMOVE], done)
    finally:
        visit.store(done)  # what went well is kept, whatever stopped the rest


def _without_request(step: Step, agreed: Agreed, done: Done) -> None:
    theirs = step.theirs
    if step.do is Do.NOTE and theirs is not None:
        done.changed[agreed.id] = as_there(theirs.etag, theirs.raw)
    elif step.do is Do.FORGET:
        done.gone.append(agreed.id)
    elif step.do is Do.LEAVE:
        done.changed[agreed.id] = {"state": "left", "etag": None, "base": None}
