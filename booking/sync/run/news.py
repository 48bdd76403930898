"""What changed there since the last run, and from where the next one goes on."""

import logging

from booking.ical.objects import digest
from booking.sync.diff import Theirs
from booking.sync.errors import RemoteError, StaleToken
from booking.sync.remote import News
from booking.sync.run.visit import Visit

log = logging.getLogger("booking.sync")


def news_of(visit: Visit) -> tuple[News | None, str | None, str | None]:
    """Return what changed there (None: nothing), and the token and ctag to go on from."""
    found, remote = visit.found, visit.remote
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


def theirs_of(visit: Visit, news: News) -> dict[str, Theirs]:
    """Return the objects of ours that are not there as they were, by href."""
    known = {each.href: each for each in visit.known.values()}
    there = {each.href for each in known.values() if each.etag}
    other = [
        href for href, etag in news.etags.items() if href in known and known[href].etag != etag
    ]
    gone = there - news.etags.keys() if news.whole else news.gone & there
    theirs = {href: Theirs(href, None) for href in sorted(gone)}
    for href, item in visit.remote.items(other):
        visit.keep()
        theirs[href] = Theirs(href, item.etag, digest(item.raw), item.raw)
    return theirs


def settled(visit: Visit, token: str) -> str | None:
    """Return the token after what we wrote, None where somebody else wrote as well.

    A server need not tell of what came and went since a token (RFC 6578
    §3.4): what is written now and deleted there before the next run would
    be taken to be there for ever.
    """
    news = visit.remote.news(token)
    if any(news.etags.get(href) != etag for href, etag in visit.written.items()):
        visit.more = True
        return None
    others = news.etags.keys() - visit.written.keys()
    known = {each.href: each.etag for each in visit.known.values()}
    if any(href in known and known[href] != news.etags[href] for href in others):
        visit.more = True
        return token
    return token if news.gone & known.keys() - visit.taken else news.token
