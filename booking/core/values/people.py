"""Who asks, and what that person may do."""

from dataclasses import dataclass

from booking.core.values.kinds import Door, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role with its scope: one space, one site, or (both None) everything."""

    role: Role
    site_id: int | None = None
    space_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and through which door.

    ``person_id`` is None for the operator at the command line and for the
    system itself; ``operator`` then allows everything.  ``organisations`` are
    the ids of all organisations the person belongs to, ``manages`` those
    whose bookings the person may see and move.
    """

    person_id: int | None
    name: str
    door: Door
    grants: frozenset[Grant] = frozenset()
    organisations: frozenset[int] = frozenset()
    manages: frozenset[int] = frozenset()
    operator: bool = False
    locale: str | None = None

    @property
    def role(self) -> Role:
        """The highest role, whatever its scope."""
        roles = {grant.role for grant in self.grants}
        if self.operator or Role.ADMIN in roles:
            return Role.ADMIN
        if Role.APPROVER in roles:
            return Role.APPROVER
        return Role.MANAGER if self.manages else Role.MEMBER


OPERATOR = Actor(None, "operator", Door.CLI, operator=True)
SYSTEM = Actor(None, "system", Door.SYSTEM)  # what happens by itself
