"""A real SMTP server on a free port, that keeps what it gets, or refuses as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.service import free_port


@dataclass
class Postbox:
    """The mails that arrived; ``answer`` set is what the next recipients are refused with."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = ""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    async def handle_RCPT(  # noqa: N802  the name is the server's
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or refuse."""
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        mail = message_from_bytes(envelope.original_content, policy=default)
        assert isinstance(mail, EmailMessage)
        with self.arrived:
            self.mails.append(mail)
            self.arrived.notify_all()
        return "250 taken"

    def wait_for(self, count: int, *, patience_s: float = 20) -> list[EmailMessage]:
        """Return the mails as soon as there are so many."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.mails) >= count, patience_s)
            return list(self.mails)


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Run a server until the end of the block."""
    box = Postbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
