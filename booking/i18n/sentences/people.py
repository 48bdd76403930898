"""Sentences of message codes: accounts, invitations and permissions."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

PEOPLE: dict[str, LazyString] = {
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
    # permissions
    "sign_in_first": _l("Sign in first."),
    "not_your_booking": _l("Only the people of this booking may do that."),
    "not_your_decision": _l("Only an approver of this room may decide that."),
    "admins_only": _l("Only an administrator may do that."),
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
    "mail_many_rooms": _l("It asks for more than %(most)s rooms at once: ask for fewer of them."),
    "mail_other_room": _l(
        "Several rooms are called %(name)s: cancel the booking, then ask for each room anew."
    ),
    "mail_older": _l("It is older than what is known of the same booking."),
    "by_mail_off": _l("%(name)s cannot be booked by mail."),
    "mail_repeated": _l("A copy of a mail that was read before."),
    "mail_too_big": _l("Too big: a mail to the house has at most 5 MB."),
    "answer_no_date": _l("The booking has no such date."),
}
