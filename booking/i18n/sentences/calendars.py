"""Sentences of message codes: calendars out and in: files, apps, servers of others."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

CALENDARS: dict[str, LazyString] = {
    # calendar files
    "calendar_unreadable": _l("This is not a calendar: nothing in it can be read."),
    "calendar_nested": _l("This calendar cannot be read: its parts lie within each other."),
    "calendar_too_many": _l("A calendar has at most %(most)s events."),
    "calendar_too_big": _l("A calendar has at most %(most)s MB."),
    "imports_too_many": _l("You have %(most)s files in work already: wait for one to end."),
    "imports_full": _l("The house has too many files at the moment. Try again later."),
    "address_invalid": _l("This is no address of a calendar."),
    "address_not_https": _l("The address has to begin with https://."),
    "address_private": _l("This address is inside a private network: it is not fetched."),
    "address_unreachable": _l("Nobody answers at this address."),
    "address_status": _l("The address gives no calendar (answer %(status)s)."),
    "address_redirects": _l("The address leads from one to the next without an end."),
    "filter_too_long": _l("Choose %(most)s at most."),
    "source_vanished": _l(
        "%(gone)s of %(known)s coming dates are gone from this calendar. Nothing was taken away:"
        " say whether it is meant."
    ),
    "source_key_gone": _l(
        "The key that sealed the address is gone. Type the address again; the dates stay."
    ),
    "source_too_many_dates": _l("Only the first %(most)s dates are taken."),
    "source_space_missing": _l("Choose the room whose time it takes."),
    "sources_too_many": _l("A house follows %(most)s calendars at most."),
    "address_too_slow": _l("The address takes too long to answer. Try again later."),
    "file_missing": _l("Choose a calendar file."),
    "components_left_out": _l("Left out, as they are no events: %(number)s tasks or notes."),
    "events_without_end": _l("Events that are cut off, read as far as they go: %(number)s."),
    "event_zone_unknown": _l(
        "The time zone %(zone)s is unknown: the time is taken as the house's."
    ),
    "not_in_utf8": _l("The text has an old encoding: accents may be wrong."),
    "line_unreadable": _l("Lines that cannot be read: %(number)s."),
    "line_too_long": _l("Something is far too long and was left out."),
    "text_cut": _l("A text was cut after %(most)s characters."),
    "uid_twice": _l("Two events of the file have the same identifier: both are kept."),
    "start_off_rule": _l("The first date does not fit the series, which begins on %(first)s."),
    "period_taken_as_start": _l("A date with a length of its own is as long as the others."),
    "dates_unreadable": _l("Dates of the series that cannot be read: %(number)s."),
    "series_as_dates": _l("A series in another time zone: it comes as %(number)s single dates."),
    "cut_at_edge": _l("Bookings are open until %(last)s: what comes after is left out."),
    "event_times_mixed": _l("A whole day at one end, an hour at the other: look at the times."),
    "event_outside_series": _l("A changed date that its series does not have: an event by itself."),
    "event_without_series": _l("A date whose series is not in the file: an event by itself."),
    "event_without_start": _l("It has no start."),
    "event_time_unreadable": _l("Its time cannot be read."),
    "event_ends_before_start": _l("It ends before it starts."),
    "event_without_length": _l("It is a moment without a length."),
    "event_exrule": _l("Its series leaves out dates by a rule, which is not possible here."),
    "event_several_rules": _l("Its series has several rules, which is not possible here."),
    "event_too_many_dates": _l("It has more than %(most)s dates of its own."),
    "event_cancelled": _l("It is cancelled."),
    "event_over": _l("It is over."),
    "event_place_unknown": _l("No room of the house is named in “%(place)s”."),
    "only_half_days": _l(
        "%(space)s is booked by half-days, which meet at %(noon)s, or for the whole day."
    ),
    # calendar objects
    "object_no_event": _l("Only events can be kept here, no tasks and no notes."),
    "object_several": _l("One file has one event with all its dates; this one has several."),
    "object_without_uid": _l("The event has no name of its own (UID)."),
    "object_other_uid": _l("This is another event than the one that was here (UID)."),
    "object_times_mixed": _l("Start and end are both days, or both times of a day."),
    "object_following": _l(
        "Changing this and all following dates is understood once in a series that is booked"
        " already: end the series before that date, and add what follows as an event of its own."
    ),
    "object_many_changes": _l(
        "At most %(most)s single dates of a series can be changed at once: change the series as a"
        " whole, or the other dates after these."
    ),
    "notice_object_refused": _l("Not stored as your calendar app asked: %(event)s. %(why)s"),
    "notice_object_taken": _l(
        "Not stored as your calendar app asked: %(event)s. The time is taken."
        " Free instead: %(free)s."
    ),
    "uid_taken": _l("This event is in another calendar already."),
    # calendar links
    "detail_unknown": _l("Choose how much the calendar shows."),
    "too_many_links": _l("You have %(limit)s calendar links. Revoke one before you make another."),
    # calendar apps
    "access_unknown": _l("Choose whether the app may book, or only read."),
    "too_many_app_passwords": _l(
        "You have %(limit)s app passwords. Revoke one before you make another."
    ),
    "calendars_missing": _l("Choose at least one calendar."),
    "only_for_yourself": _l("An app password is made by the person it belongs to."),
    "notice_app_password": _l(
        "A calendar app can now open your calendars with a password of its own: %(device)s. If you"
        " did not make it, revoke it and change your password."
    ),
    # calendars of members on other servers
    "calendar_elsewhere": _l(
        "The calendars are at %(host)s. If you trust that server with your password, connect again:"
        " its address stands in the field now."
    ),
    "calendar_not_found": _l(
        "There are no calendars at this address. Look for the CalDAV address in the settings of"
        " your calendar."
    ),
    "calendar_not_made": _l(
        "This server does not let us make a calendar. Make one there, then choose it here."
    ),
    "calendar_connected": _l("You have connected this calendar already."),
    "calendar_ours": _l("This is our own address: choose a calendar that is elsewhere."),
    "nobody_chosen": _l("Choose at least one person."),
    "too_many_people": _l("At most %(limit)s people at a time."),
    "address_of_nobody": _l("Nobody here has the address %(email)s: invite them, and ask them."),
    "person_of_no_name": _l(
        "Nobody whom you can choose is called “%(name)s”: type the mail address."
    ),
    "too_many_calendars": _l("At most %(limit)s calendars of one connection count."),
    "busy_too_many": _l("This calendar has more than %(most)s busy times within two months."),
    "too_many_connections": _l("You have %(limit)s connected calendars: disconnect one first."),
    "remote_unwell": _l("The server did not answer as it should."),
    "remote_status": _l("The server answered with the error %(status)s."),
    "remote_unreadable": _l("The server answered with something that we cannot read."),
    "remote_too_big": _l("The server answered with more than %(most)s MB."),
    "remote_busy": _l("The server asks for a pause."),
    "remote_full": _l("There is no room left in your account on the server."),
    "remote_denied": _l(
        "The server does not accept the name and the password. Many servers want a password made"
        " for this purpose (“app password”)."
    ),
    "remote_token_denied": _l(
        "The server does not accept the token, or no longer: make a new one there."
    ),
    "remote_signed_out": _l(
        "The provider no longer lets us into your calendar. Please sign in there again."
    ),
    "token_invalid": _l("A token is one word, as the provider shows it: copy it whole."),
    "user_missing": _l("Type your name or your mail address at this provider."),
    "oauth_state": _l(
        "This sign-in was begun elsewhere, is too old, or was used already: begin again."
    ),
    "oauth_denied": _l(
        "Nothing was connected: at %(name)s you, or somebody for you, did not allow it."
    ),
    "oauth_code": _l("%(name)s no longer knows this sign-in: begin again."),
    "oauth_short": _l(
        "%(name)s would let us in for a short time only. Tell those who run this service: they have"
        " to ask it for lasting access."
    ),
    "oauth_client": _l(
        "%(name)s does not know this service, or not its key. Tell those who run this service."
    ),
    "oauth_error": _l("%(name)s answered with an error (%(error)s). Try again later."),
    "oauth_status": _l("%(name)s answered with the error %(status)s. Try again later."),
    "oauth_redirect": _l(
        "%(name)s sends us to another address, which we do not follow. Tell those who run this"
        " service."
    ),
    "oauth_unreadable": _l("%(name)s answered with something that we cannot read."),
    "oauth_gone": _l(
        "The provider of this calendar is no longer set up here. Tell those who run this service."
    ),
    "oauth_other_account": _l(
        "You signed in with another account: this calendar is not in it. Sign in with the account"
        " that it belongs to."
    ),
    "remote_forbidden": _l("The server does not let this account read or write the calendar."),
    "remote_gone": _l("The calendar is no longer there."),
    "remote_changed": _l("Somebody else changed the event at the same time."),
    "remote_refused": _l("The server does not take this event."),
    "remote_name_taken": _l("Something else is where this event should be."),
    "remote_token": _l("The server has forgotten what we knew: everything is looked at again."),
    "remote_owner_gone": _l("The account of its owner is closed."),
    "remote_key_lost": _l(
        "The key that sealed the password is no longer there. Type the password again."
    ),
    "remote_emptied": _l(
        "%(number)s of %(known)s events are gone in the other calendar. Nothing was changed here."
    ),
    "loss_accepted": _l("What is gone there is being looked at."),
    "sync_broken": _l("Something is wrong on our side. Administrators find it in the log."),
    "sync_again": _l("It works again."),
    "sync_put": _l("Put into the calendar: %(title)s"),
    "sync_changed": _l("Changed in the calendar: %(title)s"),
    "sync_taken_over": _l("Changed as in the calendar: %(title)s"),
    "sync_free_instead": _l("Free instead of %(title)s: %(free)s"),
    "sync_put_back": _l("Put back as it is booked: %(title)s"),
    "sync_cancelled": _l("Cancelled, as it was deleted in the calendar: %(title)s"),
    "sync_asks_edit": _l("Changed in the calendar, and waits for you: %(title)s"),
    "sync_asks_delete": _l("Deleted in the calendar, and waits for you: %(title)s"),
    "sync_booked": _l("Booked from the calendar: %(title)s"),
    "sync_not_booked": _l("Could not be booked from the calendar: %(title)s"),
    "sync_removed": _l("Taken out of the calendar"),
    "sync_not_removed": _l("The server does not let us take an event out of the calendar."),
    "sync_refused": _l("The server does not take this event: %(title)s"),
    "notice_calendar_stopped": _l(
        "Your calendar %(name)s (%(host)s) needs you: your bookings no longer appear there."
        " Its page says why."
    ),
    "notice_calendar_asks": _l(
        "%(title)s was changed or deleted in your calendar %(name)s. Say whether the booking shall"
        " follow."
    ),
    "notice_calendar_failing": _l(
        "Your calendar %(name)s (%(host)s) cannot be reached for an hour. We go on trying."
    ),
}
