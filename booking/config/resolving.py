"""What needs more than one key: absolute paths, and settings that go together."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from booking.config.sections import Calendars, Sync
from booking.config.settings import Config
from booking.config.values import ConfigError
from booking.providers import WrongProvider, read_providers

MIN_SECRET_LENGTH = 32


_PLACEHOLDERS = ("change", "replace", "example", "secret", "password", "default")


# SQLite needs shared memory and working locks; these file systems lack one or the other.
_NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "davfs"}
)


def resolved(config: Config, *, base: Path) -> Config:
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
