"""Sentences of message codes: booking, changing and deciding."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

BOOKINGS: dict[str, LazyString] = {
    # conflicts and decisions
    "time_taken": _l("This time is already taken."),
    "stale_version": _l(
        "Somebody has changed this in the meantime. Look at it again, then repeat your change."
    ),
    "already_decided": _l("This request is no longer open: %(state)s."),
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
    # seasons
    "season_over": _l("Nobody asks about this series any more: it was answered, or has ended."),
    "season_day": _l("This month has no such day."),
    "season_warning": _l("Warn at least a day before."),
    "season_order": _l(
        "Ask earlier than that: there has to be time for an answer and a warning. At most %(most)s"
        " days before."
    ),
}
