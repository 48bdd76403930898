"""All settings together, and what follows from them."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url

from booking import secrets
from booking.config.sections import (
    Calendars,
    Database,
    Log,
    Mail,
    MailIn,
    Paths,
    Security,
    Server,
    Sync,
    Ui,
)
from booking.config.values import checked, entry_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All operator settings, one value per section of the file.

    ``file`` is the file they came from, or None where there was none.
    """

    server: Server = field(default_factory=Server)
    database: Database = field(default_factory=Database)
    paths: Paths = field(default_factory=Paths)
    security: Security = field(default_factory=Security)
    log: Log = field(default_factory=Log)
    mail: Mail = field(default_factory=Mail)
    mail_in: MailIn = field(default_factory=MailIn)
    calendars: Calendars = field(default_factory=Calendars)
    sync: Sync = field(default_factory=Sync)
    ui: Ui = field(default_factory=Ui)
    file: Path | None = None

    @property
    def public_url(self) -> str:
        """The address used in links, without a slash at its end."""
        if self.server.public_url:
            return self.server.public_url.rstrip("/")
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.server.host, self.server.host)  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server.port}"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database, with its driver."""
        return self.database.url or f"sqlite:///{(self.paths.var / 'booking.db').as_posix()}"

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        url = make_url(self.database_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    @property
    def host(self) -> str:
        """The name of the service's machine, as links have it."""
        return urlsplit(self.public_url).hostname or "localhost"

    @property
    def outbox(self) -> Path:
        """The folder of mails that have nowhere to go."""
        return self.paths.var / "outbox"

    @property
    def school_file(self) -> Path | None:
        """The file of school holidays, None where there is none."""
        name = self.calendars.school_holidays
        return Path(name) if name else None

    @property
    def profile_signer(self) -> tuple[Path, Path] | None:
        """The files of certificate and key that sign profiles, None where there are none."""
        certificate, key = self.calendars.profile_certificate, self.calendars.profile_key
        return (Path(certificate), Path(key)) if certificate and key else None

    def signing_key(self) -> bytes:
        """Return the key that signs cookies and links, made in ``var/secret.key`` if need be.

        Raises:
            booking.secrets.SecretFileError: If that file cannot be used.
        """
        if self.security.secret_key:
            return self.security.secret_key.encode()
        return secrets.load_or_create(self.paths.var / "secret.key")

    def listening(self, *, host: str | None = None, port: int | None = None) -> "Config":
        """Return the same settings with another address, as ``--host`` and ``--port`` ask.

        Raises:
            ConfigError: If the port is out of range.
        """
        changes: dict[str, Any] = {}
        if host is not None:
            changes["host"] = host
        if port is not None:
            changes["port"] = checked(
                None, "--port", port, kind=int, entry=entry_of(Server, "port")
            )
        return replace(self, server=replace(self.server, **changes))
