"""Messages as mails: their subjects, and how a person who chooses among them reads them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# What a mail is about, by the code of its message; the sentence itself where there is nothing.
SUBJECTS: dict[str, LazyString] = {
    "notice_approved": _l("Approved: %(title)s"),
    "notice_refused": _l("Refused: %(title)s"),
    "notice_changed": _l("Changed: %(title)s"),
    "notice_cancelled": _l("Cancelled: %(title)s"),
    "notice_displaced": _l("Displaced: %(title)s"),
    "notice_displaced_offered": _l("Displaced: %(title)s"),
    "notice_dates_displaced": _l("Displaced: %(title)s"),
    "notice_handed_over": _l("Handed over to you: %(title)s"),
    "notice_handed_on": _l("Handed over: %(title)s"),
    "notice_swap_proposed": _l("A swap proposed: %(title)s"),
    "notice_swapped": _l("Swapped: %(title)s"),
    "notice_swap_declined": _l("Not swapped: %(title)s"),
    "notice_requested": _l("To be approved: %(title)s"),
    "notice_request_changed": _l("To be approved, changed: %(title)s"),
    "notice_booked_for_you": _l("Booked for you: %(title)s"),
    "notice_reminder": _l("Soon: %(title)s"),
    "notice_offered": _l("Something else for you: %(title)s"),
    "notice_dates_offered": _l("Something else for you: %(title)s"),
    "notice_proposed": _l("Something else proposed: %(title)s"),
    "notice_accepted": _l("Accepted: %(title)s"),
    "notice_declined": _l("Declined: %(title)s"),
    "notice_retimed": _l("Clocks have new rules: %(title)s"),
    "notice_expired": _l("Expired: %(title)s"),
    "notice_conflict": _l("Not free: %(title)s"),
    "notice_over_limit": _l("Over the limit: %(title)s"),
    "notice_slot_offered": _l("Free for you: %(title)s"),
    "notice_claimed": _l("Booked from the waiting list: %(title)s"),
    "notice_claim_asked": _l("Asked for from the waiting list: %(title)s"),
    "notice_expiring": _l("Decide soon: %(title)s"),
    "notice_no_show": _l("Nobody came: %(title)s"),
    "notice_no_shows": _l("Still needed? %(title)s"),
    "notice_season_asked": _l("Next season? %(title)s"),
    "notice_season_warned": _l("Not answered yet: %(title)s"),
    "notice_season_ended": _l("Ends with the season: %(title)s"),
    "notice_season_kept": _l("Kept for the next season: %(title)s"),
    "notice_season_given_back": _l("Ends with the season: %(title)s"),
    "notice_calendar_stopped": _l("Your calendar needs you: %(name)s"),
    "notice_calendar_failing": _l("Your calendar cannot be reached: %(name)s"),
    "notice_calendar_asks": _l("Changed in your calendar: %(title)s"),
    "notice_lease_ends": _l("A lease ends: %(space)s"),
    "notice_lease_decide": _l("Notice by %(decide_by)s: %(space)s"),
    "notice_app_password": _l("New app password: %(device)s"),
    "notice_object_refused": _l("Not stored: %(event)s"),
    "notice_object_taken": _l("Not free: %(event)s"),
}
# The same messages, as a person who chooses among them reads them.
NOTICE_GROUPS: tuple[tuple[LazyString, dict[str, LazyString]], ...] = (
    (
        _l("My requests"),
        {
            "notice_approved": _l("My request is approved"),
            "notice_refused": _l("My request is refused"),
            "notice_proposed": _l("An approver proposes something else for a request of mine"),
            "notice_offered": _l("The house offers me something else"),
            "notice_dates_offered": _l("The house offers me something else for dates of a series"),
            "notice_expired": _l("A request of mine expires"),
        },
    ),
    (
        _l("My bookings"),
        {
            "notice_changed": _l("Somebody changes a booking of mine"),
            "notice_cancelled": _l("Somebody cancels a booking of mine"),
            "notice_displaced": _l("A booking of mine has to give way"),
            "notice_displaced_offered": _l(
                "A booking of mine has to give way, and something else is free"
            ),
            "notice_booked_for_you": _l("Somebody books for me"),
            "notice_handed_over": _l("Somebody hands a booking over to me"),
            "notice_handed_on": _l("Somebody hands a booking of mine over to somebody else"),
            "notice_swap_proposed": _l("Somebody proposes to swap a booking of mine"),
            "notice_swapped": _l("A booking of mine is swapped"),
            "notice_swap_declined": _l("Somebody declines a swap that I proposed"),
            "notice_no_show": _l("Nobody checks in for a booking of mine"),
        },
    ),
    (
        _l("My series"),
        {
            "notice_conflict": _l("A date of my series is not free"),
            "notice_over_limit": _l("A date of my series is more than the limits leave"),
            "notice_dates_displaced": _l("Dates of a series of mine have to give way"),
            "notice_retimed": _l("New rules for the clocks took the time of a date"),
            "notice_no_shows": _l("Nobody comes to a series of mine"),
            "notice_season_asked": _l(
                "The house asks whether a series of mine goes on next season"
            ),
            "notice_season_warned": _l("I have not said yet whether a series of mine goes on"),
            "notice_season_ended": _l("A series of mine ends with the season"),
            "notice_season_kept": _l("Somebody keeps the place of a series of mine"),
            "notice_season_given_back": _l("Somebody gives back the place of a series of mine"),
        },
    ),
    (
        _l("Waiting list"),
        {
            "notice_slot_offered": _l("A time that I wait for is held for me"),
            "notice_claimed": _l("A time that I waited for is booked for me"),
            "notice_claim_asked": _l("A time that I waited for is asked for"),
        },
    ),
    (
        _l("My calendars"),
        {
            "notice_object_refused": _l("What my calendar app asks for is refused"),
            "notice_object_taken": _l("What my calendar app asks for is taken"),
            "notice_calendar_stopped": _l("A connected calendar of mine stops"),
            "notice_calendar_failing": _l("A connected calendar of mine cannot be reached"),
            "notice_calendar_asks": _l("A change in my calendar waits for me"),
        },
    ),
    (
        _l("What I decide"),
        {
            "notice_requested": _l("A request waits for my decision"),
            "notice_request_changed": _l("A request that waits for my decision is changed"),
            "notice_expiring": _l("A request expires soon, if I do not decide"),
            "notice_accepted": _l("Somebody accepts what I proposed"),
            "notice_declined": _l("Somebody declines what I proposed"),
        },
    ),
    (
        _l("Our leases"),
        {
            "notice_lease_ends": _l("A lease of ours ends soon"),
            "notice_lease_decide": _l("Notice of a lease of ours has to be given soon"),
        },
    ),
)
NOTICES: dict[str, LazyString] = {
    code: words for _title, group in NOTICE_GROUPS for code, words in group.items()
}
# The mails that no message of the inbox is behind.
LINK_MAILS: dict[str, LazyString] = {
    "link_invitation": _l("Somebody is invited"),
    "link_password": _l("Somebody forgot the password"),
}
FOR_APPROVERS = frozenset(
    {
        "notice_requested",
        "notice_request_changed",
        "notice_expiring",
        "notice_accepted",
        "notice_declined",
    }
)
