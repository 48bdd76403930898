"""What a calendar file may have: far above honest ones, low enough that reading it ends."""

MOST_BYTES = 50 * 1024 * 1024
MOST_EVENTS = 100_000
# A picture in base64 is one line; what is longer is passed over.
MOST_LINE = 256 * 1024
MOST_EVENT_BYTES = 2 * 1024 * 1024
MOST_DEPTH = 6  # VCALENDAR, VEVENT, VALARM, and room for what others invent
MOST_TIMEZONES = 200
MOST_TIMEZONE_BYTES = 64 * 1024
MOST_VERSIONS = 2_000  # of one UID: its series and the dates that differ
MOST_LISTED = 2_000  # dates in RDATE or EXDATE
MOST_CATEGORIES = 20
MOST_UID = 255
