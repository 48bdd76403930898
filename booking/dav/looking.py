"""Who asks, and what every answer needs to know: language, address, time, the house."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from booking.core.categories import CategoryView
from booking.core.devices import Device
from booking.core.values import Actor, Site, Space
from booking.queries import houses
from booking.queries.categories import categories

PUBLIC = "public"


@dataclass(frozen=True)
class Looking:
    """A program that asks; ``device`` None is anybody, who sees what is public.

    ``login`` is the e-mail address that it signed in with, ``base`` the address
    of the service without a slash at its end, ``root`` what paths begin with
    where the service lies below a path, ``key`` a secret of the house.
    """

    session: Session
    device: Device | None
    login: str
    language: str
    base: str
    root: str
    key: str
    now: datetime
    minimal: bool = False
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def actor(self) -> Actor | None:
        """Who asks, None for anybody."""
        return None if self.device is None else self.device.actor

    @property
    def may_write(self) -> bool:
        """Whether this program books, changes and cancels."""
        return self.device is not None and self.device.may_write

    @cached_property
    def user(self) -> str:
        """The name of its person in addresses."""
        return str(self.actor.person_id) if self.actor else PUBLIC

    @cached_property
    def home(self) -> str:
        """Where its calendars are."""
        if self.actor is None:
            return f"{self.root}/dav/{PUBLIC}/"
        return f"{self.root}/dav/cal/{self.user}/"

    @property
    def principal(self) -> str:
        """The address of its person; empty for anybody."""
        return f"{self.root}/dav/principals/{self.user}/" if self.actor else ""

    @property
    def outbox(self) -> str:
        """Where free time is asked for; empty for anybody."""
        return f"{self.root}/dav/outbox/{self.user}/" if self.actor else ""

    @cached_property
    def sites(self) -> dict[int, Site]:
        """The sites by id, archived ones as well."""
        return {each.id: each for each in houses.sites(self.session)}

    @cached_property
    def spaces(self) -> dict[int, Space]:
        """The spaces in use by id, in their order."""
        return {each.id: each for each in houses.spaces(self.session)}

    @cached_property
    def organisations(self) -> dict[int, str]:
        """The names of the organisations of who asks, by id."""
        ids = self.actor.organisations if self.actor else ()
        return houses.organisation_names(self.session, ids) if ids else {}

    @cached_property
    def categories(self) -> list[CategoryView]:
        """What bookings are for."""
        return categories(self.session)

    @cached_property
    def names(self) -> tuple[object, ...]:
        """What the house is called in all its parts: equal values, equal words in objects."""
        return (
            *((each.id, each.version) for each in self.sites.values()),
            *((each.id, each.version) for each in self.spaces.values()),
            *((each.code, each.version) for each in self.categories),
        )
