"""Where mails come from: a folder on an IMAP server, or a Maildir.

A mail is looked at where it lies, and put away when what it says is stored: so
nothing is lost when the worker dies in between.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from booking.config import MailIn

TIMEOUT_S = 30
MOST_BYTES = 5 * 1024 * 1024
HEAD_BYTES = 64 * 1024
MOST_AT_ONCE = 200
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_VALIDITY = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail where it lies.  Of one that is too big only the beginning is there."""

    place: str
    content: bytes
    too_big: bool = False


class MailboxError(Exception):
    """The mailbox cannot be read; the text says why, in words for an administrator."""


class Mailbox(Protocol):
    """Where mails lie."""

    def mails(self) -> Iterator[Arrived]:
        """Yield the mails that were not put away yet, the oldest first."""
        ...

    def put_away(self, place: str) -> None:
        """Put a mail where handled ones lie; one that is gone is no error."""
        ...


@contextmanager
def opened(settings: MailIn) -> Iterator[Mailbox]:
    """Open the mailbox of the settings until the end of the block.

    Raises:
        MailboxError: If it cannot be reached, or does not let us in.
    """
    if settings.maildir:
        yield Maildir(Path(settings.maildir), settings.handled_folder)
        return
    try:
        server = _connected(settings)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(_words(error)) from error
    try:
        yield Imap(server, settings)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(_words(error)) from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


class Maildir:
    """A Maildir, as a mail server of the same machine writes it."""

    def __init__(self, folder: Path, handled: str) -> None:
        if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
            raise MailboxError(f"{folder} is no Maildir: it has no folders new and cur")
        self.folder = folder
        self.handled = folder / f".{handled}"

    def mails(self) -> Iterator[Arrived]:
        """Yield what lies in ``new`` and ``cur``."""
        found = [each for name in ("new", "cur") for each in (self.folder / name).iterdir()]
        for path in sorted(found, key=lambda each: each.name)[:MOST_AT_ONCE]:
            try:
                with path.open("rb") as file:
                    content = file.read(MOST_BYTES + 1)
            except OSError:  # another worker has put it away
                continue
            if len(content) > MOST_BYTES:
                yield Arrived(path.name.partition(":")[0], content[:HEAD_BYTES], too_big=True)
            else:
                yield Arrived(path.name.partition(":")[0], content)

    def put_away(self, place: str) -> None:
        """Move it to the folder of handled mails, as one that was read."""
        for name in ("new", "cur", "tmp"):
            (self.handled / name).mkdir(parents=True, exist_ok=True)
        for folder in ("new", "cur"):
            for path in (self.folder / folder).glob(f"{_plain(place)}*"):
                if path.name.partition(":")[0] == place:
                    with suppress(OSError):
                        path.rename(self.handled / "cur" / f"{place}:2,S")


class Imap:
    """A folder on an IMAP server (RFC 9051; RFC 3501), with MOVE where the server has it."""

    def __init__(self, server: imaplib.IMAP4, settings: MailIn) -> None:
        self.server = server
        self.settings = settings
        _ok(server.select(_named(settings.imap_folder)), "open the folder")
        told = server.response("UIDVALIDITY")[1] or [b""]
        self.validity = "".join(_VALIDITY.findall(str(told[0]))[:1])
        # Asked again: a server tells more of itself to whoever has signed in.
        can = b" ".join(_ok(server.capability(), "ask what it can")).upper().split()
        self.can_move, self.can_expunge = b"MOVE" in can, b"UIDPLUS" in can

    def mails(self) -> Iterator[Arrived]:
        """Yield the mails of the folder that are not marked as deleted."""
        found = _ok(self.server.uid("SEARCH", "UNDELETED"), "list the mails")
        for uid in b" ".join(found).decode().split()[:MOST_AT_ONCE]:
            head = self.server.uid("FETCH", uid, "(RFC822.SIZE)")[1]
            size = _SIZE.search(head[0] or b"") if head and isinstance(head[0], bytes) else None
            if size is None:  # another worker has put it away
                continue
            too_big = int(size[1]) > MOST_BYTES
            asked = f"(BODY.PEEK[]<0.{HEAD_BYTES}>)" if too_big else "(BODY.PEEK[])"
            parts = self.server.uid("FETCH", uid, asked)[1]
            content = next((each[1] for each in parts or () if isinstance(each, tuple)), None)
            if content is not None:
                yield Arrived(f"{self.validity}:{uid}", content, too_big)

    def put_away(self, place: str) -> None:
        """Move it to the folder of handled mails, which is made where it is missing."""
        validity, _colon, uid = place.partition(":")
        if validity != self.validity:
            return
        folder = _named(self.settings.handled_folder)
        if self._move(uid, folder):
            return
        self.server.create(folder)
        if not self._move(uid, folder):
            # A server that wants all folders below the first one.
            folder = _named(f"INBOX.{self.settings.handled_folder}")
            self.server.create(folder)
            self._move(uid, folder)

    def _move(self, uid: str, folder: str) -> bool:
        if self.can_move:
            return bool(self.server.uid("MOVE", uid, folder)[0] == "OK")
        if self.server.uid("COPY", uid, folder)[0] != "OK":
            return False
        self.server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
        if self.can_expunge:  # this one alone; what others have marked is theirs
            self.server.uid("EXPUNGE", uid)
        return True


def _connected(settings: MailIn) -> imaplib.IMAP4:
    host, port = settings.imap_host, settings.imap_port
    context = ssl.create_default_context()
    server: imaplib.IMAP4
    if settings.imap_security == "tls":
        server = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_S)
    else:
        server = imaplib.IMAP4(host, port, timeout=TIMEOUT_S)
    try:
        if settings.imap_security == "starttls":
            server.starttls(ssl_context=context)
        server.login(settings.imap_user, settings.imap_password)
    except BaseException:
        server.shutdown()
        raise
    return server


def _ok(answer: tuple[str, Any], what: str) -> list[bytes]:  # Any: as imaplib answers
    if answer[0] != "OK":
        said = b" ".join(each for each in answer[1] if each).decode(errors="replace")
        raise MailboxError(f"the mail server does not let us {what}: {said[:200]}")
    return [each or b"" for each in answer[1]]


def _named(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _words(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(error)
    return f"{type(error).__name__}: {' '.join(said.split())[:200]}"
