"""The reports, one module for each kind; by the name of their element."""

from collections.abc import Callable, Iterable, Mapping

from flask import Response

from booking.dav.looking import Looking
from booking.dav.places import Place
from booking.dav.reports import freebusy, people, query, sync
from booking.dav.xml import Tree, c, d

Report = Callable[[Looking, Place, Tree], Iterable[str] | Response]

REPORTS: Mapping[str, Report] = {
    c("calendar-query"): query.calendar_query,
    c("calendar-multiget"): query.multiget,
    c("free-busy-query"): freebusy.free_busy_query,
    d("sync-collection"): sync.sync_collection,
    d("principal-property-search"): people.property_search,
    d("principal-search-property-set"): people.search_properties,
    d("expand-property"): people.expand_property,
}

__all__ = ["REPORTS"]
