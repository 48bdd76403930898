"""The operator's settings: a TOML file read into typed, frozen values.

House settings (opening hours, rules) live in the database; no key is in both.
Every key, its default and its meaning: ``config.example.toml``.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from booking import secrets
from booking.providers import Provider, WrongProvider, read_providers

MIN_SECRET_LENGTH = 32
MOST_BY_THEMSELVES = 4  # processes that nobody asked for
_PLACEHOLDERS = ("change", "replace", "example", "secret", "password", "default")
# SQLite needs shared memory and working locks; these file systems lack one or the other.
_NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "davfs"}
)


class ConfigError(Exception):
    """A setting cannot be used; the text names the file, the key and what is expected."""

    def __init__(self, file: Path | None, key: str, expected: str) -> None:
        super().__init__(": ".join(str(part) for part in (file or "settings", key, expected)))
        self.file = file
        self.key = key
        self.expected = expected


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
            changes["port"] = _checked(None, "--port", port, kind=int, entry=_entry(Server, "port"))
        return replace(self, server=replace(self.server, **changes))


def load_config(path: Path | None = None) -> Config:
    """Return the settings of ``path``, of ``$BOOKING_CONFIG``, of ``config.toml``, or the defaults.

    A relative path inside the file counts from the file's folder.  Without a
    file it counts from ``$BOOKING_HOME``, where ``config.toml`` is looked for
    too; by default that is the current folder.

    Raises:
        ConfigError: On the first unknown key or value that cannot be used.
    """
    home = Path(os.environ.get("BOOKING_HOME") or Path.cwd())
    named = path or (Path(value) if (value := os.environ.get("BOOKING_CONFIG")) else None)
    file = named or home / "config.toml"
    if named is None and not file.exists():
        return _resolved(Config(), base=home.resolve())
    config = replace(_parsed(file, _read(file)), file=file)
    return _resolved(config, base=file.resolve().parent)


def weakness(secret: str) -> str | None:
    """Return why ``secret`` would be easy to guess, or None where it looks random."""
    if len(secret) < MIN_SECRET_LENGTH:
        return f"it has {len(secret)} characters"
    lower = secret.lower()
    if word := next((word for word in _PLACEHOLDERS if word in lower), None):
        return f"it contains the word '{word}'"
    steps = {ord(second) - ord(first) for first, second in pairwise(secret)}
    if len(set(secret)) < 10 or len(steps) < 10 or secret in (secret + secret)[1:-1]:
        return "it repeats itself"
    return None


def network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Return the type of the network file system that ``path`` lies on, or None.

    None too where the system keeps no such table (not Linux).  ``path`` need
    not exist yet.
    """
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    target = path.resolve()
    best: tuple[int, str] = (-1, "")
    for line in table.splitlines():
        _device, folder, kind = line.split(" ")[:3]
        # The kernel writes a space as \040.
        mounted = Path(folder.encode().decode("unicode_escape"))
        # The later of two mounts on one folder is the one in use: hence >=.
        if target.is_relative_to(mounted) and len(mounted.parts) >= best[0]:
            best = (len(mounted.parts), kind)
    return best[1] if best[1] in _NETWORK_TYPES else None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(file, "cannot be read", reason) from error
    except ValueError as error:  # TOMLDecodeError says the line; UnicodeDecodeError is one too
        raise ConfigError(file, "is not valid TOML", str(error)) from error


def _parsed(file: Path, data: Mapping[str, Any]) -> Config:
    sections = {entry.name: entry for entry in fields(Config) if entry.name != "file"}
    values: dict[str, Any] = {}
    for name, content in data.items():
        if name not in sections:
            raise ConfigError(file, name, _stranger(name, sections, of="section"))
        if not isinstance(content, dict):
            raise ConfigError(file, name, f"expected a section, written as [{name}]")
        values[name] = _section(file, name, content)
    return Config(**values)


