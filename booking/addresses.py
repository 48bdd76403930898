"""The addresses of the house: where answers go, and one for each room."""

import re
import unicodedata
from email.utils import parseaddr

from booking.config import Config
from booking.core.values import Space

_NUMBER = re.compile(r"(?:.*-)?(\d{1,9})")
_UNFIT = re.compile(r"[^a-z0-9]+")
MOST_SLUG = 24


def house_address(config: Config) -> str:
    """Return the address that invitations are answered to."""
    return config.mail_in.address or parseaddr(config.mail.sender)[1] or f"booking@{config.host}"


def room_address(space: Space, config: Config) -> str:
    """Return the address of a room: the house's, with name and number of the room after a plus."""
    local, _at, domain = house_address(config).rpartition("@")
    plain = unicodedata.normalize("NFKD", space.name).encode("ascii", "ignore").decode()
    slug = _UNFIT.sub("-", plain.lower()).strip("-")[:MOST_SLUG].strip("-")
    return f"{local}+{slug}-{space.id}@{domain}".replace("+-", "+room-")


def is_ours(email: str, config: Config) -> bool:
    """Whether a mail to this address would come to the house itself."""
    return _bare(email) in {_bare(house_address(config)), _bare(parseaddr(config.mail.sender)[1])}


def space_named(email: str, config: Config) -> int | None:
    """Return the id of the room whose address this is, None where it is none."""
    local, _at, _domain = email.strip().lower().rpartition("@")
    _house, plus, tag = local.partition("+")
    found = _NUMBER.fullmatch(tag) if plus and is_ours(email, config) else None
    return int(found[1]) if found else None


def _bare(email: str) -> str:
    local, _at, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
