"""What opens calendars of others, sealed at rest with keys that can be exchanged (Fernet).

These are passwords of members' calendars, and addresses that have a secret in them.

The keys are the operator's: ``security.credentials_keys``, or a file beside the
database that is made when it is first needed.  The first one seals, all of them
open.  Ciphers are heavy: they are loaded where one of these is wanted.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from booking.config import Config
from booking.secrets import SecretFileError, write_once

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FILE = "credentials.key"


class Unopenable(Exception):
    """None of the keys opens it: it was sealed with one that is no longer there."""


class Vault:
    """Seals and opens secrets."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._keys = _keys(config)

    def seal(self, secret: str) -> str:
        """Return the secret as it is stored."""
        return self._keys.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return a stored secret.

        Raises:
            Unopenable: If its key is gone.
        """
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return self._keys.decrypt(sealed.encode()).decode()
        except InvalidToken:
            self._keys = _keys(self._config)  # another process may have exchanged them
        try:
            return self._keys.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Unopenable from None

    def reseal(self, sealed: str) -> str:
        """Return a stored secret sealed with the first key.

        Raises:
            Unopenable: If its key is gone.
        """
        return self.seal(self.open(sealed))


def add_key(config: Config) -> int:
    """Put a new key before those of the file, and return how many there are now.

    Raises:
        SecretFileError: If the keys are in the settings, or the file cannot be written.
    """
    file = _file(config)
    if config.security.credentials_keys:
        reason = "security.credentials_keys is set: put a new key before the others there"
        raise SecretFileError(file, reason)
    return _write(file, [_new_key(), *_lines(file)])


def keep_first_key(config: Config) -> None:
    """Drop all keys of the file but the first: nothing is sealed with the others any more."""
    if not config.security.credentials_keys:
        _write(_file(config), _lines(_file(config))[:1])


def _file(config: Config) -> Path:
    return config.paths.var / FILE


def _new_key() -> str:
    from cryptography.fernet import Fernet  # noqa: PLC0415

    return Fernet.generate_key().decode()


def _keys(config: Config) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

    given = config.security.credentials_keys.split()
    file = _file(config)
    try:
        return MultiFernet([Fernet(each) for each in given or _lines(file)])
    except ValueError as error:
        reason = "a key is 32 random bytes in URL-safe base64"
        raise SecretFileError(file, reason) from error


def _lines(file: Path) -> list[str]:
    """Return the keys of the file, made with one if there is none."""
    try:
        if not file.exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(file, _new_key())
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SecretFileError(file, f"other users may read it; run: chmod 600 {file}")
        return file.read_text("ascii").split()
    except OSError as error:
        raise SecretFileError(file, f"cannot be used: {error.strerror or error}") from error


def _write(file: Path, keys: list[str]) -> int:
    """Put keys in place of those of the file, whole or not at all."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        write_once(draft, "\n".join(keys))
        draft.replace(file)
    except OSError as error:
        raise SecretFileError(file, f"cannot be used: {error.strerror or error}") from error
    return len(keys)