def _section(file: Path, name: str, content: Mapping[str, Any]) -> Any:
    kind = _section_type(name)
    hints = get_type_hints(kind)
    known = {entry.name: entry for entry in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in known:
            raise ConfigError(file, f"{name}.{key}", _stranger(key, known, of="key"))
        values[key] = _checked(file, f"{name}.{key}", value, kind=hints[key], entry=known[key])
    return kind(**values)


def _section_type(name: str) -> type[Any]:
    found = _entry(Config, name).default_factory
    assert isinstance(found, type)  # noqa: S101 - every section of Config is made by its class
    return found


def _entry(kind: type[Any], name: str) -> Field[Any]:
    return next(entry for entry in fields(kind) if entry.name == name)


def _stranger(name: str, known: Mapping[str, Any], *, of: str) -> str:
    homes = [
        section.name
        for section in fields(Config)
        if section.default_factory is not MISSING
        and name in {entry.name for entry in fields(_section_type(section.name))}
    ]
    if homes:
        return f"unknown {of} here; it belongs into [{homes[0]}]"
    near = get_close_matches(name, known, n=1)
    if near:
        return f"unknown {of}; did you mean '{near[0]}'?"
    return f"unknown {of}; expected one of {', '.join(known)}"


def _checked(file: Path | None, key: str, value: object, *, kind: Any, entry: Field[Any]) -> object:
    """Return ``value`` as the dataclass holds it, or raise what was expected instead."""
    if get_origin(kind) is tuple:
        return value  # tables, read when all settings are known
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        if value in choices:
            return value
        expected = "one of " + ", ".join(f'"{choice}"' for choice in choices)
    elif kind is int:
        low, high = entry.metadata["low"], entry.metadata["high"]
        # True is an int to Python, but not to a person.
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        expected = f"a whole number from {low} to {high}"
    elif kind is bool:
        if isinstance(value, bool):
            return value
        expected = "true or false"
    else:
        if isinstance(value, str) and (value or kind is str):
            return kind(value)
        expected = "text in quotes" if kind is str else "a path in quotes"
    shown = "a secret text" if key.endswith(("secret_key", "_keys")) else repr(value)[:60]
    raise ConfigError(file, key, f"expected {expected}, found {shown}")


def _resolved(config: Config, *, base: Path) -> Config:
    """Make paths absolute and check what needs more than one key."""
    paths = replace(config.paths, var=base / config.paths.var.expanduser())
    _check_public_url(config)
    _check_secret(config)
    _check_mail_in(config)
    url = _database_url(config, base=base)
    config = replace(config, paths=paths, database=replace(config.database, url=url))
    config = replace(config, calendars=_with_files(config, base=base))
    config = replace(config, sync=_with_providers(config, base=base))
    if config.mail_in.maildir:
        maildir = base / Path(config.mail_in.maildir).expanduser()
        config = replace(config, mail_in=replace(config.mail_in, maildir=str(maildir)))
    file = config.sqlite_file
    if file is not None and (kind := network_file_system(file)):
        raise ConfigError(
            config.file,
            "database.url",
            f"expected a local disk for SQLite, but {file} is on a network file system ({kind});"
            " use a local folder or PostgreSQL",
        )
    return config


def _with_files(config: Config, *, base: Path) -> Calendars:
    """Return the calendars' settings with the files that they name where they are."""
    calendars = config.calendars
    if bool(calendars.profile_certificate) != bool(calendars.profile_key):
        missing = "profile_key" if calendars.profile_certificate else "profile_certificate"
        raise ConfigError(
            config.file, f"calendars.{missing}", "expected a file: a certificate needs its key"
        )
    names = ("school_holidays", "profile_certificate", "profile_key")
    named = {each: getattr(calendars, each) for each in names}
    files = {key: str(base / Path(name).expanduser()) for key, name in named.items() if name}
    return replace(calendars, **files)


def _with_providers(config: Config, *, base: Path) -> Sync:
    """Return the settings with the tables of providers read."""
    plain_hosts = frozenset(config.calendars.trusted_hosts.lower().split())
    try:
        found = read_providers(config.sync.providers, base=base, plain_hosts=plain_hosts)
    except WrongProvider as error:
        key = ".".join(filter(None, ("sync.providers", error.key)))
        raise ConfigError(config.file, key, error.expected) from None
    return Sync(providers=tuple(found))


def _check_public_url(config: Config) -> None:
    url = config.server.public_url
    parts = urlsplit(url)
    bare = not (parts.query or parts.fragment or parts.username)
    if url and not (parts.scheme in {"http", "https"} and parts.hostname and bare):
        raise ConfigError(
            config.file,
            "server.public_url",
            f'expected an address such as "https://rooms.example.org", found {url!r}',
        )


def _check_mail_in(config: Config) -> None:
    settings = config.mail_in
    local, _at, domain = settings.address.rpartition("@")
    if (settings.maildir or settings.imap_host) and not (local and domain and "+" not in local):
        raise ConfigError(
            config.file,
            "mail_in.address",
            'expected the address of the mailbox, such as "rooms@example.org" (without a plus),'
            f" found {settings.address!r}",
        )


def _check_secret(config: Config) -> None:
    secret = config.security.secret_key
    if secret and not config.security.development and (reason := weakness(secret)):
        raise ConfigError(
            config.file,
            "security.secret_key",
            f"expected at least {MIN_SECRET_LENGTH} random characters, but {reason};"
            " leave the key out, and a good one is made and kept",
        )


def _database_url(config: Config, *, base: Path) -> str:
    if not config.database.url:
        return ""
    expected = 'expected "sqlite:///FILE" or "postgresql://USER:PASSWORD@HOST/NAME"'
    try:
        url = make_url(config.database.url)
    except ArgumentError as error:  # whose text would show the password
        raise ConfigError(config.file, "database.url", expected) from error
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    elif url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}:
        url = _anchored(url, base=base)
    elif url.drivername != "postgresql+psycopg":
        raise ConfigError(config.file, "database.url", f"{expected}, found {url!r}")
    return url.render_as_string(hide_password=False)


def _anchored(url: URL, *, base: Path) -> URL:
    return url.set(database=(base / Path(str(url.database)).expanduser()).as_posix())
