"""Sentences about the machine, for the operator: what a health check found."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from booking.health import Check

SENTENCES: dict[str, LazyString] = {
    "fine": _l("well"),
    "not_asked": _l("cannot be told without the database"),
    "cannot_tell": _l("cannot be told: %(reason)s"),
    "folder_not_writable": _l("the service cannot write to %(folder)s"),
    "database_missing": _l("there is no database at %(file)s; `booking init` makes it"),
    "database_unreachable": _l("the database does not answer: %(reason)s"),
    "database_read_only": _l("the database server takes no changes: it is read-only"),
    "database_not_writable": _l(
        "the database file takes no changes (%(reason)s): check its permissions and the disk"
    ),
    "guard": _l(
        "the overlap guard does not stand: %(problem)s; `booking init` puts it back in place"
    ),
    "migrations_pending": _l(
        "the tables are of version %(stored)s, the program needs %(wanted)s: run `booking init`"
    ),
    "migrations_unknown": _l(
        "the tables are of version %(stored)s, which this program does not know (its newest is"
        " %(wanted)s): install the newer program"
    ),
    "overlaps": _l("%(number)s holds overlap another one: somebody got round the guard"),
    "holds_missing": _l("%(number)s confirmed bookings of a space have no hold on their time"),
    "holds_stray": _l("%(number)s holds belong to no open booking and no closure"),
    "clock_apart": _l("the database's clock and this machine's are %(seconds)s s apart"),
    "clock_behind": _l(
        "the last change was stored at %(last)s, which is still to come: this machine's clock"
        " is behind"
    ),
    "zone_unknown": _l("this machine knows no time zone %(zone)s: install the package tzdata"),
    "work_dead": _l(
        "%(number)s jobs failed for good, such as mails that nobody took: `booking jobs list` says"
        " why, `booking jobs retry --all` tries them again"
    ),
    "mail_kept": _l("no mail server in the settings: mails are kept in %(folder)s"),
    "demo_public": _l(
        "the demo accounts have known passwords, and the service can be reached from outside"
    ),
}


def check_sentence(check: Check) -> str:
    """Return what a check found, without a capital and a full stop: it stands after a name."""
    if check.code == "told":  # by a part that has its own words, such as the configuration
        return str(check.params["reason"])
    return f"{SENTENCES[check.code] % dict(check.params)}"
