"""Requests that cannot be taken are answered as soon as their head is read."""

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import RequestEntityTooLarge

# Files alone are longer: they come from forms of people who are signed in.
MOST_OF_ANYBODY = 4 * 1024 * 1024


class EarlyParser(HTTPRequestParser):
    """A request as it comes in.

    waitress reads bodies whole before anybody is asked whether they are wanted, and leaves
    it open what ends a body that says it twice.
    """

    completed: bool = False
    error: object = None

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head.

        Raises:
            ParsingError: If it is not certain where the body ends (RFC 9112 §6.1, §6.3).
        """
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")
        if "TRANSFER_ENCODING" in self.headers:  # left where it is by what is not HTTP/1.1
            raise ParsingError("Transfer-Encoding needs HTTP/1.1")

    def received(self, data: bytes) -> int:
        """Take octets; return how many of them belong to this request."""
        consumed = super().received(data)
        if self.error:  # asking for the body would wait for it
            self.expect_continue = False
        if self.completed or not self.headers_finished or self._is_file:
            return consumed
        if self.content_length > MOST_OF_ANYBODY:
            # The application sees the length, and refuses it as it likes; then it is over.
            self.headers["CONNECTION"] = "close"
            self.expect_continue = False
            self.completed = True
        elif self.body_bytes_received > MOST_OF_ANYBODY:  # in chunks
            self.error = RequestEntityTooLarge(f"exceeds max_body of {MOST_OF_ANYBODY}")
            self.completed = True
        return consumed

    @property
    def _is_file(self) -> bool:
        """Whether somebody may be sending a file."""
        signs_in = "AUTHORIZATION" in self.headers or "COOKIE" in self.headers
        return self.command == "POST" and signs_in
