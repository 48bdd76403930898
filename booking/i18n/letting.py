"""Words about leases: sentences of message codes, and names of what a lease has."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

INCLUDED: dict[str, LazyString] = {
    "cleaning": _l("cleaning"),
    "equipment": _l("equipment"),
    "furniture": _l("furniture"),
    "power": _l("electricity"),
    "water": _l("water"),
    "heating": _l("heating"),
    "rooms": _l("meeting rooms"),
}
LEASE_STANDINGS: dict[str, LazyString] = {
    "current": _l("Current"),
    "coming": _l("Coming"),
    "ended": _l("Ended"),
}
LEASE_SENTENCES: dict[str, LazyString] = {
    "already_let": _l("Others have this space by then. Leases in the way: %(number)s."),
    "space_not_let": _l(
        "%(space)s cannot be let: offices, desks, workshops and stores can, meeting rooms are"
        " everybody’s."
    ),
    "lease_ends_first": _l("The lease would end before it starts. Check both days."),
    "lease_ends_later": _l(
        "The lease ends on %(last)s as it is. To let it go on, renew or change it."
    ),
    "lease_no_day": _l("None of these days of the week comes between start and end."),
    "lease_share": _l("A share is like 1 of 2 or 2 of 5, of at most 60."),
    "lease_share_of_combined": _l("A combined space is let as a whole; its parts can be shared."),
    "lease_shares_odd": _l(
        "This space is let in %(shares)s shares, which do not go together with that number."
        " Choose another."
    ),
    "lease_area": _l("Give the area in m², with at most two decimals."),
    "lease_rent": _l("Give the rent in euros for a m² and month, with at most four decimals."),
    "lease_documents": _l("At most %(limit)s documents."),
    "lease_link": _l("“%(url)s” is no link to a document: it begins with https://"),
    "lease_begun": _l(
        "This lease has begun: it keeps its space and its tenant. End it, or let it move."
    ),
    "lease_begun_ends": _l("This lease has begun. Give it a last day instead."),
    "lease_is_open": _l("This lease has no end: there is nothing to renew. Change it, or end it."),
    "lease_follows_end": _l("The lease before ends on %(last)s: the new one begins after that."),
    "lease_other_tenant": _l(
        "A renewal is for the same organisation. Make a new lease for another."
    ),
    "lease_same_space": _l("This is the space that it is about already. Choose another one."),
    "lease_moves_within": _l("The day of the move lies within the lease, after its first day."),
    "notice_lease_ends": _l(
        "A lease ends: %(space)s, %(organisation)s, on %(last)s. Renew it, or look for who comes"
        " next."
    ),
    "notice_lease_decide": _l(
        "The lease of %(space)s, %(organisation)s, ends on %(last)s. Notice can be given until"
        " %(decide_by)s."
    ),
    "organisation_has_leases": _l(
        "This organisation has leases that are current or coming: %(number)s. End them first."
    ),
    "space_has_leases": _l("Leases of this space that are current or coming: %(number)s."),
    "office_let": _l(
        "%(space)s is let at this time: only %(tenant)s may book it. Choose another space."
    ),
}
