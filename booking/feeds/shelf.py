"""Built feeds, squeezed, kept for the next program that asks."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock

SHELF_BYTES = 16 * 1024 * 1024


class Shelf:
    """The feeds built last, by ETag, within a number of bytes; for several threads."""

    def __init__(self, most_bytes: int = SHELF_BYTES) -> None:
        self.most_bytes = most_bytes
        self._bytes = 0
        self._feeds: OrderedDict[str, tuple[bytes, datetime]] = OrderedDict()
        self._lock = Lock()

    def get(self, etag: str) -> tuple[bytes, datetime] | None:
        """Return a feed and when it was built, None where it is not here (any more)."""
        with self._lock:
            if etag in self._feeds:
                self._feeds.move_to_end(etag)
            return self._feeds.get(etag)

    def put(self, etag: str, body: bytes, built_at: datetime) -> None:
        """Keep a feed; those not asked for the longest make room."""
        with self._lock:
            if etag not in self._feeds and len(body) <= self.most_bytes:
                self._feeds[etag] = (body, built_at)
                self._bytes += len(body)
            while self._bytes > self.most_bytes:
                _etag, (gone, _at) = self._feeds.popitem(last=False)
                self._bytes -= len(gone)
