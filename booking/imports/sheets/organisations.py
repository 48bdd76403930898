"""Organisations of a table."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from booking.actions import spaces as verbs
from booking.actions.spaces.checks import name_of
from booking.core.errors import InvalidRequest
from booking.core.messages import message
from booking.core.sheets import Existing, Fate, Planned
from booking.core.sheets.cells import Cells, choice, text
from booking.core.values import Actor, OrganisationKind
from booking.imports.sheets.common import Seen, settled, wrong
from booking.imports.sheets.words import words
from booking.queries.organisations import entries


class Organisations:
    """A table of organisations; those that are there are known by name."""

    def __init__(self, session: Session, existing: Existing) -> None:
        self.existing = existing
        self.known = {each.name.casefold(): each for each in entries(session)}
        self.seen = Seen()

    def plan(self, row: int, texts: Mapping[str, str]) -> Planned:
        """Return what a row comes to."""
        cells = Cells(texts)
        typed = cells.take("name", text) or ""
        kind = cells.take("kind", choice(words("organisation")))
        try:
            name = name_of(typed) if not cells.wrong else typed
        except InvalidRequest as error:
            cells.wrong.extend(error.messages)
            name = typed
        found = self.known.get(name.casefold())
        if found and found.archived_at:
            cells.wrong.append(message("row_archived", "name"))
        if cells.wrong:
            return wrong(row, typed, cells.wrong)
        values = {"kind": kind} if kind else {}
        if found is None:
            return Planned(row, name, Fate.NEW, wish=values)
        stored = {"kind": found.kind}
        return settled(row, name, values, target=found.id, stored=stored, existing=self.existing)

    def foresee(self, planned: Planned) -> Planned:
        """Return the row, if none above is about the same organisation."""
        return self.seen.once(planned.name.casefold(), planned)

    def write(self, planned: Planned, actor: Actor, *, now: datetime) -> int:
        """Make or change the organisation of a row."""
        kind = OrganisationKind(planned.wish.get("kind", OrganisationKind.RESIDENT))
        if planned.fate is Fate.NEW:
            return verbs.create_organisation(planned.name, kind, actor, now=now)
        found = self.known[planned.name.casefold()]
        verbs.edit_organisation(found.id, found.name, kind, actor, version=found.version, now=now)
        return found.id
