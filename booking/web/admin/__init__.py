"""Administration: the pages of those who run a house."""

from booking.web.admin import (
    categories,
    closures,
    drawing,
    floors,
    invitations,
    leases,
    limits,
    mails,
    organisations,
    parts,
    photos,
    rules,
    settings,
    sites,
    spaces,
    use,
    work,
)
from booking.web.admin.shell import blueprint

__all__ = [
    "blueprint",
    "categories",
    "closures",
    "drawing",
    "floors",
    "invitations",
    "leases",
    "limits",
    "mails",
    "organisations",
    "parts",
    "photos",
    "rules",
    "settings",
    "sites",
    "spaces",
    "use",
    "work",
]
