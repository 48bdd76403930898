"""The sentence of each message code."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from booking.i18n.letting import LEASE_SENTENCES

SENTENCES: dict[str, LazyString] = {
    # conflicts and decisions
    "time_taken": _l("This time is already taken."),
    "stale_version": _l(
        "Somebody has changed this in the meantime. Look at it again, then repeat your change."
    ),
    "already_decided": _l("This request is no longer open: %(state)s."),
    # people who are invited, and their answers
    "invitee_missing": _l("Type at least one mail address."),
    "invitee_invalid": _l("This cannot be a mail address: %(email)s."),
    "invitees_too_many": _l("At most %(limit)s people can be invited to one booking."),
    "invitees_rate": _l("At most %(limit)s people can be invited within a day. Go on tomorrow."),
    "booking_over": _l("This booking is over or cancelled: nobody can be invited any more."),
    "answer_uninvited": _l("The person is not invited any more."),
    "answer_cancelled": _l("What it was about is cancelled."),
    "answer_old": _l("Time or place have changed since: the answer is about how it was before."),
    "answer_ahead": _l("The answer is about a version that does not exist."),
    "answer_repeated": _l("A newer answer was there before."),
    "answer_unknown": _l("The answer is about a booking that does not exist."),
    "answer_other_sender": _l("Its sender is not invited to what the answer is about."),
    "answer_unreadable": _l("There is no answer of its sender in it that can be read."),
    "mail_sender_unclear": _l("It is not clear who sent this."),
    "mail_from_ourselves": _l(
        "It comes from the house itself: nothing is done, so that no mail runs in a circle."
    ),
    "mail_automatic": _l("Written by a program: out of office, undelivered, a mailing list."),
    "mail_nothing": _l("There is no calendar object in it that wants something."),
    "mail_other_method": _l("The house does not know what to do with %(method)s."),
    "mail_unproven": _l("The mail server does not say that it comes from its sender."),
    "mail_too_many": _l("More than %(limit)s within a day of this sender."),
    "mail_not_member": _l("Its sender has no account here."),
    "mail_other_organizer": _l("Its sender is not the organizer of what it asks for."),
    "mail_no_room": _l("It asks for a room, but is addressed to none."),
    "mail_several_rooms": _l("It asks for several rooms at once: each has to be asked by itself."),
    "mail_other_room": _l(
        "The booking is in another room, and several are called %(name)s: cancel it, then ask anew."
    ),
    "mail_older": _l("It is older than what is known of the same booking."),
    "by_mail_off": _l("%(name)s cannot be booked by mail."),
    "mail_repeated": _l("A copy of a mail that was read before."),
    "mail_too_big": _l("Too big: a mail to the house has at most 5 MB."),
    "answer_no_date": _l("The booking has no such date."),
    # seasons
    "season_over": _l("Nobody asks about this series any more: it was answered, or has ended."),
    "season_day": _l("This month has no such day."),
    "season_warning": _l("Warn at least a day before."),
    "season_order": _l(
        "Ask earlier than that: there has to be time for an answer and a warning. At most %(most)s"
        " days before."
    ),
    # parts and lanes of spaces
    "parts_taken": _l("Bookings that are in the way: %(number)s. Move or cancel them first."),
    "answer_missing": _l("Bookings that this changes: %(number)s. Say whether it shall be so."),
    "space_contains_itself": _l("A space cannot be a part of itself."),
    "space_is_a_part": _l(
        "This space is a part of %(name)s: take it out of there first, or divide it."
    ),
    "space_has_lanes": _l(
        "A combined space admits one booking at a time, and so does a room that is divided:"
        " set that first."
    ),
    "lanes_of_combined": _l("A combined space admits one booking at a time."),
    "lanes_out_of_range": _l("A space admits 1 to %(limit)s bookings at a time."),
    "combine_too_few": _l("Choose at least two spaces."),
    "divide_too_few": _l("Give at least two names: the rooms that it is divided into."),
    "divide_same_names": _l("Each room needs a name of its own."),
    # shapes of spaces
    "shape_outside": _l("%(name)s leaves the floor."),
    "shape_crosses": _l("The walls of %(name)s cross each other."),
    "shape_empty": _l("%(name)s has no area."),
    "shape_corners": _l("%(name)s has more than %(most)s corners."),
    "shape_invalid": _l("The corners of %(name)s are not understood: write x y; x y; x y."),
    "shape_of_combined": _l("%(name)s consists of other spaces: draw those."),
    "shapes_overlap": _l("%(name)s and %(other)s overlap."),
    "space_on_other_floor": _l("%(name)s is on another floor."),
    "drawing_too_big": _l("A drawing has at most %(limit)s MB."),
    "drawing_too_many": _l("A drawing has at most %(most)s elements: simplify it."),
    "drawing_unreadable": _l("This is no SVG that can be read."),
    "drawing_entities": _l("This SVG declares a document type or entities: save it as plain SVG."),
    "too_many_screens": _l("This house has %(limit)s screens: revoke one that is gone."),
    "redrawn": _l(
        "Somebody has changed the same spaces in the meantime. Nothing of yours is lost:"
        " what is stored now stands beside it. Save again to put yours in its place."
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
    "notice_calendar_refused": _l(
        "What you changed in your calendar could not be done here: %(title)s. %(reason)s"
    ),
    "notice_calendar_asks": _l(
        "%(title)s was changed or deleted in your calendar %(name)s. Say whether the booking shall"
        " follow."
    ),
    "notice_calendar_failing": _l(
        "Your calendar %(name)s (%(host)s) cannot be reached for an hour. We go on trying."
    ),
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
    # permanences
    "permanence_once": _l("A permanence has more than one date: say how often it is."),
    "permanence_is_public": _l(
        "A permanence is read by everybody: visitors come because of it. To hide it, end it."
    ),
    "permanence_not_yours": _l("Only the organisation itself may do that, or who runs the house."),
    "organisation_missing": _l("Choose the organisation."),
    "appointment_unreachable": _l(
        "Say how an appointment is made: a link, a telephone number or an e-mail address."
    ),
    "phone_invalid": _l("This is no telephone number. It looks like +33 4 75 00 00 00."),
    "link_invalid": _l("Give a whole address that begins with https://."),
    "expected_outside": _l("Choose a time between its start and its end."),
    # calendar objects
    "object_no_event": _l("Only events can be kept here, no tasks and no notes."),
    "object_several": _l("One file has one event with all its dates; this one has several."),
    "object_without_uid": _l("The event has no name of its own (UID)."),
    "object_other_uid": _l("This is another event than the one that was here (UID)."),
    "object_times_mixed": _l("Start and end are both days, or both times of a day."),
    "object_following": _l(
        "Changing this and all following dates at once is not understood from a calendar program."
    ),
    "notice_object_refused": _l("Not stored as your calendar app asked: %(event)s. %(why)s"),
    "notice_object_taken": _l(
        "Not stored as your calendar app asked: %(event)s. The time is taken."
        " Free instead: %(free)s."
    ),
    "uid_taken": _l("This event is in another calendar already."),
    # booking requests
    "title_missing": _l("Say what the booking is for."),
    "title_too_long": _l("At most %(limit)s characters, please."),
    "note_too_long": _l("At most %(limit)s characters, please."),
    "reason_too_long": _l("At most %(limit)s characters, please."),
    "reason_missing": _l("Give a reason."),
    "space_missing": _l("Choose a room."),
    "space_unknown": _l("There is no such room."),
    "own_room_gone": _l(
        "The date of %(start)s has a room of its own, %(space)s, which cannot be booked any more:"
        " give that date another room, or cancel it, then change the series."
    ),
    "space_not_bookable": _l("%(space)s cannot be booked."),
    "spaces_of_several_sites": _l("The rooms of one booking are all in the same house."),
    "too_many_spaces": _l("At most %(limit)s rooms in one booking."),
    "date_missing": _l("Choose a day."),
    "date_invalid": _l("There is no such day in the calendar."),
    "time_missing": _l("Choose a time."),
    "time_invalid": _l("There is no such time of the day."),
    "number_invalid": _l("Write a whole number."),
    "too_many_categories": _l("There are %(limit)s categories already: rename one of them."),
    "last_site": _l("One house at least must be in use."),
    "site_in_use": _l("Somebody has booked there from now on: move or cancel that first."),
    "last_category": _l("One category at least must be offered."),
    "choice_invalid": _l("Choose one of the possibilities."),
    "length_missing": _l("Say how long."),
    "hours_too_short": _l("The booking is longer than the hours that it shall lie in."),
    "last_before_first": _l("The last day lies before the first."),
    "too_many_days": _l("At most %(most)s days at a time: choose fewer."),
    "end_before_start": _l("The end lies before the start. Check both times."),
    "too_long": _l("A booking lasts at most %(days)s days. For longer, repeat it."),
    "in_the_past": _l("This time is already over."),
    "beyond_horizon": _l("Bookings are open until %(last)s."),
    "time_in_gap": _l(
        "At %(at)s the clocks go forward, so this hour does not exist. Choose another time."
    ),
    "time_out_of_range": _l("This time is too far away to be calculated with."),
    "malformed_rule": _l("This way of repeating is not understood: %(part)s."),
    "unsupported_rule": _l("This way of repeating is not possible here: %(part)s."),
    "interval_out_of_range": _l("The step between dates lies between 1 and %(most)s."),
    "count_out_of_range": _l("A series has between 1 and %(most)s dates."),
    "count_and_until": _l("A series ends on a date or after a number of times, not both."),
    "no_such_day": _l("There is no such day in any month."),
    "mixed_weekdays": _l("Choose every such weekday or the nth of the month, not both."),
    "empty_series": _l("This rule yields no date."),
    "too_many_dates": _l("A series has at most %(most)s dates."),
    "beyond_edge": _l("Bookings are open until %(last)s: end the series by then."),
    "overlapping_series": _l("Dates of this series would overlap each other."),
    "all_dates_left_out": _l("Nothing is left: every date of the rule is a day off."),
    "school_file": _l("The school holidays cannot be read. The house's file: %(reason)s."),
    "nth_missing": _l("Tick at least one: the first, the second …"),
    "further_date_before": _l(
        "Further dates lie after the first one, %(first)s: choose the earliest as its day."
    ),
    "two_dates_a_day": _l(
        "This series has two dates on one day: a booking of its own can do that."
    ),
    "rule_not_movable": _l("This series cannot simply move to another day: choose its days anew."),
    "spaces_share_parts": _l("These rooms share a part: choose the combined one."),
    "all_dates_skipped": _l("No date is left to book."),
    "no_date_chosen": _l("Tick at least one date that waits."),
    "proposal_same": _l("This is what was asked for. Choose another time or another room."),
    "too_many_proposals": _l(
        "%(most)s proposals are open for this request. Withdraw one before you make another."
    ),
    "attendance_invalid": _l("The number of people lies between 1 and %(limit)s."),
    "organisation_not_yours": _l("You can only book for an organisation that you belong to."),
    "person_not_of_organisation": _l("You can only book for a person of the same organisation."),
    "request_key_invalid": _l("The form is no longer valid. Open it again."),
    "site_cannot_change": _l("A booking stays in its house. Make a new one there."),
    "space_twice": _l("This booking has that room already."),
    "series_cannot_move": _l("This is one date of a series. Open it to change the series."),
    "not_a_series": _l("This booking has a single date. Change the booking itself."),
    "date_given_up": _l("This date was cancelled or left out. Bring it back first."),
    "date_not_given_up": _l("This date takes place, or an approver has refused it."),
    "all_day_date": _l("This series is about whole days, and so are all of its dates."),
    "date_not_begun": _l("Nobody can have come yet: this date has not begun."),
    "not_open": _l("This booking is over or was cancelled, it cannot be changed."),
    "approval_always": _l("%(space)s needs the agreement of an approver."),
    "approval_outsider": _l(
        "%(space)s needs the agreement of an approver for people from outside."
    ),
    "approval_longer": _l("It needs approval because it is longer than %(length)s in %(space)s."),
    "approval_before": _l("It needs approval because it starts before %(clock)s in %(space)s."),
    "approval_after": _l("It needs approval because it ends after %(clock)s in %(space)s."),
    "approval_closed_day": _l("It needs approval because %(space)s is not open on %(day)s."),
    "approval_holiday": _l("It needs approval because %(day)s is a public holiday: %(holiday)s."),
    "approval_capacity": _l(
        "It needs approval because more people are expected than the %(places)s of %(space)s."
    ),
    # rules of a room that refuse
    "not_for_you": _l("%(space)s is kept for others of the house. Choose another room."),
    "over_capacity": _l(
        "%(space)s has places for %(places)s. Choose a larger room or expect fewer people."
    ),
    "too_short_here": _l("%(space)s is booked for %(length)s or longer."),
    "too_long_here": _l("%(space)s is booked for %(length)s at most."),
    "too_late_here": _l("%(space)s is booked %(length)s ahead or earlier. Choose a later time."),
    "too_early_here": _l("%(space)s is booked %(length)s ahead at most. Choose an earlier time."),
    "closed_day": _l("%(space)s is not open on %(day)s. Choose another day."),
    "before_opening": _l("%(space)s opens at %(clock)s on %(day)s."),
    "after_closing": _l("%(space)s closes at %(clock)s on %(day)s."),
    "on_holiday": _l("%(day)s is a public holiday: %(holiday)s. Choose another day."),
    # fair use
    "use_included": _l(
        "%(account)s: %(used_hours)s of the %(most_hours)s included in %(month)s are used;"
        " this takes %(takes_hours)s."
    ),
    "use_month_hours": _l(
        "%(account)s: %(used_hours)s of %(most_hours)s in %(month)s are used;"
        " this takes %(takes_hours)s."
    ),
    "use_week_hours": _l(
        "%(account)s: %(used_hours)s of %(most_hours)s in the week of %(week)s are used;"
        " this takes %(takes_hours)s."
    ),
    "use_month_peak": _l(
        "%(account)s: %(used_hours)s of %(most_hours)s at peak times in %(month)s are used;"
        " this takes %(takes_hours)s."
    ),
    "use_week_peak": _l(
        "%(account)s: %(used_hours)s of %(most_hours)s at peak times in the week of %(week)s"
        " are used; this takes %(takes_hours)s."
    ),
    "use_month_dates": _l(
        "%(account)s: %(used)s of %(most)s bookings in %(month)s are made; this adds %(takes)s."
    ),
    "use_week_dates": _l(
        "%(account)s: %(used)s of %(most)s bookings in the week of %(week)s are made;"
        " this adds %(takes)s."
    ),
    "use_coming": _l(
        "%(account)s: %(used)s of %(most)s bookings to come are made; this adds %(takes)s."
    ),
    "limits_included": _l("The rent includes more than may be booked. Change one of them."),
    "limits_no_peak": _l("Hours at peak times are limited: choose the days of these times."),
    "weight_invalid": _l("An hour counts 0 to %(most)s times."),
    # rules of a room that cannot be kept
    "policy_invalid": _l("This rule is not understood. Set it again."),
    "policy_lengths": _l("The longest booking is shorter than the shortest. Change one of them."),
    "policy_lead": _l("Nothing could be booked: it would have to come earlier than it may."),
    "policy_ask_longer": _l("Nothing is that long: the longest booking is shorter."),
    "policy_never_open": _l("The room would never be open. Give hours for one day at least."),
    "policy_hours": _l("The room closes after it opens. Check the hours of each day."),
    "policy_insiders": _l("Say too that the others need approval, or name no organisation."),
    "policy_nobody": _l("Nobody could book: there is no such organisation."),
    "policy_reminder": _l("The reminder would come before the request. Make it shorter."),
    # sites and spaces
    "zone_unknown": _l("There is no time zone %(zone)s."),
    "hours_invalid": _l("The house closes after it opens. Check both times."),
    "number_out_of_range": _l("A number from %(least)s to %(most)s, please."),
    "text_too_long": _l("At most %(limit)s characters, please."),
    "features_too_many": _l(
        "At most %(most)s words for the equipment, each of at most 40 letters."
    ),
    "country_invalid": _l(
        "Two letters for the country, such as FR, and the short code of a region."
    ),
    "decimal_invalid": _l("Write a number, such as 2 or 1.5."),
    "length_invalid": _l("At least a minute, or nothing at all."),
    "requests_open": _l(
        "Requests that are open: %(number)s. Decide them first, then change whether they hold"
        " their time."
    ),
    "space_invalid": _l("A room cannot be like that. Check colour, places and parts."),
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
    # permissions
    "sign_in_first": _l("Sign in first."),
    "not_your_booking": _l("Only the people of this booking may do that."),
    "not_your_decision": _l("Only an approver of this room may decide that."),
    "admins_only": _l("Only an administrator may do that."),
    # house
    "lease_lost": _l("Somebody else has taken this over."),
    "service_down": _l("The service cannot store anything right now. Nothing was changed."),
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
    # waiting list
    "notice_slot_offered": _l(
        "Free for you: %(title)s, %(space)s, %(start)s. It is held for you until %(at)s; after"
        " that it is offered to the next in line."
    ),
    "notice_claimed": _l(
        "From the waiting list: %(title)s, %(space)s, %(start)s became free and is booked for you."
    ),
    "notice_claim_asked": _l(
        "From the waiting list: %(title)s, %(space)s, %(start)s became free and is asked for. An"
        " approver has to agree."
    ),
    "notice_waiting_over": _l(
        "You waited for %(title)s, %(space)s, %(start)s. Its time has come, and nobody gave it"
        " back."
    ),
    "notice_offer_over": _l(
        "%(title)s, %(space)s, %(start)s was held for you. Nobody answered, so it went to the next"
        " in line."
    ),
    "wait_for_series": _l(
        "One waits for a single date. Of a series, book the other dates: those that are taken can"
        " wait."
    ),
    "wait_is_free": _l("This time is free: you can book it."),
    "wait_is_yours": _l("You have this time already."),
    "wait_twice": _l("You wait for this already."),
    "wait_over": _l("Nothing is waited for here any more."),
    "too_many_waits": _l(
        "You wait for %(limit)s times already. Leave one of them before you wait for another."
    ),
    "not_your_place": _l("Only the person who waits may do that."),
    "notice_expired": _l(
        "Nobody decided in time: %(title)s, %(space)s, %(start)s. Ask again, or call the house."
    ),
    "check_in_not_now": _l(
        "There is nothing to check in for now: it is too early, too late, or not asked for."
    ),
    "notice_no_show": _l(
        "Nobody checked in, so the time went to others: %(title)s, %(space)s, %(start)s."
    ),
    "notice_no_shows": _l(
        "Nobody came to %(title)s, %(space)s, on %(number)s dates, the last on %(start)s. Is the"
        " series still needed? Without an answer it stays; if it is not, please end it."
    ),
    "notice_season_asked": _l(
        "Does %(title)s, %(space)s, go on next season? Please answer by %(answer_by)s. Without an"
        " answer it ends on %(last)s, and its place is free for others."
    ),
    "notice_season_warned": _l(
        "You have not answered yet: %(title)s, %(space)s, ends on %(last)s, unless you keep it by"
        " %(answer_by)s."
    ),
    "notice_season_ended": _l(
        "Nobody answered, so %(title)s, %(space)s, ends on %(last)s. What came later is free for"
        " others."
    ),
    "notice_season_kept": _l("%(actor)s keeps %(title)s, %(space)s, for the next season."),
    "notice_season_given_back": _l(
        "%(actor)s gives back the place of %(title)s, %(space)s: it ends on %(last)s."
    ),
    "notice_expiring": _l(
        "Decide by %(at)s, or the request expires: %(title)s, %(space)s, %(start)s."
    ),
    "notice_handed_over": _l(
        "%(actor)s hands a booking over to you: %(title)s, %(space)s, %(start)s. %(words)s"
    ),
    "notice_handed_on": _l(
        "%(actor)s handed your booking over to %(person)s: %(title)s, %(space)s, %(start)s."
    ),
    "handed_over_already": _l("It is this person’s booking already. Choose another one."),
    "person_missing": _l("Choose a person."),
    "notice_swap_proposed": _l(
        "%(actor)s proposes a swap: your %(title)s, %(space)s, %(start)s, for %(instead)s, %(at)s."
        " Agree or decline on the page of your booking. %(words)s"
    ),
    "notice_swapped": _l("Swapped, as %(actor)s agreed: %(title)s is now in %(space)s, %(start)s."),
    "notice_swap_declined": _l(
        "%(actor)s does not want to swap: %(title)s stays as it is, %(space)s, %(start)s."
    ),
    "swap_void": _l("One of the two bookings has changed since. Propose the swap anew."),
    "swap_over": _l("This proposal was open until now. Propose the swap anew."),
    "swap_choose": _l("Choose one of your bookings."),
    "swap_other_site": _l("Only bookings of the same house can be swapped."),
    "swap_same_person": _l("Both bookings are the same person’s. Change them."),
    "swap_begun": _l("One of the two has begun already."),
    "swap_unconfirmed": _l("Only confirmed bookings can be swapped."),
    "swap_all_day": _l("A date of a series stays all day, or not: these two cannot be swapped."),
    "swap_nobody": _l("One of the two bookings belongs to nobody who could have the other place."),
    "swap_refused": _l("By the rules of the house %(person)s cannot have the other place."),
    "swap_needs_approval": _l(
        "An approver would have to agree that %(person)s has the other place. Ask for it instead."
    ),
    "too_many_swaps": _l(
        "%(most)s proposals for this booking are open. Withdraw one before you make another."
    ),
    "placeholder_unknown": _l("This mail does not know %(name)s. It can name: %(known)s"),
    "mail_choice_unknown": _l("Choose one of the times in the list."),
    "floor_in_use": _l("%(number)s spaces are on this floor. Move them to another one first."),
    "photo_missing": _l("Choose a photo first."),
    "photo_too_big": _l("A photo has at most %(limit)s MB. Save it smaller, then choose it again."),
    "photo_too_large": _l("This photo has too many pixels: at most %(limit)s million."),
    "photo_unreadable": _l("This is no photo that can be read. Choose a JPEG, PNG or WebP file."),
    # accounts
    "sign_in_failed": _l("This address and this password do not belong together. Try again."),
    "too_many_attempts": _l("Too many tries. Wait %(minutes)s min, then try again."),
    "email_missing": _l("Give an e-mail address."),
    "email_invalid": _l("This is no e-mail address. It looks like name@example.org."),
    "email_taken": _l("There is an account with this address already."),
    "list_empty": _l("Choose a file with a line of headings and at least one line below."),
    "list_too_big": _l("This file is larger than %(limit)s kB. Choose a list without pictures."),
    "list_too_long": _l("At most %(limit)s rows at a time. Divide the list into several files."),
    "list_unreadable": _l(
        "This is no list, or it is damaged. Save it as .xlsx or CSV, then choose it."
    ),
    "list_row_unreadable": _l("Row %(row)s cannot be read: a quotation mark has no partner."),
    "list_old_excel": _l(
        "This is a file of an old Excel (.xls). Save it as .xlsx, then choose it."
    ),
    "list_locked": _l("This file is locked with a password. Save it without one."),
    "list_too_much": _l(
        "There is far more in this file than a list. Copy the list to an empty spreadsheet."
    ),
    "list_column_twice": _l(
        "Columns %(first)s and %(second)s are the same (“%(name)s”). Remove one of them."
    ),
    "list_column_needed": _l(
        "There is no column “%(column)s”. One row of the file names the columns."
    ),
    "sheet_has_errors": _l(
        "Rows to be mended: %(number)s. Mend them in the file, or write the others only."
    ),
    "sheet_busy": _l("Another table is being written at this moment. Try again in a minute."),
    "cell_missing": _l("This is needed here."),
    "cell_formula": _l(
        "“%(text)s” is a formula without a result. Save the file in the spreadsheet, or write"
        " the value."
    ),
    "cell_day": _l("“%(text)s” is no day. Write it as 31/12/2027 or 2027-12-31."),
    "cell_number": _l("“%(text)s” is no number that can stand here."),
    "cell_yes_no": _l("“%(text)s” is neither yes nor no."),
    "cell_share": _l("“%(text)s” is no share. Write it as 1/2 or 50 %%, as a text."),
    "cell_weekday": _l("“%(text)s” is no day of the week."),
    "cell_choice": _l("“%(text)s” is not known here. The columns are explained below the form."),
    "cell_floor": _l("There is no floor “%(text)s”. Add it under “Floors” first."),
    "cell_space": _l("There is no space “%(text)s” in this house. Add it first."),
    "cell_organisation": _l("There is no organisation “%(text)s”. Add it first."),
    "row_archived": _l("It is archived. Bring it back first."),
    "row_which": _l("There are %(number)s of this name. Give each a name of its own first."),
    "row_twice": _l("Row %(row)s is about the same already."),
    "row_let": _l("%(organisation)s has it by a lease from %(first)s on."),
    "row_let_above": _l("Row %(row)s lets it already, from %(first)s on."),
    "list_column_missing": _l(
        "A column named “email” is missing. The first line names the columns."
    ),
    "list_column_unknown": _l(
        "“%(name)s” cannot be a heading here. The first line names the columns, each once:"
        " email, name, organisation, role."
    ),
    "list_has_errors": _l(
        "Lines with mistakes: %(number)s. Mend them in the file and choose it again."
    ),
    "guest_organisation_unknown": _l("There is no organisation “%(name)s”. Add it first."),
    "guest_role_unknown": _l("“%(name)s” is no role. Write manager, or nothing."),
    "guest_manages_nothing": _l("A manager needs an organisation."),
    "name_missing": _l("Give a name."),
    "name_taken": _l("This name is taken: %(name)s."),
    "text_unprintable": _l("Some of these characters cannot be shown. Write it anew."),
    "name_too_long": _l("At most %(limit)s characters, please."),
    "password_too_short": _l("A password has at least %(limit)s characters."),
    "password_too_long": _l("A password has at most %(limit)s characters."),
    "password_is_email": _l("Your name or address is the first thing that others would try."),
    "password_too_common": _l("This password is easy to guess. Three or four words are better."),
    "password_wrong": _l("This is not your present password."),
    "not_your_organisation": _l(
        "Only the managers of this organisation or an administrator may do that."
    ),
    "follow_own_organisations": _l(
        "Only the people of an organisation, and administrators, can follow its calendar."
    ),
    "too_many_origins": _l("Not more than %(limit)s websites."),
    "origin_invalid": _l("%(origin)s is no address of a website, such as https://example.org."),
    "managers_only": _l("Only the managers of an organisation or an administrator see this."),
    "house_has_people": _l("This house has accounts already. Its administrators invite people."),
    "last_admin": _l("Somebody has to run the house: name another administrator first."),
    "not_yourself": _l("You cannot close your own account. Another administrator can."),
    "role_invalid": _l("This role cannot be given like that."),
    "language_unknown": _l("Choose one of the languages."),
    "theme_unknown": _l("Choose one of the themes."),
    **LEASE_SENTENCES,
}
