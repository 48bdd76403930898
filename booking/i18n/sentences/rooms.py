"""Sentences of message codes: sites, spaces, their rules, parts and shapes."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ROOMS: dict[str, LazyString] = {
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
}
