"""Passwords: what is accepted, and how they are stored (argon2id, RFC 9106)."""

import functools
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from booking.core.errors import InvalidRequest

MIN_LENGTH = 10
MAX_LENGTH = 200
MIN_DIFFERENT = 4

# 19 MiB and two passes, the least that OWASP's password storage cheat sheet
# names: 25 ms here, and eight sign-ins at once fit into a small server.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Of at least ten characters, as shorter ones are refused anyway.
_COMMON_WORDS = (
    "1234567890 12345678910 0123456789 0987654321 9876543210 qwertyuiop azertyuiop qwertzuiop "
    "1q2w3e4r5t 1qaz2wsx3edc password12 password123 password1234 passw0rd123 motdepasse "
    "motdepasse1 motdepasse123 monmotdepasse iloveyou123 jetaime123 bonjour123 soleil1234 "
    "abcdefghij abcdefghijk abcd123456 administrator administrateur letmein123 changeme123 "
    "bienvenue1 bienvenue123 welcome123 football123 princess123 marseille13 doudou12345"
)
_COMMON = frozenset(_COMMON_WORDS.split())


def check_password(password: str, *, email: str, name: str = "") -> None:
    """Refuse a new password that is short, endless or easy to guess.

    Raises:
        InvalidRequest: ``password_too_short``, ``password_too_long``,
            ``password_is_email`` or ``password_too_common``, on the field ``password``.
    """
    if len(password) < MIN_LENGTH:
        raise InvalidRequest.because("password_too_short", "password", limit=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise InvalidRequest.because("password_too_long", "password", limit=MAX_LENGTH)
    plain = _composed(password).casefold().strip()
    if plain in {email, email.partition("@")[0], name.casefold()}:
        raise InvalidRequest.because("password_is_email", "password")
    if plain in _COMMON or len(set(plain)) < MIN_DIFFERENT:
        raise InvalidRequest.because("password_too_common", "password")


def hash_password(password: str) -> str:
    """Return what is stored; takes some 25 ms, so never call it inside a transaction."""
    return HASHER.hash(_composed(password).encode("utf-8", "surrogatepass"))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes as long where nothing is stored."""
    if len(password) > MAX_LENGTH:  # nobody has one, and hashing megabytes helps an attacker
        password, stored = "", None
    try:
        HASHER.verify(stored or _nobodys(), _composed(password).encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


@functools.cache
def _nobodys() -> str:
    return HASHER.hash("the password of an account that does not exist")


def _composed(password: str) -> str:
    """One form for what two keyboards send as different code points (RFC 8265 §4.2.2)."""
    return unicodedata.normalize("NFC", password)
