"""The sections of the file, one class for each; a field is a key, with its default."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from booking.providers import Provider

MOST_BY_THEMSELVES = 4  # processes that nobody asked for


def _number(default: int, low: int, high: int) -> Any:  # Any, as dataclasses.field has it
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the service listens, and what stands before it."""

    host: str = "127.0.0.1"
    port: int = _number(8000, 0, 65535)
    processes: int = _number(0, 0, 64)
    threads: int = _number(4, 1, 64)
    public_url: str = ""
    trusted_proxies: int = _number(0, 0, 10)

    @property
    def number_of_processes(self) -> int:
        """How many processes answer; 0 of the settings is one for each core, four at most."""
        if not hasattr(os, "fork"):  # Windows
            return 1
        if not hasattr(os, "sched_getaffinity"):  # macOS, where to fork by oneself is not safe
            return self.processes or 1
        return self.processes or min(len(os.sched_getaffinity(0)), MOST_BY_THEMSELVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The database; an empty URL means a SQLite file below ``paths.var``."""

    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Folders that the service writes to."""

    var: Path = Path("var")


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Secrets, sign-in limits and lifetimes."""

    secret_key: str = field(default="", repr=False)
    session_days: int = _number(30, 1, 366)
    sign_in_attempts: int = _number(10, 1, 1000)
    sign_in_window_minutes: int = _number(15, 1, 1440)
    invitation_days: int = _number(14, 1, 366)
    credentials_keys: str = field(default="", repr=False)
    development: bool = False
    sandbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The shape and the depth of the log."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mails leave; without a host they are written to a folder."""

    smtp_host: str = ""
    smtp_port: int = _number(587, 1, 65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailIn:
    """The mailbox that the house reads: a folder on an IMAP server, or a Maildir.

    ``address`` is where answers and requests go; what has a plus after its name
    comes into the same mailbox.  ``authserv_id`` is the name of the relay whose
    word on senders is believed (RFC 8601).
    """

    address: str = ""
    maildir: str = ""
    imap_host: str = ""
    imap_port: int = _number(993, 1, 65535)
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_user: str = ""
    imap_password: str = field(default="", repr=False)
    imap_folder: str = "INBOX"
    handled_folder: str = "Handled"
    authserv_id: str = ""

    @property
    def is_set(self) -> bool:
        """Whether there is a mailbox to read."""
        return bool(self.address and (self.maildir or self.imap_host))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """Calendars of others: of days that the house does not know by itself, and from addresses.

    ``trusted_hosts`` are parted by blanks: their calendars may come from a
    private network, and by http.  With a certificate and its key the profiles
    of Apple devices are signed.
    """

    school_holidays: str = ""
    trusted_hosts: str = ""
    profile_certificate: str = ""
    profile_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Members' calendars on other servers: the services at which they sign in."""

    providers: tuple[Provider, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ui:
    """What a visitor sees before anybody chose anything."""

    default_language: Literal["fr", "en"] = "fr"
