"""Random tokens, their stored form, and the secret that the service keeps in a file."""

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

TOKEN_BYTES = 24  # 192 bits: 32 characters in a link
MIN_SECRET_BYTES = 32
TYPABLE = "0123456789abcdefghjkmnpqrstvwxyz"  # i, l, o, u would be misread
APP_SECRET_LENGTH = 28  # 140 bits
MOST_TYPED = 200
_AS_MEANT = str.maketrans("ilo", "110", "- \t\u00a0")
_SIGNER = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}


class SecretFileError(Exception):
    """A secret file cannot be used as it is; the text says what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def new_token() -> str:
    """Return a new random token of 192 bits, fit for a URL (``A-Z a-z 0-9 - _``)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_app_secret() -> str:
    """Return a new secret of 140 bits that people can type: seven groups of four characters."""
    drawn = "".join(secrets.choice(TYPABLE) for _ in range(APP_SECRET_LENGTH))
    return "-".join(drawn[at : at + 4] for at in range(0, APP_SECRET_LENGTH, 4))


def plain_app_secret(typed: str) -> str:
    """Return a typed secret as it is hashed, ``""`` where it cannot be one.

    Hyphens, blanks and capitals are the writer's; ``o`` is a zero, ``i`` and ``l`` are a one.
    """
    plain = typed[:MOST_TYPED].lower().translate(_AS_MEANT)
    is_one = len(plain) == APP_SECRET_LENGTH and set(plain) <= set(TYPABLE)
    return plain if is_one else ""


def hash_app_secret(typed: str) -> str:
    """Return the form in which a typed secret of an app is stored; of what is none, of nothing."""
    return hash_token(plain_app_secret(typed))


def hash_token(token: str) -> str:
    """Return the form in which a token is stored: SHA-256, 64 hexadecimal digits.

    No salt and no stretching: the tokens are random, so there is nothing to guess.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def sealed(values: list[int], key: bytes, purpose: str) -> str:
    """Return numbers as a text fit for a URL that nobody else can make for this purpose."""
    text: str = URLSafeSerializer(key, salt=purpose, signer_kwargs=_SIGNER).dumps(values)
    return text


def unsealed(text: str, key: bytes, purpose: str) -> list[int] | None:
    """Return what was sealed, None where it was not, or not for this purpose."""
    try:
        values: list[int] = URLSafeSerializer(key, salt=purpose, signer_kwargs=_SIGNER).loads(text)
    except BadData:
        return None
    return values


def load_or_create(path: Path) -> bytes:
    """Return the secret kept in ``path``; a missing file is made first, with mode 0600.

    Any number of processes may call this at once: all of them get the same secret.

    Raises:
        SecretFileError: If others may read the file, it is too short, or it
            cannot be read or written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, secrets.token_urlsafe(48))
        return _load(path)
    except OSError as error:
        raise SecretFileError(path, f"cannot be used: {error.strerror or error}") from error


def _load(path: Path) -> bytes:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretFileError(path, f"other users may read it; run: chmod 600 {path}")
    secret = path.read_bytes().strip()
    if len(secret) < MIN_SECRET_BYTES:
        raise SecretFileError(
            path, f"is shorter than {MIN_SECRET_BYTES} bytes; delete it, and a new one is made"
        )
    return secret


def write_once(path: Path, text: str) -> None:
    """Write a file for its owner alone; one that is there stays as it is."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails where the name exists: the first process wins, and nobody
        # ever reads a file that is only half written.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
