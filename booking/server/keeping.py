"""Connections stay open after answers without a body, as calendar programs ask one by one."""

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from booking.server.reading import EarlyParser


class _Task(WSGITask):
    """One answer.

    waitress closes after any that has no Content-Length, and forgets what was sent on behind it;
    204, 304 and answers to HEAD may have none, and end with their head (RFC 9112 §6.3).
    """

    @property
    def has_body(self) -> bool:
        """Whether something follows the head, or would for GET; its length is told then."""
        is_head = self.request.command == "HEAD"
        return super().has_body and not (is_head and self.content_length is None)

    def set_close_on_finish(self) -> None:
        """Close the connection after this answer, where it cannot go on or shall not."""
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.has_body or self.version == "1.0" or asked == "close":
            super().set_close_on_finish()


class KeepingChannel(HTTPChannel):
    """A connection that is kept as long as its client likes."""

    task_class = _Task
    parser_class = EarlyParser
