"""One calendar on another server: what is in it, what changed, and changes that must not collide.

Hrefs are kept as the server spells them: to unquote and quote them again may
name something else.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin, urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from booking.sync.errors import (
    Busy,
    Changed,
    Denied,
    Forbidden,
    Full,
    Gone,
    Refused,
    RemoteError,
    StaleToken,
    Unwell,
)
from booking.sync.transport import Answer, Transport

AT_ONCE = 50  # objects asked for in one request
MOST_OBJECT_BYTES = 1024 * 1024
_D, _C, _CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_STATE = (
    f'{_HEAD}<propfind xmlns="DAV:" xmlns:S="http://calendarserver.org/ns/">'
    "<prop><sync-token/><S:getctag/><resourcetype/></prop></propfind>"
)
_ETAGS = f'{_HEAD}<propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'
_SYNC = (
    f'{_HEAD}<sync-collection xmlns="DAV:"><sync-token>{{}}</sync-token>'
    "<sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
)
_MULTIGET = (
    f'{_HEAD}<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<prop><getetag/><C:calendar-data/></prop>{}</C:calendar-multiget>"
)
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_MOST_PAGES = 200
_AS_SPELLED = (
    "%/:@!$&'()*+,;=~-._"  # what a path may have; some servers send letters and blanks bare
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a calendar is: its sync-token and ctag, None where the server has none."""

    token: str | None
    ctag: str | None


