"""Sentences of message codes: the house as a whole: backups, notices."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

HOUSE: dict[str, LazyString] = {
    # house
    "lease_lost": _l("Somebody else has taken this over."),
    "service_down": _l("The service cannot store anything right now. Nothing was changed."),
    # backups
    "backup_file_exists": _l("There is a file %(file)s already: take another name."),
    "backup_file": _l("%(file)s cannot be used: %(reason)s."),
    "backup_damaged": _l("%(file)s is damaged: it is no ZIP archive, or not a whole one."),
    "backup_foreign": _l("%(file)s is not a backup of this program."),
    "backup_newer": _l("%(file)s comes from a newer program: install that first."),
    "backup_unsound": _l("The database in %(file)s is not sound: %(reason)s."),
    "backup_nothing": _l("The database has no tables yet: run `booking init`."),
    "backup_database": _l("The database refuses: %(reason)s"),
    "backup_program_missing": _l(
        "The program %(program)s is missing: install PostgreSQL's client (Debian:"
        " apt install postgresql-client)."
    ),
    "backup_other_engine": _l(
        "The backup is of %(stored)s, the settings name %(present)s: name a database of that kind."
    ),
    "restore_in_use": _l("The database is in use: stop the service first, in all its processes."),
    "restore_overwrites": _l(
        "There is a database already (%(place)s). Say --overwrite to put the backup in its place."
    ),
    # notices
    "notice_approved": _l("Approved: %(title)s, %(space)s, %(start)s."),
    "notice_refused": _l("Refused: %(title)s, %(space)s, %(start)s. Reason: %(reason)s"),
    "notice_changed": _l("%(actor)s changed your booking: %(title)s, %(space)s, %(start)s."),
    "notice_cancelled": _l(
        "%(actor)s cancelled your booking: %(title)s, %(space)s, %(start)s. Reason: %(reason)s"
    ),
    "notice_requested": _l("%(actor)s asks for your approval: %(title)s, %(space)s, %(start)s."),
    "notice_request_changed": _l(
        "%(actor)s changed a request that waits for you: %(title)s, %(space)s, %(start)s."
    ),
    "notice_booked_for_you": _l("%(actor)s booked for you: %(title)s, %(space)s, %(start)s."),
    "notice_displaced": _l(
        "%(actor)s had to give your time to something else: %(title)s, %(space)s, %(start)s."
        " Reason: %(reason)s"
    ),
    "notice_displaced_offered": _l(
        "%(actor)s had to give your time to something else: %(title)s, %(space)s, %(start)s."
        " Reason: %(reason)s Free instead: %(instead)s, %(at)s. Take it with one click on the page"
        " of the booking."
    ),
    "notice_dates_displaced": _l(
        "%(actor)s had to give dates of yours to something else: %(title)s, %(space)s, %(number)s"
        " dates from %(start)s. Reason: %(reason)s Offers for you on the page of the booking:"
        " %(offered)s."
    ),
    "too_many_displaced": _l(
        "This would displace more than %(most)s bookings. Book fewer dates at a time."
    ),
    "notice_retimed": _l(
        "The clocks of %(zone)s have new rules, and by them a booking comes upon something else:"
        " %(title)s, %(space)s. Dates: %(number)s, the first %(start)s. Choose another room or"
        " another time on the page of the booking."
    ),
    "notice_conflict": _l(
        "Your series goes on, and dates of it are taken: %(title)s, %(space)s. Number: %(number)s,"
        " the first %(start)s. Choose another room or another time on the page of the booking."
    ),
    "notice_over_limit": _l(
        "Your series goes on, but dates of it are more than the limits of the house leave:"
        " %(title)s, %(space)s. Number: %(number)s, the first %(start)s. They are not booked."
    ),
    "notice_reminder": _l("Soon: %(title)s, %(space)s, %(start)s."),
    "notice_offered": _l(
        "Refused: %(title)s, %(space)s, %(start)s. Reason: %(reason)s Free instead: %(instead)s,"
        " %(at)s. Take it with one click on the page of the booking."
    ),
    "notice_dates_offered": _l(
        "Refused: %(title)s, %(space)s, %(start)s. Reason: %(reason)s For %(number)s of the dates"
        " something else is free. Take it with one click on the page of the booking."
    ),
    "notice_proposed": _l(
        "%(actor)s proposes something else for %(title)s, %(start)s: %(instead)s, %(at)s."
        " Accept it with one click on the page of the booking. %(words)s"
    ),
    "notice_accepted": _l("%(actor)s accepts your offer: %(title)s, %(space)s, %(start)s."),
    "notice_declined": _l("%(actor)s declines your offer: %(title)s, %(space)s, %(start)s."),
    "offer_over": _l("This offer was open until now. Ask for the time again, if it is free."),
}