@dataclass(slots=True)
class News:
    """What changed since a token: href -> etag, and what is gone; with ``whole``, all there is."""

    token: str | None
    etags: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An object as it is there."""

    etag: str
    raw: bytes


class Remote:
    """A calendar behind a transport that signs in."""

    def __init__(self, url: str, transport: Transport) -> None:
        self.url = url if url.endswith("/") else f"{url}/"
        self._path = urlsplit(self.url).path
        self._transport = transport

    def standing(self) -> Standing:
        """Return where the calendar is; one request.

        Raises:
            Gone: If there is none at this address.
            RemoteError: As the server answers.
        """
        tree = self._multistatus("PROPFIND", _STATE, depth="0")
        for response in tree.iter(f"{_D}response"):
            if response.find(f".//{_D}resourcetype/{_C}calendar") is None:
                raise Gone
            return Standing(
                _text(response, f".//{_D}sync-token"), _text(response, f".//{_CS}getctag")
            )
        raise Gone

    def news(self, token: str) -> News:
        """Return what changed since a token ("": everything), however many pages it takes.

        Raises:
            StaleToken: If the server does not know the token any more.
            RemoteError: As the server answers.
        """
        news = News(token, whole=not token)
        for _ in range(_MOST_PAGES):
            body = _SYNC.format(escape(news.token or ""))
            tree = self._multistatus("REPORT", body, depth="0", stale=True)
            cut = self._take(tree, news)
            following = tree.findtext(f"{_D}sync-token")
            if not following or (cut and following == news.token):
                raise Unwell("remote_unreadable")
            news.token = following
            if not cut:
                return news
        raise Unwell("remote_unreadable")

    def listing(self) -> News:
        """Return everything that is there, by a plain list (RFC 4791 §5.3.1)."""
        tree = self._multistatus("PROPFIND", _ETAGS, depth="1")
        news = News(None, whole=True)
        self._take(tree, news)
        return news

    def _take(self, tree: etree._Element, news: News) -> bool:
        """Take one page of changes; return whether more are to come (RFC 6578 §3.6)."""
        cut = False
        for response in tree.iter(f"{_D}response"):
            href = self._href(response)
            status = response.findtext(f"{_D}status") or ""
            if " 507 " in f"{status} ":
                cut = True
            elif href is None:
                continue
            elif " 404" in status:
                news.gone.add(href)
                news.etags.pop(href, None)
            elif response.find(f".//{_D}resourcetype/{_D}collection") is None:
                if (etag := _text(response, f".//{_D}getetag")) is None:
                    continue
                news.etags[href] = etag
                news.gone.discard(href)
        return cut

    def items(self, hrefs: Collection[str]) -> Iterator[tuple[str, Item]]:
        """Yield the objects that are (still) there, fifty in a request."""
        asked = list(hrefs)
        for begin in range(0, len(asked), AT_ONCE):
            some = asked[begin : begin + AT_ONCE]
            body = _MULTIGET.format("".join(f"<href>{escape(each)}</href>" for each in some))
            for response in self._multistatus("REPORT", body, depth="1").iter(f"{_D}response"):
                href = self._href(response)
                etag = _text(response, f".//{_D}getetag")
                data = _text(response, f".//{_C}calendar-data")
                if href in some and etag and data and len(data) <= MOST_OBJECT_BYTES:
                    yield href, Item(etag, data.encode())

    def item(self, href: str) -> Item | None:
        """Return one object, None where it is not there."""
        answer = self._ask("GET", href)
        if answer.status_code in (404, 410):
            return None
        check(answer)
        if len(answer.content) > MOST_OBJECT_BYTES:
            raise Refused("remote_unreadable")
        return Item(answer.headers.get("ETag") or "", answer.content)

    def href_for(self, name: str) -> str:
        """Return where an object of this name would be."""
        return f"{self._path}{name}.ics"

    def put(self, href: str, raw: bytes, etag: str | None) -> str | None:
        """Store an object that is as we know it (None: not there); return its new etag, if told.

        Raises:
            Changed: If it is otherwise.
            Refused: If the server does not take it.
            RemoteError: As the server answers.
        """
        condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        answer = self._ask("PUT", href, raw, headers)
        if answer.status_code in (404, 409, 410) and etag:
            raise Changed
        check(answer, refused=(400, 403, 404, 405, 409, 413, 415, 422))
        return answer.headers.get("ETag")

    def delete(self, href: str, etag: str | None) -> None:
        """Delete an object that is as we know it; one that is not there is fine.

        Raises:
            Changed: If somebody changed it.
        """
        answer = self._ask("DELETE", href, headers={"If-Match": etag} if etag else {})
        if answer.status_code not in (404, 410):
            check(answer, refused=(400, 403, 405, 409))

    def _href(self, response: etree._Element) -> str | None:
        """Return the path of an object directly in this calendar, None for anything else."""
        href = (response.findtext(f"{_D}href") or "").strip()
        parts = urlsplit(urljoin(self.url, href))
        path = quote(parts.path, safe=_AS_SPELLED)
        if parts.netloc != urlsplit(self.url).netloc or path.rstrip("/") == self._path.rstrip("/"):
            return None
        return path if len(path) <= 2000 else None

    def _ask(
        self, method: str, href: str, data: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        return self._transport.request(method, urljoin(self.url, href), data, headers)

    def _multistatus(
        self, method: str, body: str, *, depth: str, stale: bool = False
    ) -> etree._Element:
        headers = {**_XML, "Depth": depth}
        answer = self._transport.request(method, self.url, body, headers)
        if stale and answer.status_code in (400, 403, 409, 412, 507) and b"sync" in answer.content:
            raise StaleToken
        check(answer)
        if answer.status_code != 207:
            raise Unwell("remote_unreadable")
        return parsed(answer.content)


def parsed(raw: bytes) -> etree._Element:
    """Return XML that declares nothing and asks for nothing.

    Raises:
        Unwell: If it is none, or not whole.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        tree = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Unwell("remote_unreadable") from error
    if tree.getroottree().docinfo.doctype:
        raise Unwell("remote_unreadable")
    return tree


def check(answer: Answer, *, refused: Collection[int] = ()) -> None:
    """Raise what a status means, if it is none of success.

    Raises:
        RemoteError: ``Refused`` for those of ``refused``, else as the status says.
    """
    status = answer.status_code
    if 200 <= status < 300:
        return
    raise _error(status, answer, refused)


def _error(status: int, answer: Answer, refused: Collection[int]) -> RemoteError:
    if status == 401:
        return Denied()
    if status in (429, 503):
        return Busy(_after(answer.headers.get("Retry-After")))
    if status == 507:
        return Full()
    if status == 412:
        return Changed()
    if status in refused:
        return Refused("remote_refused", status=status)
    if status == 403:
        return Forbidden()
    if status in (404, 410):
        return Gone()
    return Unwell("remote_status", status=status)


def _after(header: str | None) -> int | None:
    """Return the seconds that a Retry-After means, a day at most (RFC 9110 §10.2.3)."""
    if not header:
        return None
    if header.strip().isdigit():
        return min(int(header), 86_400)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(min(max((at - datetime.now(UTC)).total_seconds(), 0), 86_400))


def _text(element: etree._Element, path: str) -> str | None:
    found = element.find(path)
    text = found.text if found is not None else None
    return text or None
